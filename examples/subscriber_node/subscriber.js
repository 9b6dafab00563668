// Follows PREFIX.events of an attribution ledger and keeps who holds the DPOR of each subscription.
//
//   npm ci && node subscriber.js HOST:PORT PREFIX.events [--once] [--state FILE]
//
// Prints one JSON object: {"position", "commit", "holders": {SUBSCRIPTION: LOCATION}}; with --once at the
// topic's end, else after each batch. --state keeps that object in a file and goes on from it the next time.
// docs/subscribe.md has the rule. Stops at an event that changes holders in a way this example doesn't know,
// rather than showing a wrong holder.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Kafka, logLevel } from "kafkajs";

function fail(message) {
  console.error(message);
  process.exit(1);
}

function asked() {
  try {
    const options = { once: { type: "boolean" }, state: { type: "string" } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length === 2) return { server: positionals[0], topic: positionals[1], ...values };
  } catch {
    // An option that there is not.
  }
  return fail("Use: node subscriber.js HOST:PORT PREFIX.events [--once] [--state FILE]");
}

const { server, topic, once, state: file } = asked();
const kafka = new Kafka({
  clientId: "subscriber-node",
  brokers: [server],
  logLevel: logLevel.NOTHING,
  retry: { retries: 3 },
});

const kept =
  file && existsSync(file) ? JSON.parse(readFileSync(file)) : { position: 0, commit: "", holders: {} };
let { position: last, commit } = kept;
const holders = new Map(Object.entries(kept.holders));

// Position, commit and what was made of the events are one file, replaced in one step: so is each event's
// effect there once. In a database, write them in one transaction.
function keep() {
  const state = JSON.stringify({ position: last, commit, holders: Object.fromEntries([...holders].sort()) });
  if (file) {
    writeFileSync(`${file}.new`, state);
    renameSync(`${file}.new`, file);
  }
  return state;
}

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
  if (commit && header("ce_commit") !== commit && header("ce_prev") !== commit) {
    throw new Error(`the log was restored: position ${last + 1} does not follow`);
  }
  const type = header("ce_type");
  if (unknownHere.test(type)) throw new Error(`position ${last + 1}: ${type} is not known here`);
  handlers[type]?.(JSON.parse(message.value.toString()));
  last += 1;
  commit = header("ce_commit");
}

async function end() {
  const admin = kafka.admin();
  await admin.connect();
  const [{ high }] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return Number(high);
}

async function follow() {
  const upto = await end();
  if (upto < last) fail(`the topic ends at ${upto}, before position ${last}: it was made anew`);
  if (once && upto === last) {
    console.log(keep());
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
        fail(error.message);
      }
      const state = keep();
      const atEnd = Number(batch.lastOffset()) + 1 >= upto;
      if (!once || atEnd) console.log(state);
      if (once && atEnd) process.exit(0);
    },
  });
  // The record of a position never lies before the offset of the same number.
  consumer.seek({ topic, partition: 0, offset: String(last) });
}

follow().catch((error) => fail(`${server}, ${topic}: ${error.message}`));
