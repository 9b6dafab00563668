"""What an error of the Kafka client means for the user, and what to check."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import (
    AuthorizationError,
    InvalidTimestampError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    RecordListTooLargeError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
)

from ledger.cluster.link import PASSWORD_VARIABLE
from ledger.cluster.place import Place
from ledger.errors import AttributionError, DamagedError, StorageError

HOPELESS = (
    AuthorizationError,
    InvalidTimestampError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
"""What sending again can't help."""


class _Overheard(logging.Filter):
    """The latest refusal of a login; the client tries again and raises that time ran out instead.

    It tells the refusal to its log alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.latest: KafkaError | None = None

    def forget(self) -> None:
        """What was told before is of another question."""
        self.latest = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass; keep the refusal that one carries."""
        for told in record.args if isinstance(record.args, tuple) else ():
            if isinstance(told, (SaslAuthenticationFailedError, AuthorizationError)):
                self.latest = told
        return True


_OVERHEARD = _Overheard()
logging.getLogger("kafka.net.manager").addFilter(_OVERHEARD)


@contextmanager
def naming(place: Place, topic: str = "") -> Iterator[None]:
    """Within the block an error of the client is raised as one of ours."""
    _OVERHEARD.forget()
    try:
        yield
    except KafkaTimeoutError as error:
        raise named(_OVERHEARD.latest or error, place, topic) from error
    except KafkaError as error:
        raise named(error, place, topic) from error


def named(error: KafkaError, place: Place, topic: str = "") -> AttributionError:
    """An error of the client as one of ours."""
    text = str(error) or type(error).__name__
    if isinstance(error, UnknownTopicOrPartitionError):
        return StorageError(
            f"There is no topic {topic!r} on {place.servers}.",
            hint=f"Make the topics first: attribution topics create {place.url}",
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
            f"{place.servers} refused this client: {text}.",
            hint=f"Check the user, ${PASSWORD_VARIABLE} and the rights on {place.prefix}.*",
            code="kafka_refused",
        )
    if isinstance(error, InvalidTimestampError):
        return StorageError(
            f"{place.servers} refused the time of this machine: {text}",
            hint="Its clock is ahead of the brokers' by more than an hour. Set it right, then"
            " repeat; nothing was kept.",
            code="clock_refused",
        )
    if isinstance(error, (MessageSizeTooLargeError, RecordListTooLargeError)):
        return StorageError(
            f"A record is larger than the topic {topic!r} takes: {text}.",
            hint="Set max.message.bytes of the topic as `attribution topics check` says.",
            code="message_too_large",
        )
    return StorageError(
        f"Kafka at {place.servers} can't be reached: {text}.",
        hint="Check the address and that the brokers run, then repeat.",
        code="kafka_unreachable",
    )
