"""Levels and amounts as stated by reports, each state of knowledge from one reading.

All that was ever said about some customers is read once; ``at`` gives what counted at a position,
so that many positions are compared without asking the growth tables again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ledger.usage.metrics import METRICS
from projections.growth import store
from projections.growth.engine import AnalyticsEngine
from projections.growth.growth import pin
from projections.incentives.lines import Place
from projections.incentives.marks import Level

MICRO = Decimal(1_000_000)


class Said(NamedTuple):
    """What one attempt says of a key in a month; see ``questions/stated.sql``."""

    metric: str
    tenant: str
    subscription: str
    workload: str
    resource: str
    month: date
    position: int
    report: str
    level_micro: int | None
    delta_micro: int
    opening_micro: int


class UsageHistory:
    """Everything said, in order of position, up to the position it was read at."""

    def __init__(self, said: Iterable[Said]) -> None:
        self._said = sorted(said, key=lambda one: one.position)

    def at(self, position: int) -> Usage:
        """What counts at a position."""
        return Usage([one for one in self._said if one.position <= position])


class Usage:
    """What counts at one position, by metric and place."""

    def __init__(self, said: Sequence[Said]) -> None:
        keys: dict[tuple[str, ...], dict[date, list[Said]]] = defaultdict(lambda: defaultdict(list))
        for one in said:
            key = (one.metric, one.tenant, one.subscription, one.workload, one.resource)
            keys[key][one.month].append(one)
        self._levels: dict[tuple[str, str], dict[Place, dict[date, Level]]] = defaultdict(dict)
        for (metric, tenant, subscription, workload, _), months in keys.items():
            place = Place(tenant, workload, subscription)
            told = self._levels[metric, tenant].setdefault(place, {})
            for month, attempts in months.items():
                level = _level(metric, attempts)
                if level is not None:
                    told[month] = _sum(told.get(month), level)

    def of(self, place: Place, metrics: Iterable[str]) -> dict[str, Mapping[date, Level]]:
        """The levels at a place by metric and month: of a workload, or of a whole subscription."""
        return {metric: self._of(place, metric) for metric in metrics}

    def _of(self, place: Place, metric: str) -> dict[date, Level]:
        found: dict[date, Level] = {}
        for told, months in self._levels.get((metric, place.tenant), {}).items():
            mine = (
                told.subscription == place.subscription
                if place.subscription
                else told.workload == place.workload
            )
            for month, level in months.items() if mine else ():
                found[month] = _sum(found.get(month), level)
        return found

    def workloads(self, tenant: str, metric: str) -> tuple[str, ...]:
        """The workloads of a customer that a metric is stated for."""
        told = self._levels.get((metric, tenant), {})
        return tuple(sorted({place.workload for place, months in told.items() if months}))


def _level(metric: str, attempts: Sequence[Said]) -> Level | None:
    """What stands of a key and month after its attempts, in order; None: nothing is stated."""
    last = attempts[-1]
    row = METRICS.get(metric)
    if row is not None and row.is_stock:
        if last.level_micro is None:
            return None
        value = last.level_micro
    else:
        value = sum(one.delta_micro for one in attempts)
    opened = sum(one.opening_micro for one in attempts) != 0
    return Level(Decimal(value) / MICRO, opened, last.report, last.position)


def _sum(one: Level | None, other: Level) -> Level:
    if one is None:
        return other
    later = max(one, other, key=lambda each: each.position)
    opened = one.opened or other.opened
    return Level(one.value + other.value, opened, later.report, later.position)


def read_usage(
    engine: AnalyticsEngine, metrics: Sequence[str], tenants: Sequence[str], position: int
) -> UsageHistory:
    """Everything said of some metrics at some customers, up to a position.

    Raises ``BadInputError`` for a position that the growth tables are not fed to.
    """
    pinned = pin(engine, position)
    if not tenants or not metrics:
        return UsageHistory(())
    table = engine.query(
        store.sql("questions", "stated"),
        {"metrics": metrics, "tenants": tenants, "position": pinned},
    )
    columns = [table[name].to_pylist() for name in Said._fields]
    return UsageHistory(map(Said._make, zip(*columns, strict=True)))
