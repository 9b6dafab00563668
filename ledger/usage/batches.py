"""Batches of usage rows as a file keeps them: columns of one record and metric, compressed Arrow.

A batch keeps the columns that vary: the metric and the dimensions outside the metric's key are put
back on reading, which the canonical text does not see.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from ledger.usage.log import Digest, Wanted
from ledger.usage.metrics import metric
from ledger.usage.rows import DIMENSIONS, SCHEMAS, Record, month_column

BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch, encoded; ``months`` are the first and the last of its rows, YYYY-MM-DD."""

    record: Record
    metric: str
    count: int
    months: tuple[str, str]
    arrow: bytes


def encoded(record: Record, frames: Iterable[pl.DataFrame], digest: Digest) -> Iterator[Encoded]:
    """Rows as batches, fed to the digest in their order."""
    for frame in frames:
        for part in parts(frame, BATCH_ROWS):
            digest.feed(record, part)
            yield encode(record, part)


def parts(frame: pl.DataFrame, most: int) -> Iterator[pl.DataFrame]:
    """The rows of each metric apart, at most so many at a time."""
    for rows in frame.partition_by("metric", maintain_order=True):
        yield from rows.iter_slices(most)


def encode(record: Record, rows: pl.DataFrame) -> Encoded:
    """Rows of one metric as one batch."""
    name: str = rows.item(0, "metric")
    absent = _absent(name)
    kept = [column for column in rows.columns if column not in absent]
    require_in_key(rows)
    arrow = io.BytesIO()
    rows.select(kept).write_ipc(arrow, compression="zstd")
    return Encoded(record, name, len(rows), months_of(record, rows), arrow.getvalue())


def require_in_key(rows: pl.DataFrame) -> None:
    """Rows of one metric have no dimension outside its key: it would be lost."""
    name: str = rows.item(0, "metric")
    outside = pl.col(*(_absent(name) - {"metric"}))
    assert rows.select(pl.all_horizontal((outside == "").all())).item(), (
        f"a dimension outside the key of {name}"
    )


def decoded(record: Record, name: str, arrow: bytes) -> pl.DataFrame:
    """The rows of a batch."""
    kept = pl.read_ipc(arrow)
    constants = {column: pl.lit("") for column in _absent(name)} | {"metric": pl.lit(name)}
    return kept.with_columns(**constants).select(SCHEMAS[record].names())


def months_of(record: Record, rows: pl.DataFrame) -> tuple[str, str]:
    """The first and the last month of the rows, as a batch states them."""
    stated = rows.get_column(month_column(record))
    return str(stated.min()), str(stated.max())


def is_wanted(record: str, name: str, months: tuple[str, str], wanted: Wanted) -> bool:
    """Whether a reader asks for a batch of which this is known."""
    if wanted.record is not None and record != wanted.record:
        return False
    if wanted.metrics is not None and name not in wanted.metrics:
        return False
    if wanted.months is None:
        return True
    first, last = wanted.months
    return date.fromisoformat(months[0]) <= last and date.fromisoformat(months[1]) >= first


def _absent(name: str) -> set[str]:
    """The dimensions a batch of this metric does not hold."""
    return set(DIMENSIONS) - set(metric(name).key)
