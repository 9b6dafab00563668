"""What a programme's metrics are measured as, from the growth tables, at one position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from projections.growth.engine import AnalyticsEngine
from projections.growth.growth import Wanted, growth, levels, pin
from projections.programmes.programme import Metric, Programme

MICRO = Decimal(1_000_000)


class Holder(NamedTuple):
    """Whose score: a partner organisation with all its locations, or one location."""

    scope: Literal["organisation", "location"]
    id: str


@dataclass(frozen=True)
class Figure:
    """A measured or given amount, and the part of it that rests on months nobody stated."""

    amount: Decimal
    across_gap: Decimal = Decimal(0)
    tenants: Mapping[str, Decimal] = field(default_factory=dict)


class ClassedTenant(NamedTuple):
    """A tenant in a class, with the workload and level that put it there."""

    tenant: str
    tenant_class: str
    workload: str
    level: Decimal


@dataclass(frozen=True)
class Measured:
    """Figures by (tenant class, metric) and type, and the classes of the tenants behind them.

    ``unclassed`` are tenants with credited growth that no class takes: their size is out of every
    range, or no level was stated for the month. Their growth earns nothing.
    """

    position: int
    figures: Mapping[tuple[str, str], Mapping[str, Figure]]
    tenants: tuple[ClassedTenant, ...]
    unclassed: tuple[str, ...]


def measure(
    engine: AnalyticsEngine,
    programme: Programme,
    holder: Holder,
    month: date,
    position: int | None = None,
) -> Measured:
    """Everything the growth tables can tell for a programme in the months up to ``month``."""
    pinned = pin(engine, position)
    grown = {
        (metric.id, type_.id): _growth(
            engine, programme, metric, type_.kinds, holder, month, pinned
        )
        for metric in programme.metric
        if metric.usage
        for type_ in programme.type
    }
    tenants = sorted({tenant for credit in grown.values() for tenant in credit})
    classed = _classes(engine, programme, tenants, month, pinned)
    return Measured(
        pinned,
        _figures(programme, grown, classed),
        classed,
        tuple(sorted(set(tenants) - {one.tenant for one in classed})),
    )


class _Credit(NamedTuple):
    amount: Decimal
    across_gap: Decimal


def _growth(
    engine: AnalyticsEngine,
    programme: Programme,
    metric: Metric,
    kinds: tuple[str, ...],
    holder: Holder,
    month: date,
    position: int,
) -> dict[str, _Credit]:
    """Credited growth of each tenant over the metric's months, by kinds scored as one type."""
    assert metric.usage is not None
    mine = (holder.id,)
    wanted = Wanted(
        metrics=(metric.usage.metric,),
        workloads=programme.workloads.eligible,
        kinds=kinds,
        partners=mine if holder.scope == "location" else (),
        organisations=mine if holder.scope == "organisation" else (),
        from_month=months_before(month, metric.usage.months - 1),
        to_month=month,
    )
    answer = growth(engine, by=["tenant"], wanted=wanted, position=position)
    return {
        row["tenant"]: _Credit(
            row["credited_micro"] / MICRO, row["credited_across_gap_micro"] / MICRO
        )
        for row in answer.rows()
    }


def _classes(
    engine: AnalyticsEngine, programme: Programme, tenants: list[str], month: date, position: int
) -> tuple[ClassedTenant, ...]:
    """The classes of each tenant, each shown by the workload with the highest level in range."""
    best: dict[tuple[str, str], ClassedTenant] = {}
    wanted = Wanted(workloads=programme.workloads.eligible, tenants=tuple(tenants))
    for rule in programme.tenant_class if tenants else ():
        stated = levels(engine, rule.metric, month, wanted=wanted, position=position)
        for tenant, workload, level in sorted(stated, key=lambda row: row[2]):
            if rule.holds(level):
                one = ClassedTenant(tenant, rule.id, workload, level / MICRO)
                best[tenant, rule.id] = one
    return tuple(best[key] for key in sorted(best))


def _figures(
    programme: Programme,
    grown: Mapping[tuple[str, str], Mapping[str, _Credit]],
    classed: tuple[ClassedTenant, ...],
) -> dict[tuple[str, str], dict[str, Figure]]:
    members = defaultdict(set)
    for one in classed:
        members[one.tenant_class].add(one.tenant)
    return {
        (rule.id, metric.id): {
            name: _figure(grown[metric.id, name], members[rule.id])
            for name in metric.thresholds(rule.id)
        }
        for rule in programme.tenant_class
        for metric in programme.metric
        if metric.usage
    }


def _figure(grown: Mapping[str, _Credit], members: set[str]) -> Figure:
    mine = {tenant: grown[tenant] for tenant in sorted(members & grown.keys())}
    return Figure(
        sum((one.amount for one in mine.values()), Decimal(0)),
        sum((one.across_gap for one in mine.values()), Decimal(0)),
        {tenant: one.amount for tenant, one in mine.items()},
    )


def months_before(month: date, count: int) -> date:
    """The first day of the month ``count`` months before.

    >>> months_before(date(2023, 9, 1), 11)
    datetime.date(2022, 10, 1)
    """
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)
