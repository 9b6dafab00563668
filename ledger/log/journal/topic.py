"""The port of a topic that carries commits: one partition of a Kafka cluster, or a stand-in.

The topic promises little, and the journal needs no more: records that were sent appear at growing
offsets, in one order for everybody, perhaps late, perhaps more than once, perhaps never; what has
appeared stays. Whether a record counts is for the chain to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Record(NamedTuple):
    """One record as it lies in the topic; offsets may have gaps.

    ``note`` is what its sender said beside the value: it decides nothing.
    """

    offset: int
    value: bytes
    note: bytes = b""


class Stretch(NamedTuple):
    """Records from one offset on, and the offset up to which the topic was read for them."""

    records: list[Record]
    upto: int


class CommitTopic(Protocol):
    """One partition of records.

    Every method raises ``StorageError`` with what to check when the cluster can't be reached in
    time, and ``DamagedError`` when the topic is not the one it was.
    """

    def identity(self) -> str:
        """The topic's own id; a topic that was deleted and created again has another."""

    def beginning(self) -> int:
        """The first offset that is kept."""

    def end(self) -> int:
        """The offset after the last record, asked of the cluster now."""

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """The records from ``offset`` on, at once when there are some, else those that come."""

    def send(self, values: Sequence[bytes], note: bytes = b"") -> None:
        """Hand records over, in order, each with the note.

        That says nothing about whether and when they appear.
        """

    def undelivered(self) -> bool:
        """Whether a record handed over was given up by the client: it may appear no more.

        Raises ``StorageError`` where it was refused for good, such as one too large.
        """

    def close(self) -> None:
        """Let the connections go."""
