"""The bulk path onto Kafka: all partitions of one topic, many records at a time, in columns.

A small port, for one thread, and two libraries behind it: kafka-python, and confluent-kafka where
the extra ``fast`` is installed. ``tests/conformance/bulk_topic.py`` holds both to the same:

- ``send`` puts records into the partition it names, in order. Nothing is said of when, or whether,
  they appear: whoever sends reads back. Nothing is retried; where one is given up, later ones may
  still appear.
- ``read`` gives whole records from the offsets asked for, in order in each partition; ``upto`` goes
  on over what is no record (the mark of a transaction's end), too.
- Every method raises ``StorageError`` with what to check when the cluster can't be reached in time,
  refuses this client, or has no such topic, and ``DamagedError`` where it lost an offset asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import NamedTuple, Protocol

from ledger.cluster.place import Place
from ledger.errors import BadInputError

Headers = list[tuple[str, bytes]]

READ_AT_ONCE = 20_000
"""Records that one ``read`` gives, at most."""


class Page(NamedTuple):
    """Records of one partition, and the offset up to which it was read for them."""

    partition: int
    offsets: list[int]
    values: list[bytes]
    headers: list[Headers]
    upto: int


class BulkTopic(Protocol):
    """A topic, to send to and to read."""

    def partitions(self) -> int:
        """How many partitions it has."""

    def beginnings(self) -> list[int]:
        """The first offset that each partition keeps."""

    def ends(self) -> list[int]:
        """The offset after the last record of each partition, asked of the cluster now."""

    def send(
        self,
        partition: int,
        keys: Sequence[bytes | None],
        values: Sequence[bytes],
        headers: Sequence[Headers],
    ) -> None:
        """Hand records over; waits while too many are on their way."""

    def flush(self, seconds: float) -> bool:
        """Wait until what was handed over has arrived or was given up; whether that is so."""

    def lost(self) -> bool:
        """Whether a record was given up since this was asked last.

        Raises ``StorageError`` where sending it again can't help.
        """

    def read(self, offsets: Mapping[int, int], wait_seconds: float) -> list[Page]:
        """Records of the partitions named, from an offset on each; those that come, at once.

        Empty when none came in that time. A page may hold no record and still go on.
        """

    def close(self) -> None:
        """Let the connections go."""


def open_bulk(place: Place, topic: str) -> BulkTopic:
    """A topic through the fastest client there is, or the one that the link's settings name.

    Raises ``BadInputError`` where that is not installed.
    """
    asked = place.link().bulk_client
    there = find_spec("confluent_kafka") is not None
    if asked == "confluent-kafka" and not there:
        raise BadInputError(
            "The settings of the link name confluent-kafka, which is not installed.",
            hint="Install the extra `fast`, or set bulk_client to kafka-python.",
            code="bad_kafka_settings",
        )
    if asked == "kafka-python" or not there:
        from ledger.cluster.bulk_kafka_python import KafkaPythonBulk

        return KafkaPythonBulk(place, topic)
    from ledger.cluster.bulk_confluent import ConfluentBulk

    return ConfluentBulk(place, topic)
