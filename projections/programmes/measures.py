"""What a programme's metrics come to in a month: figures by class, metric, part and holder.

A part is what has a threshold of its own: a type of association, a market, or the whole (``""``).
What can't be told is ``Missing`` with its reason; it is never counted as nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from ledger.rules.programmes import measuring as ways
from ledger.rules.programmes.programme import Metric, Programme, TenantClass, Threshold
from ledger.rules.programmes.values import NOT_PUBLISHED
from projections.access_queries import competencies
from projections.growth.engine import AnalyticsEngine
from projections.programmes import usage_ways
from projections.programmes.conditions import members
from projections.programmes.facts import Facts, last_us
from projections.programmes.holder import MICRO, Figure, Holder, Missing, months_before
from projections.programmes.markets import Markets
from projections.programmes.recorded import Recorded, Told, Wanted, figure
from projections.programmes.tracks import assigned_class
from projections.programmes.usage_ways import Question, Unreported
from schemas.time import from_us

NOTHING = Figure(Decimal(0))


class Column(NamedTuple):
    """One part's figures: those that are there, and what stands for every other holder."""

    figures: Mapping[str, Figure]
    otherwise: Figure | Missing

    def of(self, holder: str) -> Figure | Missing:
        """The figure of a holder."""
        return self.figures.get(holder, self.otherwise)


class ClassedTenant(NamedTuple):
    """A tenant in a class, with the workload and level that put it there."""

    tenant: str
    tenant_class: str
    workload: str
    level: Decimal


@dataclass(frozen=True)
class Measured:
    """Everything measured for one month at one position.

    ``assigned`` names the class of a holder where the programme assigns one (None where that can't
    be told); ``unassigned`` says why it can't.
    """

    position: int
    month: date
    columns: Mapping[tuple[str, str], Mapping[str, Column]]
    tenants: tuple[ClassedTenant, ...] = ()
    assigned: Mapping[str, str] | Missing | None = None
    default_class: str = ""


