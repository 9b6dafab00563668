"""Somebody who may write to the chain's topic and writes what no node would."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from secrets import token_hex
from types import TracebackType
from typing import Any, NamedTuple, Self

import orjson
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from ledger.cluster.place import Place
from ledger.log.chain import Head, judge, seal
from ledger.log.frame import EventBytes, Unparsable, parse
from tests.waiting import PATIENCE_SECONDS


class Foreign(NamedTuple):
    """A record that must not count: its key, its value, its headers."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class Meddler:
    """Reads the topic's tail and sends what it likes; each record is acknowledged by the broker."""

    def __init__(self, place: Place, seed: int) -> None:
        self.random = Random(seed)
        self._at = TopicPartition(place.chain, 0)
        self._producer = KafkaProducer(
            bootstrap_servers=place.servers, acks="all", max_request_size=2**21
        )
        self._consumer = KafkaConsumer(bootstrap_servers=place.servers)
        self._consumer.assign([self._at])

    def __enter__(self) -> Self:
        """Closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the connections go."""
        self._producer.close()
        self._consumer.close()

    def send(self, *records: Foreign) -> None:
        """Send records, in order, and wait until they lie in the topic."""
        for value, key, headers in records:
            self._producer.send(
                self._at.topic, value, key=key, headers=list(headers), partition=0
            ).get(timeout=PATIENCE_SECONDS)

    def repeat(self) -> None:
        """Send one of the latest records again, once or some times."""
        value = self.random.choice(self.tail(20))
        self.send(*[Foreign(value)] * self.random.randint(1, 3))

    def tail(self, most: int) -> list[bytes]:
        """The values of the latest records, the last one last."""
        end = self._consumer.end_offsets([self._at])[self._at]
        self._consumer.seek(self._at, max(0, end - most))
        found: list[bytes] = []
        while self._consumer.position(self._at) < end:
            found += [one.value for one in self._consumer.poll(timeout_ms=500).get(self._at, ())]
        return found

    def latest(self) -> tuple[bytes, Head]:
        """A commit near the end, and a head that would follow it had it been accepted."""
        for value in reversed(self.tail(50)):
            frame = parse(value or b"")
            if isinstance(frame, Unparsable):
                continue
            verdict = judge(Head(frame.first - 1, frame.prev), value)
            return value, verdict.head  # type: ignore[union-attr]  # it follows what it names
        raise AssertionError("the topic holds commits")


def event(name: str, data: Any = None) -> EventBytes:
    """An event that no command made."""
    own_id = f"stranger-{token_hex(8)}"
    attributes = {"tags": [], "type": name, "actor": "stranger", "command_id": own_id}
    return EventBytes(orjson.dumps(attributes), orjson.dumps(data or {}))


def _at(head: Head) -> bytes:
    return seal(head, head.recorded_at_us, [event("organisation.registered.v1")])[0]


STRANGERS: dict[str, Callable[[Meddler], Foreign]] = {
    "random bytes": lambda m: Foreign(m.random.randbytes(m.random.randint(1, 300))),
    "nothing": lambda _: Foreign(b""),
    "a tombstone": lambda _: Foreign(None, b"key"),
    "another program's JSON": lambda _: Foreign(b'{"claim": "C-1", "holder": "101"}'),
    "broken JSON": lambda _: Foreign(b'{"claim": "C-1", "holder": '),
    "a CloudEvent": lambda _: Foreign(b"{}", b"k", (("ce_type", b"claim.submitted.v1"),)),
    "half a commit": lambda m: Foreign(m.latest()[0][: m.random.randint(1, 60)]),
    "a commit with more behind it": lambda m: Foreign(m.latest()[0] + b"\0"),
    "a newer frame": lambda m: Foreign(b"ATL2" + m.latest()[0][4:]),
    "an older frame": lambda m: Foreign(b"ATL0" + m.latest()[0][4:]),
    "a position long taken": lambda m: Foreign(_at(Head(1, m.latest()[1].hash))),
    "a position far ahead": lambda m: Foreign(_at(Head(10**12, m.latest()[1].hash))),
    "the next position on another hash": lambda m: Foreign(
        _at(Head(m.latest()[1].position, m.random.randbytes(32)))
    ),
    "a commit of no events": lambda m: Foreign(
        m.latest()[0][:12] + bytes(4) + m.latest()[0][16:52]
    ),
    "a large record": lambda m: Foreign(m.random.randbytes(400_000)),
}
"""What strangers, other versions and broken programs might write, by what it is."""
