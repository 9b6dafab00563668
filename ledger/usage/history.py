"""What the log says about the keys an attempt touches, gathered batch by batch.

A key gets a number, so that what is kept in memory of a row is a few dozen bytes, whatever its
dimensions are; batches of other metrics and months are not decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

import polars as pl

from ledger.usage.decisions import LoadedReport, Picture
from ledger.usage.log import Batch, UsageLog, Wanted
from ledger.usage.metrics import Metric
from ledger.usage.reconcile import (
    CAUSE_PLACES,
    COUNTED_SCHEMA,
    STATEMENT_PLACES,
    counted_from,
    fold_counted,
    fold_statements,
    in_months,
    place_of,
)
from ledger.usage.rows import DIMENSIONS

Months = tuple[date, date]
"""The first and the last month of interest, as first days."""

JOIN_ROWS = 500_000
"""Rows of the log that are matched with the touched keys at a time."""

FOLD_ROWS = 1_000_000
"""Matched rows that are gathered before they are folded, at least."""


@dataclass(frozen=True, slots=True)
class TouchedKeys:
    """The keys of one metric an attempt looks at; a key's number is its row in ``dimensions``.

    Keys are found by the hash of their text, which is twice as fast as by several texts, and then
    compared; ``seed`` is one under which no two of them share a hash.
    """

    metric: Metric
    dimensions: pl.DataFrame
    by_hash: pl.DataFrame
    seed: int

    @classmethod
    def of(cls, metric: Metric, rows: Sequence[pl.DataFrame]) -> TouchedKeys:
        """The different keys of ``rows`` (statements of ``metric``), in order of appearance."""
        named = [frame.select(metric.key) for frame in rows]
        schema = pl.Schema(dict.fromkeys(metric.key, pl.String()))
        dimensions = pl.concat([schema.to_frame(), *named]).unique(maintain_order=True)
        return cls(metric, dimensions, *_by_hash(metric, dimensions))

    def numbered(self, rows: pl.DataFrame, columns: Iterable[pl.Expr]) -> pl.DataFrame:
        """``columns`` of those ``rows`` whose key is touched; they may use its number, ``key``."""
        hashed = rows.select(self._hash())
        found = hashed.join(self.by_hash, on="hash", how="left", maintain_order="left")
        matched = rows.with_columns(found.get_column("key")).drop_nulls("key")
        told = self.dimensions[matched.get_column("key")]
        same = [matched.get_column(name) == told.get_column(name) for name in self.metric.key]
        return matched.filter(pl.all_horizontal(*same)).select(columns)

    def _hash(self) -> pl.Expr:
        return _hash(self.metric, self.seed)

    def subjects(self) -> pl.DataFrame:
        """The keys as ``reconcile`` takes them: number, tenant, subscription."""
        absent = {name: pl.lit("") for name in DIMENSIONS if name not in self.metric.key}
        return self.dimensions.with_row_index("key").select(
            "key",
            *(absent.get(name, pl.col(name)).alias(name) for name in ("tenant", "subscription")),
        )

    def named(self, numbered: pl.DataFrame) -> pl.DataFrame:
        """``numbered`` with all dimensions beside its column ``key``."""
        names = self.dimensions[numbered.get_column("key")]
        absent = {name: pl.lit("") for name in DIMENSIONS if name not in self.metric.key}
        return pl.concat([numbered, names], how="horizontal").with_columns(
            **{**absent, "metric": pl.lit(self.metric.id)}
        )


def _by_hash(metric: Metric, dimensions: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The number of each key by its hash, under the first seed that tells all of them apart."""
    numbered = dimensions.with_row_index("key")
    tries = (numbered.select(_hash(metric, seed), "key") for seed in count())
    # A second try is as likely as two equal numbers among len(dimensions) of 64 bits.
    return next(
        (hashes, seed)
        for seed, hashes in enumerate(tries)
        if hashes.get_column("hash").n_unique() == len(hashes)
    )


def _hash(metric: Metric, seed: int) -> pl.Expr:
    return pl.concat_str(*metric.key, separator="\t").hash(seed).alias("hash")


