"""Partition 0 of a topic on a Kafka cluster: records read at offsets, and sent; by kafka-python.

Little is promised: what was sent appears late, twice or never. Whoever sends reads back what became
of it. For one thread at a time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import UnknownTopicOrPartitionError

from ledger.cluster.clients import kafka_python
from ledger.cluster.errors import HOPELESS, named, naming
from ledger.cluster.place import Place
from ledger.errors import StorageError

_HEARS_AGAIN_MS = 1_000
"""How often a reader asks the cluster what has become of its topic."""

_ASSIGN_SECONDS = 2.0
"""How long a broker may not have heard of a topic that another has made."""
_REQUEST_BYTES: int = KafkaProducer.DEFAULT_CONFIG["max_request_size"]

Headers = Sequence[tuple[str, bytes]]


class Message(NamedTuple):
    """What a record carries; a value of None is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Placed(NamedTuple):
    """A message where it lies in the topic."""

    offset: int
    message: Message


class Stretch(NamedTuple):
    """Records from one offset on, and the offset up to which the topic was read for them."""

    records: list[Placed]
    upto: int


class Inlet:
    """Reads a topic. Raises ``StorageError`` when the cluster can't be reached, or has no such."""

    def __init__(self, place: Place, topic: str, at_once: int = 2_000) -> None:
        self._place, self._topic = place, topic
        self._at = TopicPartition(topic, 0)
        self._standing: int | None = None
        with naming(place, topic):
            self._consumer = KafkaConsumer(
                **kafka_python(place),
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
                fetch_max_wait_ms=250,
                max_poll_records=at_once,
                metadata_max_age_ms=_HEARS_AGAIN_MS,
            )
            try:
                self._assign()
            except BaseException:
                self._consumer.close()
                raise

    def _assign(self) -> None:
        until = time.monotonic() + _ASSIGN_SECONDS
        while not self._consumer.partitions_for_topic(self._topic):
            if time.monotonic() > until:
                raise UnknownTopicOrPartitionError
        self._consumer.assign([self._at])

    def identity(self) -> str | None:
        """The topic's own id, as the cluster last told it; None while it tells none."""
        # The library tells it nowhere else; asking apart would cost a connection and a wait.
        told = self._consumer._cluster.topic_id(self._topic)  # noqa: SLF001  see above
        return None if told is None else str(told)

    @property
    def name(self) -> str:
        """What the topic is called."""
        return self._topic

    def beginning(self) -> int:
        """The first offset that is kept."""
        with naming(self._place, self._topic):
            first: int = self._consumer.beginning_offsets([self._at])[self._at]
        return first

    def end(self) -> int:
        """The offset after the last record, asked of the cluster now."""
        with naming(self._place, self._topic):
            end: int = self._consumer.end_offsets([self._at])[self._at]
        return end

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """The records from ``offset`` on, at once when there are some, else those that come."""
        with naming(self._place, self._topic):
            if self._standing != offset:
                self._consumer.seek(self._at, offset)
            found = self._consumer.poll(timeout_ms=int(wait_seconds * 1000))
            upto = self._standing = self._consumer.position(self._at)
        records = [
            Placed(one.offset, Message(one.key, one.value, one.headers))
            for one in found.get(self._at, ())
        ]
        return Stretch(records, upto)

    def silent(self, offset: int) -> StorageError:
        """The error of a topic that has records beyond an offset, and gives none."""
        return StorageError(
            f"Kafka has records beyond offset {offset} of {self._topic!r} but gives none.",
            hint="Check the brokers; what was sent is found again, or sent again.",
            code="log_silent",
        )

    def close(self) -> None:
        """Let the connection go."""
        self._consumer.close()


class Outlet:
    """Sends to a topic, in order; nothing is retried here, for nothing is believed."""

    def __init__(self, place: Place, topic: str, max_bytes: int = _REQUEST_BYTES) -> None:
        self._place, self._topic = place, topic
        self._loss: BaseException | None = None
        request_ms = place.link().request_ms
        with naming(place, topic):
            self._producer = KafkaProducer(
                **kafka_python(place),
                acks="all",
                enable_idempotence=False,
                retries=0,
                linger_ms=0,
                allow_auto_create_topics=False,
                max_in_flight_requests_per_connection=1,
                max_request_size=max_bytes,
                max_block_ms=request_ms,
                delivery_timeout_ms=2 * request_ms,
            )

    def send(self, messages: Sequence[Message]) -> None:
        """Hand messages to the client; what it gives up is told by ``lost``."""
        self._loss = None
        # This machine's own time, for the brokers to compare with theirs.
        now_ms = time.time_ns() // 1_000_000
        with naming(self._place, self._topic):
            for key, value, headers in messages:
                sent = self._producer.send(
                    self._topic,
                    key=key,
                    value=value,
                    headers=list(headers),
                    partition=0,
                    timestamp_ms=now_ms,
                )
                sent.add_errback(self._note_loss)

    def lost(self) -> bool:
        """Whether the client gave a message up since the last ``send``.

        Raises ``StorageError`` where sending it again can't help.
        """
        if isinstance(self._loss, HOPELESS):
            raise named(self._loss, self._place, self._topic)
        return self._loss is not None

    def close(self, seconds: float | None = 1) -> None:
        """Let the connection go; None waits until all that was sent is delivered or given up."""
        self._producer.close(timeout=seconds)

    def _note_loss(self, error: BaseException) -> None:
        self._loss = error  # by the client's thread; a plain assignment needs no lock


def topic_id(place: Place, topic: str) -> str:
    """The topic's own id: one deleted and made again has another. Raises ``StorageError``."""
    with naming(place, topic):
        admin = KafkaAdminClient(**kafka_python(place))
        try:
            (found,) = admin.describe_topics([topic])
        finally:
            admin.close()
        if found["error_code"]:
            raise UnknownTopicOrPartitionError
        return str(found["topic_id"])
