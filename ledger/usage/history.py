"""What the log says about the keys an attempt touches, gathered batch by batch.

A key gets a number, so that what is kept in memory of a row is a few dozen bytes, whatever its
dimensions are; batches of other metrics and months are not decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from ledger.usage.decisions import LoadedReport, Picture
from ledger.usage.log import Batch, UsageLog, Wanted
from ledger.usage.metrics import metric
from ledger.usage.reconcile import (
    CAUSE_SCHEMA,
    COUNTED_SCHEMA,
    NEWEST_SCHEMA,
    fold_increments,
    fold_statements,
)
from ledger.usage.rows import DIMENSIONS

FOLD_ROWS = 1_000_000
"""How many rows are gathered before they are folded, so that memory follows keys and months."""


@dataclass(frozen=True, slots=True)
class TouchedKeys:
    """The keys an attempt looks at: ``frame`` has their number ``key`` and all dimensions."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, rows: Iterable[pl.DataFrame]) -> TouchedKeys:
        """The different keys of ``rows`` (statements), numbered in a stable order."""
        found = [frame.select(DIMENSIONS).unique(maintain_order=True) for frame in rows]
        keys = pl.concat(found).unique(maintain_order=True) if found else _no_keys()
        return cls(keys.with_row_index("key"))

    def metrics(self) -> list[str]:
        """The metrics that have a touched key."""
        return self.frame.get_column("metric").unique().to_list()

    def numbered(self, name: str, rows: pl.DataFrame, *columns: pl.Expr) -> pl.DataFrame:
        """The rows of a touched key of metric ``name``, as ``key`` and ``columns``, in their order."""
        dimensions = list(metric(name).key)
        keys = self.frame.filter(pl.col("metric") == name).select("key", *dimensions)
        return rows.join(keys, on=dimensions, how="inner", maintain_order="left").select(
            "key", *columns
        )


def _no_keys() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(DIMENSIONS, pl.String()))


def causes(keys: TouchedKeys, statements: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The lines of a report that state each touched key and month (``reconcile``'s causes)."""
    return _gathered(
        CAUSE_SCHEMA,
        (
            keys.numbered(_metric_of(frame), frame, pl.col("month"), pl.col("row"))
            for frame in statements
            if len(frame)
        ),
    )


def newest_statements(
    log: UsageLog, reports: Sequence[LoadedReport], keys: TouchedKeys
) -> pl.DataFrame:
    """The newest statement of every touched key and month; the later in ``reports``, the newer."""
    kept = NEWEST_SCHEMA.to_frame()
    gathered: list[pl.DataFrame] = []
    for order, report in enumerate(reports):
        for batch in batches(log, [report], Wanted("statement", keys.metrics())):
            gathered.append(ordered(keys, batch.metric, batch.rows, order))
            if sum(map(len, gathered)) >= FOLD_ROWS:
                kept, gathered = fold_statements(pl.concat([kept, *gathered])), []
    return fold_statements(pl.concat([kept, *gathered]))


def ordered(keys: TouchedKeys, name: str, rows: pl.DataFrame, order: int) -> pl.DataFrame:
    """Statements of one metric of a report of rank ``order``, as ``reconcile`` takes them."""
    rank = pl.lit(order, dtype=pl.UInt32).alias("order")
    return keys.numbered(name, rows, pl.col("month"), pl.col("value_micro"), rank)


def counted_increments(log: UsageLog, picture: Picture, keys: TouchedKeys) -> pl.DataFrame:
    """What the counted increments of the touched keys say, folded (``reconcile``'s counted)."""
    kept = COUNTED_SCHEMA.to_frame()
    gathered: list[pl.DataFrame] = []
    wanted = Wanted("increment", keys.metrics())
    for entry in picture.decided:
        for cut in entry.decision.cut:
            for batch in log.read_attempt(cut, wanted):
                columns = (pl.col(name).cast(kind) for name, kind in _COUNTED)
                gathered.append(keys.numbered(batch.metric, batch.rows, *columns))
            if sum(map(len, gathered)) >= FOLD_ROWS:
                kept, gathered = fold_increments(pl.concat([kept, *gathered])), []
    return fold_increments(pl.concat([kept, *gathered]))


_COUNTED = [(name, kind) for name, kind in COUNTED_SCHEMA.items() if name != "key"]


def batches(log: UsageLog, reports: Iterable[LoadedReport], wanted: Wanted) -> Iterator[Batch]:
    """The batches of the attempts that loaded ``reports``; reports outside the months are skipped."""
    for report in reports:
        if _overlaps(report, wanted.months):
            for cut in report.decision.cut:
                yield from log.read_attempt(cut, wanted)


def _overlaps(report: LoadedReport, months: tuple[date, date] | None) -> bool:
    if months is None:
        return True
    return report.decision.period_from <= months[1] and report.decision.period_to >= months[0]


def keys_with_new_births(
    log: UsageLog, picture: Picture, metrics: Iterable[str]
) -> list[pl.DataFrame]:
    """Statements of the keys whose tenant's or subscription's start changed since they were judged.

    Judged means: since the basis of the last decision about the metric. Flows do not depend on it.
    """
    return [
        rows
        for name in metrics
        if metric(name).is_stock and (since := picture.last_basis(name)) is not None
        for rows in _stated_about(log, picture, name, since)
    ]


def _stated_about(log: UsageLog, picture: Picture, name: str, since: int) -> Iterator[pl.DataFrame]:
    changed = picture.births.filter(pl.col("position") > since)
    if changed.is_empty():
        return
    ids = {
        scope: changed.filter(pl.col("scope") == scope).get_column("id")
        for scope in ("tenant", "subscription")
    }
    concerned = pl.any_horizontal(
        pl.col(scope).is_in(found.implode()) for scope, found in ids.items()
    )
    for batch in batches(log, picture.counted(), Wanted("statement", [name])):
        yield batch.rows.filter(concerned)


def _metric_of(statements: pl.DataFrame) -> str:
    return str(statements.item(0, "metric"))


def _gathered(schema: pl.Schema, parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([schema.to_frame(), *parts])
