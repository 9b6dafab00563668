"""Growth as people ask for it: by period and attribute, with last year beside, or as a share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from ledger.errors import BadInputError
from projections.growth import periods, store
from projections.growth.association import ASSOCIATION, COLUMNS, with_association
from projections.growth.attributes import ATTRIBUTES, with_attributes
from projections.growth.credit_rules import SLOT_HOLDER
from projections.growth.engine import AnalyticsEngine
from projections.growth.growth import DIMENSIONS, Wanted, growth, known_metrics, pin

ACTIVE, PAID = "m365.mau", "m365.pau"
"""The two metrics of a share: how many of the paid units are active (domain.md §1)."""


@dataclass(frozen=True)
class Asked:
    """A question: what it is told by (dimensions, attributes, a period), how months combine."""

    by: tuple[str, ...] = ("month",)
    wanted: Wanted = field(default_factory=Wanted)
    rule: str = SLOT_HOLDER
    fiscal_year_starts: int = periods.JULY
    trailing: bool = False
    year_on_year: bool = False
    share: bool = False


@dataclass(frozen=True)
class Report:
    """The answer: ``rows`` with the columns ``by`` first, pinned to ``position``.

    ``unreported`` are months in the span asked for of which no report of a metric counts.
    """

    position: int
    by: tuple[str, ...]
    rows: pl.DataFrame = field(repr=False)
    unreported: tuple[tuple[str, date], ...] = ()


def report(engine: AnalyticsEngine, asked: Asked, position: int | None = None) -> Report:
    """Answer a question, as known at ``position`` (the last one fed).

    Raises ``BadInputError`` for what can't be asked together, and what ``growth`` raises.
    """
    period = _period(asked)
    attributes = [name for name in asked.by if name in ATTRIBUTES]
    looked_up = {ATTRIBUTES[name][0] for name in attributes}
    if ASSOCIATION in asked.by:
        attributes.append(ASSOCIATION)
        looked_up |= set(COLUMNS) - {"month"}
    plain = [name for name in asked.by if name in DIMENSIONS and name != "month"]
    monthly = ["month"] if period or ASSOCIATION in asked.by else []
    wanted = asked.wanted
    if asked.share:
        wanted = _both(wanted)
    elif asked.year_on_year or asked.trailing:
        wanted = _with_a_year_before(wanted)
    by = [*monthly, *plain, *looked_up]
    answer = growth(engine, by=by, wanted=wanted, position=position, rule=asked.rule)
    rows = pl.DataFrame(pl.from_arrow(answer.table))
    only_looked_up = looked_up.difference(asked.by)
    dimensions = [name for name in answer.by if name != "month" and name not in only_looked_up]
    if attributes:
        rows = _with(engine, rows, attributes, asked, answer.position)
        if not period and monthly:  # the level of several months is none
            rows = rows.with_columns(level_micro=pl.lit(None, pl.Int64))
            only_looked_up |= {"month"}
        rows = _added(rows, [*monthly, *attributes, *answer.by], only_looked_up)
        dimensions = list(dict.fromkeys([*attributes, *dimensions]))
    rows = _over_months(rows, dimensions, period, asked)
    shown = (*([period] if period else []), *dimensions)
    if asked.share:
        rows, shown = _shares(rows, [name for name in shown if name != "metric"])
    unreported = _unreported(engine, asked.wanted, answer.position, rows)
    return Report(answer.position, tuple(shown), rows, unreported)


def _with(
    engine: AnalyticsEngine, rows: pl.DataFrame, names: list[str], asked: Asked, position: int
) -> pl.DataFrame:
    """The rows with every attribute asked for."""
    recorded = [name for name in names if name != ASSOCIATION]
    rows = with_attributes(engine, rows, recorded, position)
    if ASSOCIATION in names:
        rows = with_association(engine, rows, asked.rule, asked.wanted.kinds, position)
    return rows


def _period(asked: Asked) -> str:
    """The period that is asked by; '' when the months are not told apart."""
    known = (*DIMENSIONS, *ATTRIBUTES, ASSOCIATION, *periods.PERIODS)
    if unknown := [name for name in asked.by if name not in known]:
        raise BadInputError(
            f"Growth can't be told by {unknown[0]!r}.",
            hint=f"Choose from {', '.join(dict.fromkeys(known))}.",
        )
    found = [name for name in asked.by if name in periods.PERIODS]
    if len(found) > 1:
        raise BadInputError(
            f"Growth is told by one period at a time, not by {found[0]} and {found[1]}.",
            code="two_periods",
        )
    if (asked.trailing or asked.year_on_year or asked.share) and found != ["month"]:
        raise BadInputError(
            "Trailing months, year on year and shares are told month by month.",
            hint="Add --by month.",
            code="by_month_only",
        )
    return found[0] if found else ""


def _over_months(
    rows: pl.DataFrame, dimensions: list[str], period: str, asked: Asked
) -> pl.DataFrame:
    if period and period != "month":
        return periods.by_period(rows, period, dimensions, asked.fiscal_year_starts)
    if asked.trailing:
        rows = periods.trailing(rows, dimensions)
    if asked.year_on_year:
        rows = periods.year_on_year(rows, dimensions)
    if asked.trailing or asked.year_on_year:
        wanted = asked.wanted
        rows = rows.filter(pl.col("month").is_between(wanted.from_month, wanted.to_month))
    return rows


def _added(rows: pl.DataFrame, by: list[str], without: set[str]) -> pl.DataFrame:
    """Rows added up over the columns they were only looked up by."""
    kept = [name for name in dict.fromkeys(by) if name not in without]
    return (
        rows.group_by(kept)
        .agg(
            pl.col(periods.AMOUNTS).sum(),
            pl.when(pl.col("level_micro").is_not_null().any())
            .then(pl.col("level_micro").sum())
            .alias("level_micro"),
            pl.col("gap_from").min(),
        )
        .sort(kept)
    )


def _both(wanted: Wanted) -> Wanted:
    if set(wanted.metrics) - {ACTIVE, PAID}:
        raise BadInputError(
            f"A share is of {ACTIVE} in {PAID}; leave --metric out.", code="share_of_two_metrics"
        )
    return replace(wanted, metrics=(ACTIVE, PAID))


def _with_a_year_before(wanted: Wanted) -> Wanted:
    first = wanted.from_month
    return replace(wanted, from_month=date(max(1970, first.year - 1), first.month, 1))


def _shares(rows: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Active users in a hundred paid units, where both levels are stated."""
    levels = [
        rows.filter(metric=metric).select(*by, pl.col("level_micro").alias(name))
        for metric, name in ((ACTIVE, "active_micro"), (PAID, "paid_micro"))
    ]
    found = levels[0].join(levels[1], on=by, how="full", coalesce=True, nulls_equal=True).sort(by)
    share = pl.col("active_micro") / pl.col("paid_micro") * 100
    paid = pl.col("paid_micro") > 0
    return found.with_columns(share_percent=pl.when(paid).then(share.round(1))), tuple(by)


def _unreported(
    engine: AnalyticsEngine, wanted: Wanted, position: int, rows: pl.DataFrame
) -> tuple[tuple[str, date], ...]:
    """Months asked for, or between the first and the last one told, that nothing is stated of."""
    pinned = pin(engine, position)
    metrics = wanted.metrics or known_metrics(engine, pinned)
    answer = engine.query(
        store.sql("questions", "reported_months"), {"metrics": metrics, "position": pinned}
    )
    reported: dict[str, list[date]] = {name: [] for name in metrics}
    for row in answer.to_pylist():
        reported[row["metric"]].append(row["month"])
    found = []
    for metric, months in reported.items():
        told = months or [wanted.from_month]
        bounds = Wanted()
        first = wanted.from_month if wanted.from_month != bounds.from_month else min(told)
        last = wanted.to_month if wanted.to_month != bounds.to_month else max(told)
        if wanted.from_month != bounds.from_month and wanted.to_month == bounds.to_month:
            last = max(first, last)
        if not months and not rows.is_empty():
            continue
        found += [(metric, month) for month in periods.missing(months, first, last)]
    return tuple(found)
