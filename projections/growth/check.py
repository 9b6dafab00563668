"""Whether the analytics say what the logs say: offsets, grains and credit, each worked out anew.

Three checks, none of which uses what it checks:

- *offsets*: of each partition no row is there twice, and every counted attempt is whole;
- *grains*: each table of credit adds up to the same;
- *credit*: what the fold has kept equals the join of all increments with all holdings.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import polars as pl

from projections.growth import store
from projections.growth.credit_rules import SLOT_HOLDER, credit_rules
from projections.growth.engine import AnalyticsEngine
from projections.growth.growth import (
    MEASURES,
    Wanted,
    growth,
    growth_from_increments,
    known_metrics,
    pin,
)

_BY = ("month", "workload", "tenant", "subscription", "attribution", "kind", "partner")
_ROWS_AT_ONCE = 500_000
_AMOUNTS = [name for name in MEASURES if name.endswith("_micro")]


class Finding(NamedTuple):
    """One check: what was looked at, how many things, how many of them differ, and the first."""

    check: str
    looked_at: int
    differing: int
    example: str = ""


def check(engine: AnalyticsEngine, position: int | None = None) -> list[Finding]:
    """Every check as known at ``position``, the last one fed when it is not given."""
    pinned = pin(engine, position)
    metrics = known_metrics(engine, pinned)
    findings = [_twice(engine), _not_whole(engine, pinned)]
    findings += [_credit(engine, metric, pinned) for metric in metrics]
    findings += [
        _grains(engine, rule.id, metric, pinned)
        for rule in credit_rules().values()
        for metric in metrics
        if rule.about(metric)
    ]
    return findings


def _twice(engine: AnalyticsEngine) -> Finding:
    found = engine.query(
        "SELECT count() AS rows, count() - uniqExact(partition, offset) AS twice"
        " FROM increments_raw WHERE mark != 'batch'"
    ).to_pylist()[0]
    return Finding("no increment twice", found["rows"], found["twice"])


def _not_whole(engine: AnalyticsEngine, position: int) -> Finding:
    found = engine.query(store.sql("questions", "whole_attempts"), {"position": position})
    rows = [row for row in found.to_pylist() if row["told"] != row["found"]]
    example = f"{rows[0]['attempt']}: {rows[0]['found']} of {rows[0]['told']}" if rows else ""
    return Finding("every attempt whole", found.num_rows, len(rows), example)


def _credit(engine: AnalyticsEngine, metric: str, position: int) -> Finding:
    """Some months at a time, so that it takes little memory however much there is."""
    looked_at, differing, example = 0, 0, ""
    for first, last in _spans(engine, metric):
        wanted = Wanted(metrics=(metric,), from_month=first, to_month=last)
        kept, joined = (
            _rows(answer(engine, by=_BY, wanted=wanted, position=position).table)
            for answer in (growth, growth_from_increments)
        )
        found = _differing(kept, joined)
        looked_at, differing = looked_at + len(joined), differing + len(found)
        example = example or _told(found)
    return Finding(f"credit of {metric} by {SLOT_HOLDER} as joined", looked_at, differing, example)


def _grains(engine: AnalyticsEngine, rule: str, metric: str, position: int) -> Finding:
    """Customers added up say what the tables without them say."""
    wanted = Wanted(metrics=(metric,))
    looked_at, differing, example = 0, 0, ""
    for shown in (("month", "partner"), ("month", "kind")):
        asked: Any = {"wanted": wanted, "position": position, "rule": rule}
        fine = _added(growth(engine, by=("tenant", *shown), **asked).table, ["metric", *shown])
        coarse = _added(growth(engine, by=shown, **asked).table, ["metric", *shown])
        found = _differing(fine, coarse)
        looked_at, differing = looked_at + len(coarse), differing + len(found)
        example = example or _told(found)
    return Finding(f"grains of {metric} by {rule}", looked_at, differing, example)


def _spans(engine: AnalyticsEngine, metric: str) -> list[tuple[date, date]]:
    """Runs of months with about ``_ROWS_AT_ONCE`` increments each."""
    spans: list[tuple[date, date]] = []
    waiting = _ROWS_AT_ONCE
    for row in engine.query(_MONTHS, {"metric": metric}).to_pylist():
        if waiting >= _ROWS_AT_ONCE:
            spans.append((row["month"], row["month"]))
            waiting = 0
        spans[-1] = (spans[-1][0], row["month"])
        waiting += row["rows"]
    return spans


_MONTHS = """
SELECT month, count() AS rows FROM increments_raw WHERE metric = {metric:String}
GROUP BY month ORDER BY month
"""


def _rows(table: Any) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))


def _added(table: Any, by: list[str]) -> pl.DataFrame:
    rows = _rows(table).group_by(by).agg(pl.col(_AMOUNTS).sum())
    return rows.filter(pl.any_horizontal(pl.col(_AMOUNTS) != 0))


def _differing(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    columns = ours.columns
    return pl.concat(
        [
            ours.join(theirs, on=columns, how="anti", nulls_equal=True),
            theirs.select(columns).join(ours, on=columns, how="anti", nulls_equal=True),
        ]
    )


def _told(found: pl.DataFrame) -> str:
    if found.is_empty():
        return ""
    return ", ".join(f"{name}={value}" for name, value in found.row(0, named=True).items() if value)
