"""Levels by columns and a naive reckoning agree on any small estate, for one partner and for all.

Many small estates lie in one set of tables, apart by their customers and partners, so that one
feeding serves all of them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ledger.rules.programmes.files import shipped
from projections.growth.engine import ChdbEngine
from projections.programmes.holder import Holder
from projections.programmes.level import partner_level, ranking
from projections.programmes.score import Score
from tests.conftest import SOAK
from tests.projections.growth.conftest import NewEngine
from tests.projections.growth.estate import Estate, increment
from tests.projections.programmes.naive_programme import (
    CLASSES,
    WORKLOADS,
    Facts,
    Hold,
    modern_work,
)

LAST = 2023 * 12 + 9
MONTHS = range(LAST - 13, LAST + 1)
PARTNERS = ("a", "b")
TENANTS = ("t1", "t2", "t3")
KINDS = ("CPOR", "CPOR", "DPOR", "CSP_T1", "CSP_T2")

ESTATES, ROUNDS = (8, 625) if SOAK else (8, 25)
"""Small estates in one set of tables, and how often such tables are made: 5,000 or 200 in all."""

MODERN_WORK = shipped("modern_work_2023")


class Small(NamedTuple):
    """A few customers' levels by month, and who held what from which month to which."""

    levels: dict[tuple[str, str, int], tuple[int, int]]
    holds: list[Hold]