@dataclass
class Measuring:
    """Measures one programme at one position, for one holder or for all, month by month."""

    facts: Facts
    programme: Programme
    recorded: Recorded
    anniversaries: Callable[[date], Mapping[str, date]]
    _frames: dict[tuple[object, ...], pl.DataFrame | Missing] = field(default_factory=dict)

    def holders(self) -> frozenset[str]:
        """Everybody with an association of a kind that counts, now or before, or a figure."""
        held = self.facts.held(self.facts.kinds)["holder"].unique().to_list()
        return frozenset(held) | frozenset(self.recorded.holders())

    def month(self, month: date) -> Measured:
        """Every metric's figures for the months up to ``month``, its first day."""
        self._frames.clear()
        columns = {
            (one.id, metric.id): self._parts(one, metric, month)
            for one in self.programme.tenant_class
            for metric in self.programme.metric
            if metric.in_class(one.id)
        }
        assigns = self.programme.qualify.keep == "assigned_class"
        default = next((c.id for c in self.programme.tenant_class if c.assigned is None), "")
        assigned = assigned_class(self._question, self.programme, month) if assigns else None
        return Measured(
            self.facts.position, month, columns, self._classed(month), assigned, default
        )

    def _parts(self, one: TenantClass, metric: Metric, month: date) -> dict[str, Column]:
        lines = metric.lines(one.id)
        if not lines:
            return {"": self._column(one, metric, None, month)}
        return {line.part: self._column(one, metric, line, month) for line in lines}

    def _column(
        self, one: TenantClass, metric: Metric, line: Threshold | None, month: date
    ) -> Column:
        markets = Markets(self.programme, self.facts, line.market if line else None)
        if markets.unpublished:
            return Column({}, Missing(markets.unpublished))
        own = metric.ways(line.type or "" if line else "") or next(iter(metric.by), None)
        if own is None or own.function in ("recorded", "recorded_growth"):
            return self._from_people(one, metric, line, own, markets, month)
        found = self._measured(one, metric, line, month)
        if isinstance(found, Missing):
            column = Column({}, found)
        else:
            mine = markets.of_customers(found) if metric.market_of == "customer" else found
            column = Column(_figures(mine, detailed=self.facts.holder is not None), NOTHING)
        return self._overruled(column, one, metric, line, month)

    def _measured(
        self, one: TenantClass, metric: Metric, line: Threshold | None, month: date
    ) -> pl.DataFrame | Missing:
        """The frame of a metric's way; of several ways to count customers, each of them once."""
        if line is not None and line.size == NOT_PUBLISHED:
            return Missing(f"the size asked for in class {one.id} is not published")
        size = line.size if line and isinstance(line.size, Decimal) else None
        apart = metric.formula in ("best_of_types", "sum_of_types")
        chosen = (
            [way for way in metric.by if way.type in (None, line.type)]
            if apart and line
            else (list(metric.by))
        )
        if metric.usage:
            only = metric.ways()
            chosen = [only] if only else []
        asked = [
            (self.asked(one, metric, way, line if apart else None, month), way) for way in chosen
        ]
        if len(asked) == 1:
            return self._frame(*asked[0], size)
        return self._together(asked, size)

    def asked(
        self, one: TenantClass, metric: Metric, way: ways.Way, line: Threshold | None, month: date
    ) -> Question:
        """The question of a way, by the types that it or its threshold names."""
        types = self.programme.types_in(metric, one)
        named = way.type or (line.type if line else None)
        types = tuple(t for t in types if named in (None, t.id))
        return Question(self.facts, self.programme, one, types, month)

    def _together(
        self, asked: Sequence[tuple[Question, ways.Way]], size: Decimal | None
    ) -> pl.DataFrame | Missing:
        """Several ways to count customers: each customer once, now and before (§7.3)."""
        counting = [(ask, way) for ask, way in asked if isinstance(way, ways.TenantsGained)]
        if len(counting) == len(asked):
            try:
                return usage_ways.tenants_gained_together(counting, size)
            except Unreported as lacking:
                return Missing(str(lacking))
        frames = []
        for ask, way in asked:
            found = self._frame(ask, way, size)
            if isinstance(found, Missing):
                return found
            frames.append(found)
        return _once(frames)

    def _frame(
        self, asked: Question, way: ways.Way, size: Decimal | None
    ) -> pl.DataFrame | Missing:
        key = (way.model_dump_json(), asked.tenant_class.id, tuple(t.id for t in asked.types), size)
        if key not in self._frames:
            try:
                self._frames[key] = self._by_way(asked, way, size)
            except Unreported as lacking:
                self._frames[key] = Missing(str(lacking))
        return self._frames[key]

    def _by_way(self, asked: Question, way: ways.Way, size: Decimal | None) -> pl.DataFrame:
        if isinstance(way, ways.CreditedGrowth):
            return self._credited_growth(asked, way)
        if isinstance(way, ways.TenantsGained):
            return usage_ways.tenants_gained(asked, way, size)
        if isinstance(way, ways.Crossings):
            assert size is not None, "checked where the file enters"
            return usage_ways.crossings(asked, way, size)
        by: Callable[[Question, Any], pl.DataFrame] = _BY[type(way)]
        return by(asked, way)

    def _credited_growth(self, asked: Question, way: ways.CreditedGrowth) -> pl.DataFrame:
        first = months_before(asked.month, way.months - 1)
        if way.window == "months":
            return usage_ways.credited_growth(asked, way, first)
        starts = self.anniversaries(asked.month)
        return usage_ways.credited_since(asked, way, first, starts)

    def _from_people(
        self,
        one: TenantClass,
        metric: Metric,
        line: Threshold | None,
        way: ways.Way | None,
        markets: Markets,
        month: date,
    ) -> Column:
        """Figures that only people record, those of a market by the country of whose they are."""
        growth = way if isinstance(way, ways.RecordedGrowth) else None
        wanted = Wanted(growth.of if growth else metric.id, one.id, line.type or "" if line else "")
        figures: dict[str, Figure] = {}
        for holder in self.recorded.holders():
            if growth:
                found = self._grown(holder, wanted, growth, line, markets, month)
            else:
                found = self._told(holder, wanted, way, markets, month)
            if found is not None:
                figures[holder] = found
        return Column(figures, Missing(f"no {wanted.metric} is recorded; use metric.record"))

    def _told(
        self, holder: str, wanted: Wanted, way: ways.Way | None, markets: Markets, month: date
    ) -> Figure | None:
        told: dict[str, Told] | None
        if isinstance(way, ways.Recorded) and way.sort == "flow":
            sums = self.recorded.flow(holder, wanted, month, way.months) or {}
            told = {name: Told(month, value) for name, value in sums.items()}
        else:
            told = self.recorded.snapshot(holder, wanted, month)
        return figure(markets.of_partners(holder, told)) if told else None

    def _grown(
        self,
        holder: str,
        wanted: Wanted,
        way: ways.RecordedGrowth,
        line: Threshold | None,
        markets: Markets,
        month: date,
    ) -> Figure | None:
        """A recorded figure now and before; None where either is not recorded."""
        now = self.recorded.snapshot(holder, wanted, month)
        then = self.recorded.snapshot(holder, wanted, months_before(month, way.months))
        if now is None or then is None:
            return None
        now, then = markets.of_partners(holder, now), markets.of_partners(holder, then)
        least = (
            max((band.at_least for band in line.bands if band.full_months), default=None)
            if (line)
            else None
        )
        reached = self.recorded.reached_months(holder, wanted, month, least, now) if least else None
        return Figure(
            figure(now).amount,
            before=figure(then).amount,
            origin="recorded",
            reached_months=reached,
        )

    def _overruled(
        self, column: Column, one: TenantClass, metric: Metric, line: Threshold | None, month: date
    ) -> Column:
        """What was recorded for the very month goes before what is measured."""
        if line is not None and line.market is not None:
            return column
        wanted = Wanted(metric.id, one.id, line.type or "" if line else "")
        told = dict(column.figures)
        for holder in self.recorded.holders():
            found = self.recorded.snapshot(holder, wanted, month)
            mine = {name: one for name, one in (found or {}).items() if one.on >= month}
            if mine:
                told[holder] = figure(mine)
        return Column(told, column.otherwise)

    def _question(self, one: TenantClass, types: Sequence[str], month: date) -> Question:
        chosen = tuple(t for t in self.programme.type if not types or t.id in types)
        return Question(self.facts, self.programme, one, chosen, month)

    def _classed(self, month: date) -> tuple[ClassedTenant, ...]:
        """The classes of the customers of one holder; nothing where all are asked for."""
        if self.facts.holder is None:
            return ()
        return tuple(
            ClassedTenant(tenant, one.id, workload, level / MICRO)
            for one in self.programme.tenant_class
            if (found := members(self.facts, self.programme, one, month)) is not None
            for tenant, workload, level in sorted(found.iter_rows())
        )