def causes(keys: TouchedKeys, statements: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The lines of a report that state each touched key and month (``reconcile``'s causes)."""
    columns = [place_of("month"), pl.col("row")]
    found = [keys.numbered(frame, columns) for frame in statements]
    return pl.concat([CAUSE_PLACES.to_frame(), *found])


def newest_statements(
    keys: TouchedKeys, statements: Iterable[pl.DataFrame], months: Months
) -> pl.DataFrame:
    """The newest statement of every touched key in ``months``; ``statements``: the oldest first."""
    columns = [place_of("month"), pl.col("value_micro")]
    inside = (frame.filter(pl.col("month").is_between(*months)) for frame in statements)
    return _folded(keys, inside, columns, fold_statements, STATEMENT_PLACES)


def counted_increments(
    log: UsageLog, picture: Picture, keys: TouchedKeys, months: Months
) -> pl.DataFrame:
    """What the counted increments of the touched keys say (``reconcile``'s counted).

    Of a stock, whose months hang together, all of them; of a flow only those in ``months``.
    """
    if keys.metric.is_stock:
        return _counted(log, picture, keys, Wanted("increment", [keys.metric.id]))
    wanted = Wanted("increment", [keys.metric.id], months)
    return _counted(log, picture, keys, wanted).filter(in_months(*months))


def standing_levels(counted: pl.DataFrame, months: Months) -> pl.DataFrame:
    """The levels that stand outside ``months``, as the statements they came from.

    No attempt about ``months`` changes them, so their statements need not be read again.
    """
    level = pl.col("level")
    return counted.filter(level.is_not_null() & ~in_months(*months)).select(
        "place", level.alias("value_micro")
    )


def _counted(log: UsageLog, picture: Picture, keys: TouchedKeys, wanted: Wanted) -> pl.DataFrame:
    increments = (
        batch.rows
        for entry in picture.decided
        for cut in entry.decision.cut
        for batch in log.read_attempt(cut, wanted)
    )
    return _folded(keys, increments, counted_from(), fold_counted, COUNTED_SCHEMA)


def stated(
    log: UsageLog, reports: Iterable[LoadedReport], metric: str, months: Months | None = None
) -> Iterator[pl.DataFrame]:
    """The statements about ``metric`` of ``reports``, batches outside ``months`` left out."""
    wanted = Wanted("statement", [metric], months)
    return (batch.rows for batch in batches(log, reports, wanted))


def batches(log: UsageLog, reports: Iterable[LoadedReport], wanted: Wanted) -> Iterator[Batch]:
    """The batches of the attempts that loaded ``reports``, those outside the months skipped."""
    for report in reports:
        if _overlaps(report, wanted.months):
            for cut in report.decision.cut:
                yield from log.read_attempt(cut, wanted)


def keys_with_new_births(log: UsageLog, picture: Picture, metric: Metric) -> list[pl.DataFrame]:
    """Statements of keys whose tenant's or subscription's start changed since they were judged.

    Judged means: since the basis of the last decision about the metric. Flows do not depend on it.
    """
    since = picture.last_basis(metric.id)
    if not metric.is_stock or since is None:
        return []
    changed = picture.births.filter(pl.col("position") > since)
    if changed.is_empty():
        return []
    ids = {scope: changed.filter(scope=scope).get_column("id") for scope in _SCOPES}
    concerned = pl.any_horizontal(pl.col(scope).is_in(ids[scope].implode()) for scope in _SCOPES)
    return [rows.filter(concerned) for rows in stated(log, picture.counted(), metric.id)]


_SCOPES = ("tenant", "subscription")


def _overlaps(report: LoadedReport, months: Months | None) -> bool:
    if months is None:
        return True
    return report.decision.period_from <= months[1] and report.decision.period_to >= months[0]


def _folded(
    keys: TouchedKeys,
    frames: Iterable[pl.DataFrame],
    columns: list[pl.Expr],
    fold: Callable[[pl.DataFrame], pl.DataFrame],
    schema: pl.Schema,
) -> pl.DataFrame:
    """The touched rows of ``frames``, folded whenever they outgrow what is already folded."""
    kept, gathered = schema.to_frame(), [schema.to_frame()]
    for rows in _joined(frames):
        gathered.append(keys.numbered(rows, columns).cast(schema))
        if sum(map(len, gathered)) >= max(FOLD_ROWS, len(kept)):
            kept, gathered = fold(pl.concat([kept, *gathered])), []
    return fold(pl.concat([kept, *gathered]))


def _joined(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """``frames``, several put together while they are small."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        waiting.append(frame)
        if sum(map(len, waiting)) >= JOIN_ROWS:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)
