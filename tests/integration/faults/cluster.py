"""Three brokers of a test's own, each reached directly or over a network that can fail."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kafka import KafkaAdminClient

from ledger.cluster.place import Place
from ledger.cluster.topics import create
from scripts.kafka.broker import QUICK, Broker, Door, cluster, free_port
from tests.integration.faults.proxy import Proxy
from tests.waiting import until

SIZE = 3


class Cluster(NamedTuple):
    """The brokers by their number, and the network before each."""

    brokers: dict[int, Broker]
    network: dict[int, Proxy]

    def place(self) -> Place:
        """A place with fresh topics of three replicas each."""
        self.whole()
        found = Place(",".join(one.servers for one in self.brokers.values()), _name())
        create(found)
        return found

    def over_the_network(self, place: Place) -> Place:
        """The same topics, over the network."""
        return place._replace(
            servers=",".join(f"127.0.0.1:{one.port}" for one in self.network.values())
        )

    def leader(self, place: Place) -> int:
        """The number of the broker that leads the chain's topic; 0 while none does."""
        (found,) = self._described(place.servers, [place.chain])
        return int(found["partitions"][0]["leader_id"])

    def followers(self, place: Place) -> list[int]:
        """The others."""
        leader = self.leader(place)
        return [number for number in self.brokers if number != leader]

    def whole(self) -> None:
        """Wait until every broker is up and every replica is in step again."""
        servers = ",".join(one.servers for one in self.brokers.values())
        until(lambda: self._in_step(servers), "all replicas in step")

    def _in_step(self, servers: str) -> bool:
        admin = KafkaAdminClient(bootstrap_servers=servers)
        try:
            brokers = admin.describe_cluster()["brokers"]
            topics = admin.describe_topics([t for t in admin.list_topics() if t.startswith("c-")])
        finally:
            admin.close()
        return len(brokers) == SIZE and all(
            len(part["isr_nodes"]) == SIZE for topic in topics for part in topic["partitions"]
        )

    def _described(self, servers: str, topics: list[str]) -> list[dict[str, Any]]:
        admin = KafkaAdminClient(bootstrap_servers=servers)
        try:
            return list(admin.describe_topics(topics))
        finally:
            admin.close()


@contextmanager
def three_brokers(folder: Path) -> Iterator[Cluster]:
    """A cluster that notices within seconds what is gone, and a network before each broker."""
    doors = {n: Door("PROXIED", free_port(), free_port()) for n in range(1, SIZE + 1)}
    with cluster(folder, SIZE, doors={n: [d] for n, d in doors.items()}, settings=QUICK) as made:
        network = {number: Proxy(door.told, door.port) for number, door in doors.items()}
        try:
            yield Cluster({broker.number: broker for broker in made}, network)
        finally:
            for proxy in network.values():
                proxy.close()


def _name() -> str:
    return f"c-{secrets.token_hex(4)}"
