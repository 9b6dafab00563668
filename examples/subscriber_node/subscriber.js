// Follows PREFIX.events of an attribution ledger and keeps who holds the DPOR of each subscription.
//
//   npm ci && node subscriber.js HOST:PORT PREFIX.events [--once]
//
// Prints one JSON object: {"position", "commit", "holders": {SUBSCRIPTION: LOCATION}}; with --once at the
// topic's end, else after each batch. docs/subscribe.md has the rule. Stops at an event that changes
// holders in a way this example doesn't know, rather than showing a wrong holder.
import { Kafka, logLevel } from "kafkajs";

const [server, topic, once] = process.argv.slice(2);
const kafka = new Kafka({ clientId: "subscriber-node", brokers: [server], logLevel: logLevel.ERROR });

let last = 0; // keep these two beside your own state, in one transaction
let commit = "";
const holders = new Map();

const handlers = {
  "dpor.set.v1": (data) => holders.set(data.subscription, data.location),
  "dpor.removed.v1": (data) => holders.delete(data.subscription),
  "subscription.started.v1": (data) => data.dpor && holders.set(data.subscription, data.dpor),
  "subscription.moved.v1": (data) => holders.delete(data.subscription),
  "subscription.ended.v1": (data) => holders.delete(data.subscription),
};
const unknownHere = /^(fact|location\.(deleted|moved|repointed)|organisation\.merged)\b/;

function receive(message) {
  const header = (name) => message.headers[name]?.toString();
  if (header("ce_position") !== String(last + 1)) return; // a repeat, or not its turn
  if (last && header("ce_commit") !== commit && header("ce_prev") !== commit) {
    throw new Error(`the log was restored: position ${last + 1} does not follow`);
  }
  const type = header("ce_type");
  if (unknownHere.test(type)) throw new Error(`position ${last + 1}: ${type} is not known here`);
  handlers[type]?.(JSON.parse(message.value.toString()));
  last += 1;
  commit = header("ce_commit");
}

const show = () =>
  console.log(JSON.stringify({ position: last, commit, holders: Object.fromEntries([...holders].sort()) }));

async function end() {
  const admin = kafka.admin();
  await admin.connect();
  const [{ high }] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return Number(high);
}

const upto = await end();
if (once && upto === 0) {
  show();
  process.exit(0);
}
const consumer = kafka.consumer({ groupId: `subscriber-node-${process.pid}` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false, // the position beside your state is what counts
  eachBatch: async ({ batch }) => {
    try {
      batch.messages.forEach(receive);
    } catch (error) {
      console.error(error.message);
      process.exit(1);
    }
    if (!once || Number(batch.lastOffset()) + 1 >= upto) show();
    if (once && Number(batch.lastOffset()) + 1 >= upto) process.exit(0);
  },
});
