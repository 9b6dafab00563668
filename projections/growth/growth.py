"""Growth and levels as known at a position: the questions, their filters and their answers.

Credit here is by *slot holder on the date* (DESIGN §7, domain.md §7.3): the holder on the first of
the increment's month, only after the association began, never for an opening. Consumption that a
file attributes itself (``azure.acr.attributed``, ``bizapps.pamau``) is credited as stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa

from ledger.errors import BadInputError
from ledger.usage.metrics import METRICS
from projections.growth import store
from projections.growth.credit_rules import SLOT_HOLDER, rule_named
from projections.growth.engine import AnalyticsEngine
from projections.growth.literals import Parameter, asked
from projections.growth.reach import reach

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
    rule: str = SLOT_HOLDER,
) -> Growth:
    """How much usage grew, for each combination of ``by``, as known at ``position``.

    Amounts of two metrics are never added, so ``metric`` is always among the columns; an
    attribution that tells the same consumption again is never added to another, so ``partner``
    and ``attribution`` are among them for metrics that have them in their key. ``position``
    defaults to the last one fed. Answered from what is kept as credited where that can tell
    (``kept_in``), else from the increments; both say the same.

    Raises ``BadInputError`` for an unknown dimension or rule, a day that is not the first of its
    month, or a position that is not fed yet.
    """
    question = _question(engine, by, wanted or Wanted(), position)
    table = kept_in(question.by, question.wanted)
    if table is None:
        return _from_increments(engine, question, rule)
    return _from_credited(engine, question, rule, table)


def growth_from_increments(
    engine: AnalyticsEngine,
    *,
    by: Sequence[str] = ("month",),
    wanted: Wanted | None = None,
    position: int | None = None,
    rule: str = SLOT_HOLDER,
) -> Growth:
    """The same as ``growth``, always by joining every increment with the holdings: the check."""
    return _from_increments(engine, _question(engine, by, wanted or Wanted(), position), rule)


def kept_in(by: Sequence[str], wanted: Wanted) -> str | None:
    """The table of credit that can answer a question; None when only the increments can.

    Of several kinds, partners or organisations asked for together, what two of them share would
    have to count once: the tables tell that only where they are told apart. What is left for
    nobody (``rest``) is told for all kinds or for one.
    """
    if "resource" in by or len(wanted.kinds) > 1:
        return None
    holders = {"partner": wanted.partners, "organisation": wanted.organisations}
    if any(len(names) > 1 and name not in by for name, names in holders.items()):
        return None
    if {"tenant", "subscription"}.intersection(by) or wanted.tenants:
        return "credited_keys"
    if {"partner", "organisation"}.intersection(by) or any(holders.values()):
        return "credited_holders"
    return "credited_totals"


@dataclass(frozen=True)
class _Question:
    by: tuple[str, ...]
    wanted: Wanted
    metrics: tuple[str, ...]
    position: int


def _question(
    engine: AnalyticsEngine, by: Sequence[str], wanted: Wanted, position: int | None
) -> _Question:
    _check_months(wanted.from_month, wanted.to_month)
    pinned = pin(engine, position)
    metrics = wanted.metrics or known_metrics(engine, pinned)
    return _Question(_columns(by, metrics), wanted, tuple(metrics), pinned)


def _from_increments(engine: AnalyticsEngine, question: _Question, rule: str) -> Growth:
    if rule_named(rule).id != SLOT_HOLDER:
        raise BadInputError(
            f"By the credit rule {rule} growth can't be told by resource, nor for several kinds, "
            "partners or organisations that are not told apart.",
            hint="Add --by kind, partner or organisation, or ask for one at a time.",
            code="credit_rule_asks_apart",
        )
    params = {**_params(question), **reach()}
    return _answer(question, engine.query(store.sql("questions", "growth"), params))


def _from_credited(engine: AnalyticsEngine, question: _Question, rule: str, table: str) -> Growth:
    wanted = question.wanted
    shown = set(question.by)
    # What is asked of one kind, partner or organisation alone stands as if it were shown.
    shown |= {
        name
        for name, chosen in (
            ("kind", wanted.kinds),
            ("partner", wanted.partners),
            ("organisation", wanted.organisations),
        )
        if chosen
    }
    everyone = not (wanted.partners or wanted.organisations)
    params: dict[str, Parameter] = {
        **_params(question),
        "rule": rule_named(rule).id,
        "mask": sum(bit for name, bit in _BITS.items() if name in shown),
        "by_month": int("month" in question.by),
    }
    sql = _credited_sql(table, question.by, rest=bool(wanted.kinds) and everyone)
    return _answer(question, _ordered(engine.query(asked(sql, params), params), question.by))


def _ordered(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """The rows in order of ``by``, texts by their bytes, as ClickHouse orders them."""
    rows = pl.DataFrame(pl.from_arrow(table.select(by))).with_row_index("at")
    order = rows.sort(by).select(pl.col("at").cast(pl.Int64)).to_series().to_arrow()
    return table.combine_chunks().take(order)


_BITS = {"kind": 1, "partner": 2, "organisation": 4}


@cache
def _credited_sql(table: str, by: tuple[str, ...], *, rest: bool) -> str:
    """The question to one of the tables of credit, about the columns ``by``."""
    nobody = [f"'' AS {name}" if name in _BITS else name for name in by]
    rows = [f"({store.sql('questions', name)})" for name in _ROWS[: 1 + rest]]
    text = store.sql("questions", "credited").replace("{rows}", " UNION ALL ".join(rows))
    for name, stands in (("of", table), ("by", ", ".join(by)), ("nobody", ", ".join(nobody))):
        text = text.replace("{" + name + "}", stands)
    return text


_ROWS = ("credited_asked", "credited_rest")


def _answer(question: _Question, table: pa.Table) -> Growth:
    columns = [*question.by, *MEASURES]
    return Growth(question.position, question.by, table.select(columns))


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


def _params(question: _Question) -> dict[str, Parameter]:
    wanted = question.wanted
    return {
        "by": question.by,
        "position": question.position,
        "metrics": question.metrics,
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