@st.composite
def small_estates(draw: st.DrawFn) -> Small:
    """Levels near the edges that decide: class bounds, 40 % of the paid units."""
    levels = {}
    for tenant in TENANTS:
        for workload in WORKLOADS:
            if draw(st.integers(0, 3)) == 0:
                continue
            units = draw(st.sampled_from([10, 11, 50, 300, 301, 2000]))
            for month in (MONTHS[0], MONTHS[1], *draw(st.sets(st.sampled_from(MONTHS))), LAST):
                share = draw(st.sampled_from([0, 39, 40, 41, 100]))
                moved = units + draw(st.sampled_from([0, 0, 1, -1]))
                levels[tenant, workload, month] = (moved * share // 100 + 1 * (share == 40), moved)
    return Small(levels, draw(holds()))


@st.composite
def holds(draw: st.DrawFn) -> list[Hold]:
    """At most one association of a partner on each place."""
    found: dict[Any, Hold] = {}
    for _ in range(draw(st.integers(1, 5))):
        kind, partner = draw(st.sampled_from(KINDS)), draw(st.sampled_from(PARTNERS))
        tenant = draw(st.sampled_from(TENANTS))
        workload = draw(st.sampled_from(WORKLOADS)) if kind == "CPOR" else ""
        first = draw(st.sampled_from([MONTHS[0] - 5, *MONTHS[1:]]))
        last = draw(st.sampled_from([LAST + 9, LAST + 9, *[m for m in MONTHS if m >= first]]))
        place = (partner, kind[:3], tenant, workload)
        found.setdefault(place, Hold(partner, kind, tenant, workload, first, last))
    return list(found.values())


def facts_of(small: Small) -> Facts:
    """The same estate as plain facts: the first level of a key is its opening."""
    facts = Facts(holds=small.holds)
    for tenant, workload in {key[:2] for key in small.levels}:
        before = None
        for month in MONTHS:
            found = small.levels.get((tenant, workload, month))
            if found is None:
                continue
            facts.users[tenant, workload, month], facts.units[tenant, workload, month] = found
            if before is not None:
                facts.grown[tenant, workload, month] = found[0] - before
            before = found[0]
    return facts


def day(month: int) -> date:
    """The first day of a month counted from the year 0."""
    return date((month - 1) // 12, (month - 1) % 12 + 1, 1)


def rows_of(name: str, small: Small) -> list[dict[str, Any]]:
    """The increments that a ledger would count for the estate, its customers named apart."""
    rows = []
    for tenant, workload in sorted({key[:2] for key in small.levels}):
        for n, metric in enumerate(("m365.mau", "m365.pau")):
            before: tuple[int, int] | None = None
            for month in MONTHS:
                found = small.levels.get((tenant, workload, month))
                if found is None:
                    continue
                level = found[n]
                gap = before is not None and month - before[0] > 1
                mark = "opening" if before is None else "gap" if gap else "growth"
                key: dict[str, Any] = {"tenant": f"{name}-{tenant}", "workload": workload}
                key |= {"metric": metric, "mark": mark, "level": level}
                key |= {"gap_from": f"{day(before[0]):%Y-%m}" if gap and before else None}
                rows.append(increment(day(month), level - (before[1] if before else 0), **key))
                before = (month, level)
    return rows


def feed(estate: Estate, engine: ChdbEngine, smalls: list[Small]) -> None:
    """Tell all estates, each with partners, customers and subscriptions of its own."""
    rows = []
    for n, small in enumerate(smalls):
        name = f"e{n}"
        rows += rows_of(name, small)
        for number, hold in enumerate(small.holds):
            columns: dict[str, Any] = {"tenant": f"{name}-{hold.tenant}", "workload": hold.workload}
            if hold.kind == "CPOR":
                columns["activity"] = "usage"
            else:
                subscription = f"{name}-s{number}"
                columns |= {"subscription": subscription, "workload": ""}
                told = {"subscription": subscription, "product": "m365"}
                estate.tell("subscription.started.v1", tenant=columns["tenant"], **told)
            partner = f"{name}-{hold.partner}"
            until = str(day(hold.last + 1))
            estate.hold(
                hold.kind, partner, str(day(hold.first)), until, organisation=partner, **columns
            )
    estate.log.append("all", rows)
    period = (str(day(MONTHS[0])), str(day(LAST)))
    estate.decide("all", increments=len(rows), period=period)
    estate.feed(engine)


def points(told: Score, name: str) -> dict[str, Decimal | None]:
    """The points of the metrics that come from usage, in a class."""
    wanted = ("net_customer_adds", "usage_growth", "deployments")
    return {one.metric.id: one.points for one in told[name].metrics if one.metric.id in wanted}


@settings(max_examples=ROUNDS, phases=[Phase.generate])
@given(smalls=st.lists(small_estates(), min_size=ESTATES, max_size=ESTATES))
def test_modern_work_by_columns_is_modern_work_by_loops(
    new_engine: NewEngine, smalls: list[Small]
) -> None:
    """Adds, growth and deployments of every partner, in both classes, to the last decimal."""
    engine, estate = new_engine(), Estate()
    try:
        feed(estate, engine, smalls)
        views, position = estate.views, estate.chain.last
        asked = (engine, views, MODERN_WORK, MODERN_WORK.id)
        ranked = {one.organisation: one.score for one in ranking(*asked, day(LAST), position)}
        for n, small in enumerate(smalls):
            facts = facts_of(small)
            for partner in {hold.partner for hold in small.holds}:
                who = f"e{n}-{partner}"
                expected = {name: modern_work(facts, partner, name, LAST) for name in CLASSES}
                for name in CLASSES:
                    _same(points(ranked[who], name), expected[name], (who, name, small))
        who = f"e0-{smalls[0].holds[0].partner}"
        alone = partner_level(*asked, Holder("organisation", who), day(LAST), position)
        for name in CLASSES:
            expected_ = modern_work(facts_of(smalls[0]), smalls[0].holds[0].partner, name, LAST)
            _same(points(alone.score, name), expected_, (who, name, smalls[0]))
    finally:
        estate.close()


def _same(found: dict[str, Decimal | None], expected: Any, where: Any) -> None:
    for metric, points_ in expected.items():
        told = found[metric]
        assert told is not None, (metric, where)
        assert abs(told - Decimal(points_.numerator) / points_.denominator) < Decimal("1e-20"), (
            metric,
            told,
            points_,
            where,
        )
