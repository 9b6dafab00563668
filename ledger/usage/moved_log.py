"""The usage log of a folder that a ledger moved into: rows under the cuts of the old house.

Decisions of the old house name partitions and offsets of a topic, or of another file. They stay
what they are: the file says for each cut where its rows lie, as the replica of a node does. What
this house appends itself lies in a partition of its own, beyond those that came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import polars as pl

from ledger.usage.batches import encoded
from ledger.usage.decisions import Decided
from ledger.usage.log import EVERYTHING, Batch, Cut, DamagedUsageError, Digest, Wanted
from ledger.usage.replica import Replica
from ledger.usage.sqlite_log import MOVED_FORMAT


class MovedUsageLog:
    """``UsageLog`` in the file at ``path``; raises what ``SqliteUsageLog`` raises."""

    shared: ClassVar[bool] = False
    dense: ClassVar[bool] = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.replica = Replica(path, MOVED_FORMAT)

    def append(
        self,
        attempt: str,
        statements: Iterable[pl.DataFrame],
        increments: Iterable[pl.DataFrame],
    ) -> list[Cut]:
        """See ``UsageLog.append``."""
        digest = Digest()
        batches = [*encoded("statement", statements, digest)]
        batches += encoded("increment", increments, digest)
        return [self.replica.append(attempt, batches, digest)] if batches else []

    def hold(self, decided: Sequence[Decided]) -> None:
        """See ``UsageLog.hold``: a cut whose rows lie nowhere is lost."""
        for entry in decided:
            for cut in entry.decision.cut:
                if not self.replica.lies(cut):
                    raise DamagedUsageError(
                        f"The usage log does not hold the rows {cut.first_offset} to"
                        f" {cut.end_offset - 1} of partition {cut.partition}, which position"
                        f" {entry.position} counts.",
                        hint="Restore usage.db from a copy of this ledger; nothing was appended.",
                    )

    def read(self, after_offset: int = -1, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read``."""
        return self.replica.read(after_offset, wanted)

    def read_attempt(self, cut: Cut, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read_attempt``."""
        return self.replica.read_cut(cut, wanted)

    def end_offset(self) -> int:
        """See ``UsageLog.end_offset``."""
        return self.replica.end_offset()

    def left_over(self, decided: Sequence[Decided]) -> int:
        """See ``UsageLog.left_over``."""
        return self.end_offset() - sum(cut.count for it in decided for cut in it.decision.cut)

    def close(self) -> None:
        """Nothing to let go of: no connection stays open."""
