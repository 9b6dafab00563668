"""The bulk path by kafka-python, the client that is always there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError

from ledger.cluster.bulk import READ_AT_ONCE, Headers, Page
from ledger.cluster.clients import kafka_python
from ledger.cluster.errors import HOPELESS, named, naming
from ledger.cluster.place import Place

_BATCH_BYTES = 512 * 1024
_FETCH_BYTES = 4 * 1024 * 1024
_LINGER_MS = 5
_ASK_EVERY = 200


def producer_settings(place: Place) -> dict[str, Any]:
    """How records are sent: many at a time, acknowledged by all replicas, never sent again."""
    request_ms = place.link().request_ms
    return {
        "acks": "all",
        "enable_idempotence": False,
        "retries": 0,
        "linger_ms": _LINGER_MS,
        "batch_size": _BATCH_BYTES,
        "compression_type": "lz4",
        "allow_auto_create_topics": False,
        "max_block_ms": 2 * request_ms,
        "delivery_timeout_ms": 2 * request_ms,
        "metrics_enabled": False,
    }


class KafkaPythonBulk:
    """See ``BulkTopic``."""

    def __init__(self, place: Place, topic: str) -> None:
        self._place, self._topic = place, topic
        self._standing: dict[int, int] = {}
        self._loss: BaseException | None = None
        self._producer: KafkaProducer | None = None
        with naming(place, topic), ExitStack() as opened:
            self._consumer = KafkaConsumer(
                **kafka_python(place),
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
                fetch_max_wait_ms=100,
                max_partition_fetch_bytes=_FETCH_BYTES,
                max_poll_records=READ_AT_ONCE,
                metrics_enabled=False,
            )
            opened.callback(self._consumer.close)
            found = self._consumer.partitions_for_topic(topic)
            if not found:
                raise UnknownTopicOrPartitionError
            self._all = [TopicPartition(topic, number) for number in sorted(found)]
            opened.pop_all()

    def partitions(self) -> int:
        """See ``BulkTopic.partitions``."""
        return len(self._all)

    def beginnings(self) -> list[int]:
        """See ``BulkTopic.beginnings``."""
        with naming(self._place, self._topic):
            found = self._consumer.beginning_offsets(self._all)
        return [found[one] for one in self._all]

    def ends(self) -> list[int]:
        """See ``BulkTopic.ends``."""
        with naming(self._place, self._topic):
            found = self._consumer.end_offsets(self._all)
        return [found[one] for one in self._all]

    def send(
        self,
        partition: int,
        keys: Sequence[bytes | None],
        values: Sequence[bytes],
        headers: Sequence[Headers],
    ) -> None:
        """See ``BulkTopic.send``."""
        with naming(self._place, self._topic):
            producer = self._producer
            if producer is None:
                told_so = kafka_python(self._place) | producer_settings(self._place)
                producer = self._producer = KafkaProducer(**told_so)
            for place, (key, value, told) in enumerate(zip(keys, values, headers, strict=True), 1):
                sent = producer.send(
                    self._topic, key=key, value=value, headers=told, partition=partition
                )
                # A batch is given up as a whole, so a few of its records tell.
                if place % _ASK_EVERY == 0 or place == len(values):
                    sent.add_errback(self._note_loss)

    def flush(self, seconds: float) -> bool:
        """See ``BulkTopic.flush``."""
        if self._producer is None:
            return True
        try:
            self._producer.flush(timeout=seconds)
        except KafkaTimeoutError:
            return False
        return True

    def lost(self) -> bool:
        """See ``BulkTopic.lost``."""
        loss, self._loss = self._loss, None
        if isinstance(loss, HOPELESS):
            raise named(loss, self._place, self._topic)
        return loss is not None

    def read(self, offsets: Mapping[int, int], wait_seconds: float) -> list[Page]:
        """See ``BulkTopic.read``."""
        with naming(self._place, self._topic):
            self._stand_at(offsets)
            found = self._consumer.poll(timeout_ms=int(wait_seconds * 1000))
            before = self._standing
            self._standing = {
                number: self._consumer.position(self._all[number]) for number in offsets
            }
        return [
            self._page(number, found.get(self._all[number], []))
            for number, upto in self._standing.items()
            if upto != before[number]
        ]

    def close(self) -> None:
        """See ``BulkTopic.close``."""
        if self._producer is not None:
            self._producer.close(timeout=1)
        self._consumer.close()

    def _page(self, number: int, records: Sequence[Any]) -> Page:
        return Page(
            number,
            [one.offset for one in records],
            [one.value or b"" for one in records],
            [one.headers for one in records],
            self._standing[number],
        )

    def _stand_at(self, offsets: Mapping[int, int]) -> None:
        if offsets.keys() != self._standing.keys():
            self._consumer.assign([self._all[number] for number in offsets])
            self._standing = {}
        for number, offset in offsets.items():
            if self._standing.get(number) != offset:
                self._consumer.seek(self._all[number], offset)
        self._standing = dict(offsets)

    def _note_loss(self, error: BaseException) -> None:
        # By the client's thread. What is hopeless must not be hidden by what came after it.
        if not isinstance(self._loss, HOPELESS):
            self._loss = error
