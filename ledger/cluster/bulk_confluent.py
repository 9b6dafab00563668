"""The bulk path by confluent-kafka (librdkafka), the extra ``fast``: several times the speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import methodcaller
from typing import Any

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec  # public, but not to a type checker
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    OffsetOutOfRangeError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from ledger.cluster.bulk import READ_AT_ONCE, Headers, Page
from ledger.cluster.clients import librdkafka
from ledger.cluster.errors import HOPELESS, named
from ledger.cluster.place import Place

_Code = confluent_kafka.KafkaError

_LOCAL = {
    _Code._AUTHENTICATION: SaslAuthenticationFailedError,  # noqa: SLF001  the library's public names
    _Code._AUTO_OFFSET_RESET: OffsetOutOfRangeError,  # noqa: SLF001
    _Code._UNKNOWN_TOPIC: UnknownTopicOrPartitionError,  # noqa: SLF001
    _Code._UNKNOWN_PARTITION: UnknownTopicOrPartitionError,  # noqa: SLF001
}
"""What librdkafka finds out by itself, as the other client says it."""

_PASSING = (_Code._TRANSPORT, _Code._ALL_BROKERS_DOWN, _Code._TIMED_OUT, _Code._RESOLVE)  # noqa: SLF001
"""What a consumer says while it goes on trying."""

_END = _Code._PARTITION_EOF  # noqa: SLF001


class ConfluentBulk:
    """See ``BulkTopic``."""

    def __init__(self, place: Place, topic: str) -> None:
        self._place, self._topic = place, topic
        self._seconds = place.link().request_ms / 1000
        self._standing: dict[int, int] = {}
        self._loss: KafkaError | None = None
        self._producer: Producer | None = None
        self._admin: AdminClient | None = None
        self._consumer = Consumer(
            {
                **librdkafka(place),
                "group.id": topic,  # asked for by the library; no group is ever joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "allow.auto.create.topics": False,
                "enable.partition.eof": True,
                "isolation.level": "read_uncommitted",
                "fetch.wait.max.ms": 100,
                "log_level": 0,
            }
        )
        try:
            self._count = self._partitions()
        except BaseException:
            self._consumer.close()
            raise

    def partitions(self) -> int:
        """See ``BulkTopic.partitions``."""
        return self._count

    def beginnings(self) -> list[int]:
        """See ``BulkTopic.beginnings``."""
        return self._marks(OffsetSpec.earliest())  # type: ignore[no-untyped-call]

    def ends(self) -> list[int]:
        """See ``BulkTopic.ends``."""
        return self._marks(OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def send(
        self,
        partition: int,
        keys: Sequence[bytes | None],
        values: Sequence[bytes],
        headers: Sequence[Headers],
    ) -> None:
        """See ``BulkTopic.send``."""
        with self._errors():
            producer = self._producer = self._producer or self._opened()
            produce: Any = producer.produce
            topic, note = self._topic, self._note_loss
            for key, value, told in zip(keys, values, headers, strict=True):
                while True:
                    try:
                        produce(topic, value, key, partition, note, headers=told)
                    except BufferError:  # the queue is full: let some arrive
                        producer.poll(0.05)
                    else:
                        break
            producer.poll(0)

    def flush(self, seconds: float) -> bool:
        """See ``BulkTopic.flush``."""
        return self._producer is None or self._producer.flush(seconds) == 0

    def lost(self) -> bool:
        """See ``BulkTopic.lost``."""
        if self._producer is not None:
            self._producer.poll(0)
        loss, self._loss = self._loss, None
        if isinstance(loss, HOPELESS):
            raise named(loss, self._place, self._topic)
        return loss is not None

    def read(self, offsets: Mapping[int, int], wait_seconds: float) -> list[Page]:
        """See ``BulkTopic.read``."""
        found: dict[int, Page] = {}
        until = time.monotonic() + wait_seconds
        with self._errors():
            self._stand_at(offsets)
            while not found:
                left = until - time.monotonic()
                messages = self._consumer.consume(READ_AT_ONCE, max(0.0, min(left, 0.02)))
                found = self._pages(messages)
                if left <= 0:
                    break
        self._standing |= {number: page.upto for number, page in found.items()}
        return list(found.values())

    def close(self) -> None:
        """See ``BulkTopic.close``."""
        if self._producer is not None:
            self._producer.flush(1)
            self._producer.purge()
        self._consumer.close()

    def _pages(self, messages: Sequence[Any]) -> dict[int, Page]:
        found: dict[int, Page] = {}
        partition: Callable[[Any], int] = methodcaller("partition")
        for number, run in groupby(messages, partition):
            told = list(run)
            whole = [message for message in told if message.error() is None]
            upto = whole[-1].offset() + 1 if whole else self._standing[number]
            if len(whole) < len(told):
                upto = max(upto, *map(_end_told, (it for it in told if it.error() is not None)))
            before = found.get(number) or Page(number, [], [], [], upto)
            found[number] = Page(
                number,
                before.offsets + [message.offset() for message in whole],
                before.values + [message.value() or b"" for message in whole],
                before.headers + [message.headers() or [] for message in whole],
                max(upto, before.upto),
            )
        return {at: page for at, page in found.items() if page.upto != self._standing.get(at)}

    def _stand_at(self, offsets: Mapping[int, int]) -> None:
        if offsets != self._standing:
            self._consumer.assign(
                [TopicPartition(self._topic, number, at) for number, at in offsets.items()]
            )
            self._standing = dict(offsets)

    def _partitions(self) -> int:
        with self._errors():
            told = self._consumer.list_topics(self._topic, self._seconds).topics[self._topic]
            if told.error is not None:
                raise KafkaException(told.error)
        return len(told.partitions)

    def _marks(self, spec: Any) -> list[int]:
        """One offset of each partition; asked again while a new topic has no leader everywhere."""
        until = time.monotonic() + self._seconds
        while True:
            try:
                return self._asked(spec)
            except KafkaException as error:
                told = _translated(error.args[0])
                if not told.retriable or time.monotonic() > until:
                    raise named(told, self._place, self._topic) from error
                time.sleep(0.1)

    def _asked(self, spec: Any) -> list[int]:
        # By a connection of its own: the consumer's is held by the fetches that wait for news.
        self._admin = self._admin or AdminClient({**librdkafka(self._place), "log_level": 0})
        asked = {TopicPartition(self._topic, at): spec for at in range(self._count)}
        answers = self._admin.list_offsets(asked, request_timeout=self._seconds)
        found = {place.partition: answer.result().offset for place, answer in answers.items()}
        return [found[at] for at in range(self._count)]

    def _opened(self) -> Producer:
        return Producer(
            {
                **librdkafka(self._place),
                "acks": "all",
                "enable.idempotence": False,
                "retries": 0,
                "partitioner": "murmur2_random",
                "linger.ms": 20,
                "batch.num.messages": 20_000,
                "batch.size": 900_000,
                "compression.type": "lz4",
                "queue.buffering.max.messages": 200_000,
                "queue.buffering.max.kbytes": 128 * 1024,
                "delivery.timeout.ms": int(2_000 * self._seconds),
                "delivery.report.only.error": True,
                "allow.auto.create.topics": False,
                "log_level": 0,
            }
        )

    def _note_loss(self, error: confluent_kafka.KafkaError | None, _: object) -> None:
        if error is not None and not isinstance(self._loss, HOPELESS):
            self._loss = _translated(error)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            raise named(_translated(error.args[0]), self._place, self._topic) from error


def _end_told(message: Any) -> int:
    """The offset at which a partition ends, where that is what a message says; else nothing."""
    error = message.error()
    if error.code() == _END:
        return int(message.offset())
    if error.code() in _PASSING:
        return 0
    raise KafkaException(error)


def _translated(error: confluent_kafka.KafkaError) -> KafkaError:
    """An error of librdkafka as kafka-python has it: protocol's own codes are the same in both."""
    code = error.code()
    kind = for_code(code) if code >= 0 else _LOCAL.get(code, KafkaConnectionError)
    return kind(error.str())
