"""Scenario S12 of domain.md §15, number by number: growth, restatement, and the old position."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledger.rules.programmes.files import shipped
from projections.growth.engine import ChdbEngine
from projections.growth.growth import growth
from projections.programmes.holder import Figure, Holder
from projections.programmes.level import PartnerLevel, partner_level
from projections.programmes.points import MetricScore
from tests.projections.growth.estate import MICRO, Estate, increment, month

TENANT = "11111111-1111-1111-1111-111111111111"
TEAMS: dict[str, Any] = {"tenant": TENANT, "workload": "teams"}
SEPTEMBER = month("2023-09")
MONTHS = ("2023-07", "2023-08", "2023-09")


def mau(when: str, delta: int, level: int, **more: Any) -> dict[str, Any]:
    """A row of active users."""
    return increment(when, delta, level=level, **TEAMS, **more)


def pau(when: str) -> dict[str, Any]:
    """Paid units of 300: an opening in July, then standing still."""
    opening = when == "2023-07"
    delta, mark = (300, "opening") if opening else (0, "growth")
    return increment(when, delta, mark=mark, level=300, metric="m365.pau", **TEAMS)


@pytest.fixture
def positions(engine: ChdbEngine, estate: Estate) -> tuple[int, int]:
    """The scenario told; the position before the restatement, and the one of it."""
    estate.hold("CPOR", "101", "2023-08-10", activity="usage", **TEAMS)
    told = [mau("2023-07", 100, 100, mark="opening"), mau("2023-08", 20, 120)]
    before = estate.load("a1", [*told, mau("2023-09", 100, 220), *map(pau, MONTHS)])
    estate.feed(engine)
    # November: August is 150, not 120; September's level stays, its growth is what remains.
    after = estate.load("a2", [mau("2023-08", 30, 150), mau("2023-09", -30, 220)])
    estate.feed(engine)
    return before, after


def level(engine: ChdbEngine, estate: Estate, position: int, holder: Holder) -> PartnerLevel:
    """A level of Modern Work in September."""
    programme = shipped("modern_work_2023")
    return partner_level(engine, estate.views, programme, programme.id, holder, SEPTEMBER, position)


def usage_growth(engine: ChdbEngine, estate: Estate, position: int) -> MetricScore:
    """The SMB usage growth of organisation 100 in September."""
    told = level(engine, estate, position, Holder("organisation", "100"))
    assert told.measured.position == position
    return next(one for one in told.score["smb"].metrics if one.metric.id == "usage_growth")


def test_s12_august_is_uncredited_and_september_earns_six_points(
    engine: ChdbEngine, estate: Estate, positions: tuple[int, int]
) -> None:
    """August +20 uncredited, September +100: 100 / 500 x 30 = 6.0 points."""
    before, _ = positions
    rows = growth(engine, by=["month", "metric"], position=before).rows()
    columns = ("opening_micro", "uncredited_micro", "credited_micro", "level_micro")
    active = [row for row in rows if row["metric"] == "m365.mau"]
    assert [tuple(row[name] // MICRO for name in columns) for row in active] == [
        (100, 0, 0, 100),
        (0, 20, 0, 120),
        (0, 0, 100, 220),
    ]
    earned = usage_growth(engine, estate, before)
    assert (earned.points, earned.best_type) == (Decimal("6.0"), "CPOR")
    cpor = earned.parts[0]
    assert isinstance(cpor.figure, Figure)
    assert cpor.line is not None
    assert (cpor.figure.amount, cpor.line.value) == (Decimal(100), Decimal(500))
    assert cpor.figure.tenants == {TENANT: 100}


def test_s12_after_the_restatement_september_earns_less_and_the_old_answer_stays(
    engine: ChdbEngine, estate: Estate, positions: tuple[int, int]
) -> None:
    """Increments of 50 and 70, 4.2 points; the old position still says 6.0, the diff -1.8."""
    before, after = positions
    rows = growth(engine, by=["month", "metric"], position=after).rows()
    active = [row for row in rows if row["metric"] == "m365.mau"]
    assert [row["uncredited_micro"] // MICRO for row in active] == [0, 50, 0]
    assert [row["credited_micro"] // MICRO for row in active] == [0, 0, 70]
    assert [row["level_micro"] // MICRO for row in active] == [100, 150, 220]
    now = usage_growth(engine, estate, after).points
    then = usage_growth(engine, estate, before).points
    assert (now, then) == (Decimal("4.2"), Decimal("6.0"))
    assert now is not None
    assert then is not None
    assert now - then == Decimal("-1.8")


def test_s12_pau_of_300_makes_the_tenant_smb_only(
    engine: ChdbEngine, estate: Estate, positions: tuple[int, int]
) -> None:
    """300 is not over 300: Enterprise has no growth, and the level that decided is told."""
    told = level(engine, estate, positions[1], Holder("location", "101"))
    classed = [(one.tenant_class, one.workload, one.level) for one in told.measured.tenants]
    assert classed == [("smb", "teams", Decimal(300))]
    enterprise = told.score["enterprise"].metrics
    assert next(one for one in enterprise if one.metric.id == "usage_growth").points == 0
    assert told.score.better.tenant_class.id == "smb"
    assert told.score.better.missing == (
        "net_customer_adds",
        "intermediate_certs",
        "advanced_certs",
        "deployments",
    )
    assert told.score.qualified is None


def test_s12_what_twelve_months_ago_was_like_is_missing_and_said_so(
    engine: ChdbEngine, estate: Estate, positions: tuple[int, int]
) -> None:
    """Customers now minus twelve months ago need a report for then; growth does not."""
    told = level(engine, estate, positions[1], Holder("organisation", "100"))
    whys = {one.metric.id: one.why for one in told.score["smb"].metrics}
    assert whys["net_customer_adds"] == "no report for m365.pau in 2022-09"
    assert whys["deployments"] == "no report for m365.mau in 2022-09"
    assert whys["usage_growth"] == ""
