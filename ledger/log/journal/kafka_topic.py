"""The chain's topic on a Kafka cluster, through kafka-python.

Acks from all replicas are asked for but not believed. The client does not retry: the journal sends
the same bytes again, and the chain makes a repeat harmless.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    RecordListTooLargeError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
)

from ledger.errors import AttributionError, DamagedError, StorageError
from ledger.log.frame import MAX_COMMIT_BYTES
from ledger.log.journal.topic import Record, Stretch

CONNECT_SECONDS = 8.0
"""How long a node looks for the cluster before it says what to check."""

REQUEST_MS = 5_000
_ROOM_BYTES = 64 * 1024  # what Kafka puts around a record


class KafkaTopic:
    """Partition 0 of a topic. For one thread at a time."""

    def __init__(self, servers: str, topic: str, **security: Any) -> None:
        self._servers, self._topic = servers, topic
        self._at = TopicPartition(topic, 0)
        self._lost = threading.Event()
        common = {"bootstrap_servers": servers, "request_timeout_ms": REQUEST_MS, **security}
        with self._named_errors():
            self._consumer = KafkaConsumer(
                **common,
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
                fetch_max_wait_ms=250,
                fetch_min_bytes=1,
                max_poll_records=500,
                check_crcs=True,
                bootstrap_timeout_ms=int(CONNECT_SECONDS * 1000),
            )
            self._identity = self._find_identity(common)
            self._consumer.assign([self._at])
            self._producer = KafkaProducer(
                **common,
                acks="all",
                enable_idempotence=False,
                retries=0,
                linger_ms=0,
                allow_auto_create_topics=False,
                max_in_flight_requests_per_connection=1,
                max_request_size=MAX_COMMIT_BYTES + _ROOM_BYTES,
                max_block_ms=REQUEST_MS,
                delivery_timeout_ms=2 * REQUEST_MS,
                bootstrap_timeout_ms=int(CONNECT_SECONDS * 1000),
            )
        self._standing: int | None = None

    def identity(self) -> str:
        """The topic's own id."""
        return self._identity

    def bounds(self) -> tuple[int, int]:
        """The first offset that is kept, and the offset after the last."""
        with self._named_errors():
            first = self._consumer.beginning_offsets([self._at])[self._at]
            end = self._consumer.end_offsets([self._at])[self._at]
        return first, end

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
        self._lost.clear()
        with self._named_errors():
            for value in values:
                sent = self._producer.send(self._topic, value=value, partition=0)
                sent.add_errback(self._note_loss)

    def undelivered(self) -> bool:
        """Whether the client gave a record up since the last ``send``."""
        return self._lost.is_set()

    def close(self) -> None:
        """Let the connections go."""
        self._producer.close(timeout=1)
        self._consumer.close()

    def _note_loss(self, _: BaseException) -> None:
        self._lost.set()

    def _find_identity(self, common: dict[str, Any]) -> str:
        admin = KafkaAdminClient(**common, bootstrap_timeout_ms=int(CONNECT_SECONDS * 1000))
        try:
            (found,) = admin.describe_topics([self._topic])
        finally:
            admin.close()
        if found.get("error_code"):
            raise UnknownTopicOrPartitionError
        return str(found.get("topic_id"))

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except AttributionError:
            raise
        except KafkaError as error:
            raise named(error, self._servers, self._topic) from error


def named(error: KafkaError, servers: str, topic: str) -> AttributionError:
    """What an error of the client means for the user, and what to check."""
    text = str(error) or type(error).__name__
    if isinstance(error, UnknownTopicOrPartitionError):
        return StorageError(
            f"There is no topic {topic!r} on {servers}.",
            hint="Make the topics first: `attribution topics create`.",
            code="topic_missing",
        )
    if isinstance(error, OffsetOutOfRangeError):
        return DamagedError(
            f"The topic {topic!r} lost records that this node was about to read: {text}.",
            hint="Restore the topic; nothing was changed.",
            code="log_truncated",
        )
    if isinstance(error, (SaslAuthenticationFailedError, AuthorizationError)):
        return StorageError(
            f"{servers} refused this client: {text}.",
            hint="Check user, password and the rights on the topic.",
            code="kafka_refused",
        )
    if isinstance(error, (MessageSizeTooLargeError, RecordListTooLargeError)):
        return StorageError(
            f"A commit is larger than the topic {topic!r} takes: {text}.",
            hint=f"Set max.message.bytes of the topic to {MAX_COMMIT_BYTES + _ROOM_BYTES} or more.",
            code="message_too_large",
        )
    return StorageError(
        f"Kafka at {servers} can't be reached: {text}.",
        hint="Check the address and that the brokers run, then repeat.",
        code="kafka_unreachable",
    )
