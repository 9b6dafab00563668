"""What an error of the Kafka client means for the user, and what to check."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import (
    AuthorizationError,
    InvalidTimestampError,
    KafkaConnectionError,
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
    """Why the latest connection failed: the client tells that to its log alone.

    It tries again, and raises in the end that time ran out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.latest: Exception | None = None

    def forget(self) -> None:
        """What was told before is of another question."""
        self.latest = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass; keep the error that one carries."""
        for told in record.args if isinstance(record.args, tuple) else ():
            if isinstance(told, Exception) and not isinstance(told, KafkaTimeoutError):
                self.latest = told
        return True

    def login_refused(self, place: Place) -> bool:
        """Whether the connection ended at the login.

        A broker that refuses one over TLS hangs up before the client has read why.
        """
        if isinstance(self.latest, (SaslAuthenticationFailedError, AuthorizationError)):
            return True
        hung_up = isinstance(self.latest, KafkaConnectionError) and _HUNG_UP in str(self.latest)
        return hung_up and place.link().logs_in


_HUNG_UP = "socket disconnected"
_OVERHEARD = _Overheard()
logging.getLogger("kafka.net.manager").addFilter(_OVERHEARD)


@contextmanager
def naming(place: Place, topic: str = "") -> Iterator[None]:
    """Within the block an error of the client is raised as one of ours."""
    _OVERHEARD.forget()
    try:
        yield
    except KafkaTimeoutError as error:
        if _OVERHEARD.login_refused(place):
            raise _refused(place, "the login failed") from error
        raise named(error, place, topic) from error
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
        return _refused(place, text)
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


def _refused(place: Place, why: str) -> StorageError:
    return StorageError(
        f"{place.servers} refused this client: {why}.",
        hint=f"Check user and password (${PASSWORD_VARIABLE}, or the settings file) and the rights"
        f" on {place.prefix}.*",
        code="kafka_refused",
    )
