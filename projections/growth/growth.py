"""Growth and levels as known at a position: the questions, their filters and their answers.

Credit here is by *slot holder on the date* (DESIGN §7, domain.md §7.3): the holder on the first of
the increment's month, only after the association began, never for an opening. Consumption that a
file attributes itself (``azure.acr.attributed``, ``bizapps.pamau``) is credited as stated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from ledger.errors import BadInputError
from ledger.usage.metrics import METRICS
from projections.growth import store
from projections.growth.engine import AnalyticsEngine
from projections.growth.literals import Parameter

DIMENSIONS = (
    "month",
    "metric",
    "workload",
    "kind",
    "partner",
    "organisation",
    "tenant",
    "attribution",
    "subscription",
    "resource",
)
"""What growth can be asked by, in the order of the answer's columns."""

MEASURES = (
    "credited_micro",
    "credited_across_gap_micro",
    "uncredited_micro",
    "uncredited_across_gap_micro",
    "opening_micro",
    "level_micro",
    "gap_from",
)
"""What each row of an answer measures; see ``Growth``."""

_TOLD_BY = frozenset({"partner", "attribution"})
"""Whose usage it is: where a metric's key says it, two of them may tell the same usage again."""

_FIRST, _LAST = date(1970, 1, 1), date(2149, 6, 1)  # the months a ClickHouse Date can hold


@dataclass(frozen=True)
class Wanted:
    """Which increments and holders a question is about; empty means all.

    ``kinds`` says which associations count: growth that only others hold is then uncredited.
    ``partners`` and ``organisations`` leave only rows of these holders. Months are inclusive.
    """

    metrics: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    from_month: date = _FIRST
    to_month: date = _LAST


@dataclass(frozen=True)
class Growth:
    """The answer to a growth question, the same for ever: it is pinned to ``position``.

    ``table`` has the columns ``by`` and ``MEASURES``, amounts in millionths of the metric's unit.
    Credited, uncredited and opening amounts add up to all that changed; the ``across_gap`` columns
    are the part of the column before them that rests on a month nobody stated, the earliest from
    ``gap_from`` on. ``level_micro`` is what was stated for the month; null for consumption, and
    when the months are not told apart.
    """

    position: int
    by: tuple[str, ...]
    table: pa.Table = field(repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as plain values, in order of ``by``."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


def growth(
    engine: AnalyticsEngine,
    *,
    by: Sequence[str] = ("month",),
    wanted: Wanted | None = None,
    position: int | None = None,
) -> Growth:
    """How much usage grew, for each combination of ``by``, as known at ``position``.

    Amounts of two metrics are never added, so ``metric`` is always among the columns; an
    attribution that tells the same consumption again is never added to another, so ``partner``
    and ``attribution`` are among them for metrics that have them in their key. ``position``
    defaults to the last one fed. Raises ``BadInputError`` for an unknown dimension, a day that is
    not the first of its month, or a position that is not fed yet.
    """
    wanted = wanted or Wanted()
    _check_months(wanted.from_month, wanted.to_month)
    pinned = pin(engine, position)
    metrics = wanted.metrics or known_metrics(engine, pinned)
    columns = _columns(by, metrics)
    params = {**_params(wanted, metrics), **_reach(), "by": columns, "position": pinned}
    table = engine.query(store.sql("questions", "growth"), params)
    return Growth(pinned, columns, table.select([*columns, *MEASURES]))


def levels(
    engine: AnalyticsEngine,
    metric: str,
    month: date,
    *,
    wanted: Wanted | None = None,
    position: int | None = None,
) -> list[tuple[str, str, int]]:
    """``(tenant, workload, level_micro)`` of a stock as stated for ``month``, at ``position``."""
    wanted = wanted or Wanted()
    _check_months(month)
    params: dict[str, Parameter] = {
        "metric": metric,
        "month": month,
        "workloads": wanted.workloads,
        "tenants": wanted.tenants,
        "position": pin(engine, position),
    }
    table = engine.query(store.sql("questions", "levels"), params)
    return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


def pin(engine: AnalyticsEngine, position: int | None) -> int:
    """The position an answer is pinned to: the one asked for, else the last one fed.

    Raises ``BadInputError`` ``analytics_behind`` when the tables are not fed that far.
    """
    fed = store.answerable(engine)
    if position is None:
        return fed
    if not 0 <= position <= fed:
        raise BadInputError(
            f"Growth can be told up to position {fed}, not at {position}.",
            hint="Ask for an earlier position, or feed the analytics first.",
            code="analytics_behind",
        )
    return position


def known_metrics(engine: AnalyticsEngine, position: int) -> tuple[str, ...]:
    """The metrics that have increments counted at ``position``, in order."""
    table = engine.query(store.sql("questions", "metrics"), {"position": position})
    return tuple(table["metric"].to_pylist())


def _columns(by: Sequence[str], metrics: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown:
        raise BadInputError(
            f"Growth can't be told by {unknown[0]!r}.",
            hint=f"Choose from {', '.join(DIMENSIONS)}.",
        )
    forced = {"metric"}
    for metric in metrics:
        forced |= _TOLD_BY.intersection(METRICS[metric].key if metric in METRICS else ())
    return tuple(name for name in DIMENSIONS if name in forced.union(by))


def _params(wanted: Wanted, metrics: Sequence[str]) -> dict[str, Parameter]:
    return {
        "metrics": metrics,
        "workloads": wanted.workloads,
        "tenants": wanted.tenants,
        "kinds": wanted.kinds,
        "partners": wanted.partners,
        "organisations": wanted.organisations,
        "from_month": wanted.from_month,
        "to_month": wanted.to_month,
    }


def _check_months(*months: date) -> None:
    for month in months:
        if month.day != 1 or not _FIRST <= month <= _LAST:
            raise BadInputError(
                f"{month} is not a month growth is kept for.",
                hint=f"Name the first day of a month from {_FIRST} to {_LAST}.",
            )


@cache
def _reach() -> dict[str, Parameter]:
    """The parameters of ``reach.toml`` and the metric table: which kinds reach which usage."""
    reach = tomllib.loads((files(__package__) / "reach.toml").read_text(encoding="utf-8"))
    return {
        "stocks": [name for name, row in METRICS.items() if row.is_stock],
        "revenues": [name for name, row in METRICS.items() if row.is_revenue],
        "activities": list(reach["claimed_activities"]),
        "activities_reach": list(reach["claimed_activities"].values()),
        "workload_kinds": reach["workload_kinds"],
        "subscription_kinds": reach["subscription_kinds"],
        "products": list(reach["product_families"]),
        "families": list(reach["product_families"].values()),
    }
