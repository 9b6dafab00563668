"""Rows of attempts on their way into a replica: in a file without a name, so memory stays flat.

What is staged is gone with the process; it is made again from the topic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import polars as pl

from ledger.usage.batches import Encoded, encode, parts
from ledger.usage.log import Cut, Digest
from ledger.usage.rows import Record

GATHER_ROWS = 25_000
"""Rows of a partition that are gathered before they become a batch."""


class _Laid(NamedTuple):
    batch: Encoded
    begin: int
    size: int


class Spool:
    """Batches in an unnamed file in ``folder``, given back in any order."""

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  closed with the log it belongs to

    def lay(self, batch: Encoded) -> _Laid:
        """Put a batch aside."""
        begin = self._file.seek(0, 2)
        self._file.write(batch.arrow)
        return _Laid(
            Encoded(batch.record, batch.metric, batch.count, batch.months, b""),
            begin,
            len(batch.arrow),
        )

    def fetch(self, laid: _Laid) -> Encoded:
        """A batch as it was."""
        self._file.seek(laid.begin)
        plain = laid.batch
        arrow = self._file.read(laid.size)
        return Encoded(plain.record, plain.metric, plain.count, plain.months, arrow)

    def clear(self) -> None:
        """Forget everything."""
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Let the file go, and with it what is in it."""
        self._file.close()


class StagedCut(NamedTuple):
    """What an attempt wrote to one partition: its cut, how many records, its rows."""

    cut: Cut
    records: int
    laid: list[_Laid]


@dataclass(slots=True)
class Staging:
    """The rows of one attempt in one partition, taken in order; their digest, and batches."""

    spool: Spool
    digest: Digest = field(default_factory=Digest)
    laid: list[_Laid] = field(default_factory=list)
    _record: Record = "statement"
    _gathered: list[pl.DataFrame] = field(default_factory=list)

    def take(self, record: Record, rows: pl.DataFrame) -> None:
        """The next rows."""
        if record != self._record or self._metric() != rows.item(0, "metric"):
            self.flush()
        self._record = record
        self._gathered.append(rows)
        if sum(map(len, self._gathered)) >= GATHER_ROWS:
            self.flush()

    def flush(self) -> None:
        """What was gathered becomes a batch."""
        if not self._gathered:
            return
        rows, self._gathered = pl.concat(self._gathered), []
        for part in parts(rows, GATHER_ROWS):
            self.digest.feed(self._record, part)
            self.laid.append(self.spool.lay(encode(self._record, part)))

    def batches(self) -> Iterator[Encoded]:
        """The batches so far, in order."""
        return map(self.spool.fetch, self.laid)

    def _metric(self) -> str | None:
        return self._gathered[-1].item(0, "metric") if self._gathered else None
