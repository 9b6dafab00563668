"""The chain's topic on a Kafka cluster, through kafka-python.

Acks from all replicas are asked for but not believed. The client does not retry: the journal sends
the same bytes again, and the chain makes a repeat harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from ledger.cluster.errors import named
from ledger.cluster.place import Place
from ledger.cluster.topics import CONNECT_MS, REQUEST_MS, ROOM_BYTES
from ledger.log.frame import MAX_COMMIT_BYTES
from ledger.log.journal.topic import Record, Stretch

_HOPELESS = (AuthorizationError, MessageSizeTooLargeError, RecordListTooLargeError)


class KafkaTopic:
    """Partition 0 of a topic. For one thread at a time."""

    def __init__(self, place: Place, topic: str) -> None:
        self._place, self._topic = place, topic
        self._at = TopicPartition(topic, 0)
        self._loss: BaseException | None = None
        self._standing: int | None = None
        common: dict[str, Any] = {
            "bootstrap_servers": place.servers,
            "bootstrap_timeout_ms": CONNECT_MS,
            "request_timeout_ms": REQUEST_MS,
            **place.security(),
        }
        with self._named_errors(), ExitStack() as opened:
            self._consumer = opened.enter_context(closing(_consumer(common)))
            self._identity = self._find_identity(common)
            self._consumer.assign([self._at])
            self._producer = opened.enter_context(closing(_producer(common)))
            self._opened = opened.pop_all()

    def identity(self) -> str:
        """The topic's own id."""
        return self._identity

    def beginning(self) -> int:
        """The first offset that is kept."""
        with self._named_errors():
            first: int = self._consumer.beginning_offsets([self._at])[self._at]
        return first

    def end(self) -> int:
        """The offset after the last record, asked of the cluster now."""
        with self._named_errors():
            end: int = self._consumer.end_offsets([self._at])[self._at]
        return end

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """The records from ``offset`` on that the next fetch brings."""
        with self._named_errors():
            if self._standing != offset:
                self._consumer.seek(self._at, offset)
            found = self._consumer.poll(timeout_ms=int(wait_seconds * 1000))
            upto = self._standing = self._consumer.position(self._at)
        records = [Record(one.offset, one.value or b"") for one in found.get(self._at, ())]
        return Stretch(records, upto)

    def send(self, values: Sequence[bytes]) -> None:
        """Hand records to the client; what it gives up is told by ``undelivered``."""
        self._loss = None
        with self._named_errors():
            for value in values:
                sent = self._producer.send(self._topic, value=value, partition=0)
                sent.add_errback(self._note_loss)

    def undelivered(self) -> bool:
        """Whether the client gave a record up since the last ``send``.

        Raises ``StorageError`` where sending it again can't help.
        """
        if isinstance(self._loss, _HOPELESS):
            raise named(self._loss, self._place, self._topic)
        return self._loss is not None

    def close(self) -> None:
        """Let the connections go."""
        self._opened.close()

    def _note_loss(self, error: BaseException) -> None:
        self._loss = error  # by the client's thread; a plain assignment needs no lock

    def _find_identity(self, common: dict[str, Any]) -> str:
        admin = KafkaAdminClient(**common)
        try:
            (found,) = admin.describe_topics([self._topic])
        finally:
            admin.close()
        if found["error_code"]:
            raise UnknownTopicOrPartitionError
        return str(found["topic_id"])

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except KafkaError as error:
            raise named(error, self._place, self._topic) from error


def _consumer(common: dict[str, Any]) -> KafkaConsumer:
    return KafkaConsumer(
        **common,
        enable_auto_commit=False,
        auto_offset_reset="none",
        allow_auto_create_topics=False,
        fetch_max_wait_ms=250,
        fetch_min_bytes=1,
        max_poll_records=500,
        check_crcs=True,
    )


def _producer(common: dict[str, Any]) -> KafkaProducer:
    return KafkaProducer(
        **common,
        acks="all",
        enable_idempotence=False,
        retries=0,
        linger_ms=0,
        allow_auto_create_topics=False,
        max_in_flight_requests_per_connection=1,
        max_request_size=MAX_COMMIT_BYTES + ROOM_BYTES,
        max_block_ms=REQUEST_MS,
        delivery_timeout_ms=2 * REQUEST_MS,
    )
