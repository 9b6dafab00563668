"""Customers near a number that decides whether they count: short of it, or with little to spare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

import polars as pl

from ledger.rules.programmes.measuring import TenantsGained
from ledger.rules.programmes.programme import Metric, TenantClass, Threshold
from projections.programmes.conditions import Asked, compared
from projections.programmes.holder import MICRO, months_before
from projections.programmes.measures import Measuring
from projections.programmes.reach import PLACE, joined
from projections.programmes.usage_ways import Question, Unreported

NEAR_PERCENT = 10
"""A customer is near a number with at most so many hundredths of it to go or to spare [P]."""

_MONTHS_BACK = 3


class Nearby(NamedTuple):
    """A customer's ``value`` in the last month reported, and the least that counts in a class."""

    metric: Metric
    tenant_class: TenantClass
    measured: str
    tenant: str
    workload: str | None
    month: date
    value: Decimal
    needed: Decimal

    @property
    def counts(self) -> bool:
        """Whether it is enough."""
        return self.value >= self.needed


def nearby(measuring: Measuring, month: date) -> Iterator[Nearby]:
    """The holder's customers near a condition of any metric, by the last report up to ``month``."""
    found = {
        (near.measured, near.tenant, near.workload, near.needed): near
        for one in reversed(measuring.programme.tenant_class)
        for metric in reversed(measuring.programme.metric)
        for line in (metric.lines(one.id) if metric.in_class(one.id) else ())
        for near in _of_line(measuring, one, metric, line, month)
    }
    # What several classes or types ask alike is told once, of the first of them.
    yield from (found[key] for key in sorted(found, key=str))


def _of_line(
    measuring: Measuring, one: TenantClass, metric: Metric, line: Threshold, month: date
) -> Iterator[Nearby]:
    by_type = line if metric.formula in ("best_of_types", "sum_of_types") else None
    for way in metric.by:
        if not isinstance(way, TenantsGained):
            continue
        if by_type is not None and way.type not in (None, by_type.type):
            continue
        size = line.size if isinstance(line.size, Decimal) else way.at_least
        last = _last_reported(measuring, way, month)
        if size is None or last is None:
            continue
        asked = measuring.asked(one, metric, way, by_type, last)
        condition = Asked(way, size, asked.workloads(way.metric))
        for tenant, workload, value, needed in _near(asked, condition):
            yield Nearby(metric, one, way.metric, tenant, workload, last, value, needed)


def _last_reported(measuring: Measuring, way: TenantsGained, month: date) -> date | None:
    metrics = [way.metric, *([way.share_of] if way.share_of else [])]
    months = (months_before(month, n) for n in range(_MONTHS_BACK + 1))
    reported = measuring.facts.reported
    return next((each for each in months if all(reported(one, each) for one in metrics)), None)


def _near(asked: Question, condition: Asked) -> Iterator[tuple[str, str | None, Decimal, Decimal]]:
    """The customers (and workloads) held at the end of the month that lie near the number."""
    way, size = condition.way, condition.size
    assert size is not None, "a condition has a size"
    rows, sums = compared(asked.facts, condition, asked.month)
    unit = [name for name in ("tenant", "workload") if name in sums.columns]
    held = joined(rows.select(PLACE).unique(), asked.standing(way.products, asked.month))
    try:
        held = asked.in_class(held, asked.month)
    except Unreported:
        return
    if way.over == "any_month":
        sums = sums.group_by(unit).agg(pl.col("value").max())
    mine = sums.join(held.select(unit).unique(), on=unit, how="semi")
    for row in mine.sort(unit).iter_rows(named=True):
        needed = size
        if way.share_of:
            other = row["other"] / MICRO
            if way.of_at_least is not None and other < way.of_at_least:
                continue
            needed = (other * size).to_integral_value(ROUND_CEILING)
        value = row["value"] / MICRO
        if abs(value - needed) * 100 <= needed * NEAR_PERCENT:
            yield row["tenant"], row.get("workload"), value, needed
