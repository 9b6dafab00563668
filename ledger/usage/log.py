"""The usage log: statements and increments, appended in attempts, never changed, never removed.

A row has a *partition* and, in it, a dense *offset*. What an attempt appended is named by *cuts*,
one a partition; a decision in the chain names the cuts, and only then the rows count (DESIGN §2.4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Protocol

import polars as pl

from ledger.errors import DamagedError
from ledger.usage.rows import Record, canonical_text

if TYPE_CHECKING:  # a decision names cuts
    from ledger.usage.decisions import Decided


class DamagedUsageError(DamagedError):
    """Rows of the usage log are not those that were counted."""

    code = "usage_damaged"


@dataclass(frozen=True, slots=True)
class Cut:
    """What one attempt appended to one partition: offsets ``first_offset <= o < end_offset``.

    ``count`` is the number of rows of the attempt among them; ``digest`` is the SHA-256 (hex) of
    their canonical text (``rows.canonical_text``) in the order of offsets, whatever keeps them.
    """

    partition: int
    first_offset: int
    end_offset: int
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of one attempt, record and metric; ``rows`` has that record's schema."""

    first_offset: int
    attempt: str
    record: Record
    metric: str
    rows: pl.DataFrame

    @property
    def end_offset(self) -> int:
        """The offset after the last row."""
        return self.first_offset + len(self.rows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which batches a reader wants; the others are passed over without being decoded.

    ``months`` are the first and the last month of interest; None in any field means all.
    """

    record: Record | None = None
    metrics: Collection[str] | None = None
    months: tuple[date, date] | None = None


EVERYTHING = Wanted()


class UsageLog(Protocol):
    """Where usage rows are kept: a table on one machine, a topic on many."""

    shared: ClassVar[bool]
    """Whether others append, too, so that the rows of attempts may lie among one another."""

    dense: ClassVar[bool]
    """Whether each row has an offset, and an attempt's lie together: cuts can't overlap then."""

    def append(
        self,
        attempt: str,
        statements: Iterable[pl.DataFrame],
        increments: Iterable[pl.DataFrame],
    ) -> list[Cut]:
        """Append the rows of an attempt, statements first; durable and read back on return.

        No rows give no cut.

        Raises:
            StorageError: the disk refused; nothing of the attempt is kept.
            BusyError: another process holds the log.
            DamagedUsageError: what was read back is not what was written.
        """

    def read(self, after_offset: int = -1, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """All batches that begin after an offset, counted or not, in order."""

    def read_attempt(self, cut: Cut, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """The batches a cut names, in order.

        Raises:
            DamagedUsageError: stored bytes are torn, or rows are missing.
        """

    def end_offset(self) -> int:
        """The offset the next row will get."""

    def hold(self, decided: Sequence[Decided]) -> None:
        """Have at hand every row that these decisions (all up to a position, in order) count.

        Whoever reads what a picture counts holds it first. Where rows come from elsewhere this
        waits for them, and checks offsets, count and digest of each cut.

        Raises:
            DamagedUsageError: rows are missing, or not those that were counted.
            StorageError: they can't be reached.
        """

    def left_over(self, decided: Sequence[Decided]) -> int:
        """How many rows (on a topic: records) lie in the log that none of these decisions count.

        They are left of attempts that were outrun or killed, or a stranger's, and mean nothing.
        """

    def close(self) -> None:
        """Let go of what was opened."""


class Digest:
    """The digest of a cut, fed with rows in the order of their offsets."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0

    def feed(self, record: Record, rows: pl.DataFrame) -> None:
        """Take in the next rows."""
        self._hash.update(canonical_text(record, rows))
        self.count += len(rows)

    def hex(self) -> str:
        """The digest of all rows so far."""
        return self._hash.hexdigest()


def verify(log: UsageLog, cut: Cut) -> None:
    """Nothing, when the rows of ``cut`` are the ones that were counted.

    Raises:
        DamagedUsageError: rows are missing, torn or different.
    """
    digest = Digest()
    for batch in log.read_attempt(cut):
        digest.feed(batch.record, batch.rows)
    if (digest.count, digest.hex()) != (cut.count, cut.digest):
        raise DamagedUsageError(
            f"Usage rows {cut.first_offset} to {cut.end_offset - 1} of partition {cut.partition} "
            f"have digest {digest.hex()} over {digest.count} rows; the chain states {cut.digest} "
            f"over {cut.count}.",
            hint="Restore usage.db from a backup of the same ledger; nothing was changed.",
        )