_BY: Mapping[type, Callable[[Question, Any], pl.DataFrame]] = {
    ways.CreditedSum: usage_ways.credited_sum,
    ways.SumGrowth: usage_ways.sum_growth,
    ways.LevelGrowth: usage_ways.level_growth,
    ways.CustomerAdds: usage_ways.adds,
    ways.Services: usage_ways.services,
}
"""The ways that need nothing but the question."""


def measuring(
    engine: AnalyticsEngine,
    views: sqlite3.Connection,
    programme: Programme,
    name: str,
    position: int,
    holder: Holder | None = None,
    margin: int = 0,
) -> Measuring:
    """What measures a programme, recorded under ``name``, as known at ``position``."""
    kinds = tuple(dict.fromkeys(kind for one in programme.type for kind in one.kinds))
    facts = Facts(engine, views, position, kinds, holder, margin)
    recorded = Recorded(views, name, position, holder)
    return Measuring(
        facts, programme, recorded, lambda month: _anniversaries(facts, programme, month)
    )


def _anniversaries(facts: Facts, programme: Programme, month: date) -> dict[str, date]:
    """The month of the last anniversary of whoever has the competency, at the end of a month."""
    found = competencies(
        facts.views, at_us=last_us(month), known=facts.position, competency=programme.competency
    )
    starts = {}
    for row in found:
        if row["state"] in ("active", "at_risk") and row["anniversary_us"]:
            due = from_us(row["anniversary_us"]).date().replace(day=1)
            starts[row["organisation"]] = months_before(due, 12)
    return starts


def _once(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Several ways of a file of one's own, together: of each customer the most [P]."""
    both = pl.concat(frames)
    most = pl.col("amount_micro").max()
    least = pl.col("amount_micro").min()
    return both.group_by("holder", "tenant").agg(
        pl.when(most > 0).then(most).otherwise(least).alias("amount_micro"),
        pl.col("before_micro", "across_gap_micro").first(),
    )


def _figures(rows: pl.DataFrame, *, detailed: bool) -> dict[str, Figure]:
    """The sums of each holder; with what each customer brings where one holder is asked for."""
    sums = rows.group_by("holder").agg(
        pl.col("amount_micro").sum(),
        pl.col("before_micro").sum(),
        pl.col("across_gap_micro").sum(),
        pl.col("before_micro").is_not_null().any().alias("grows"),
    )
    tenants: dict[str, dict[str, Decimal]] = {}
    if detailed:
        for holder, tenant, amount in (
            rows.select("holder", "tenant", "amount_micro").sort("tenant").iter_rows()
        ):
            tenants.setdefault(holder, {})[tenant] = amount / MICRO
    return {
        holder: Figure(
            amount / MICRO,
            before / MICRO if grows else None,
            gap / MICRO,
            tenants.get(holder, {}),
        )
        for holder, amount, before, gap, grows in sums.iter_rows()
    }
