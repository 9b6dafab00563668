"""Scores: S8 of domain.md §15 by number, what is missing, and what is measured from growth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledger.errors import BadInputError
from ledger.rules.programmes.files import shipped
from ledger.rules.programmes.programme import Programme
from projections.growth.engine import ChdbEngine
from projections.programmes.holder import Figure, Holder
from projections.programmes.level import PartnerLevel, partner_level
from projections.programmes.next_level import next_level
from projections.programmes.score import Score, score_given
from tests.projections.growth.estate import Estate, increment, month

TENANT = "11111111-1111-1111-1111-111111111111"
SECOND = "22222222-2222-2222-2222-222222222222"
SEPTEMBER = month("2023-09")
A = Holder("organisation", "100")


@pytest.fixture(scope="module")
def modern_work() -> Programme:
    """The shipped programme."""
    return shipped("modern_work_2023")


def figures(**amounts: int) -> dict[str, Figure]:
    """Figures by type; ``all_`` for a metric without types."""
    return {name.removeprefix("all_"): Figure(Decimal(value)) for name, value in amounts.items()}


def s8() -> dict[tuple[str, str], dict[str, Figure]]:
    """The inputs of S8."""
    return {
        ("enterprise", "net_customer_adds"): figures(all_=3),
        ("enterprise", "intermediate_certs"): figures(all_=4),
        ("enterprise", "advanced_certs"): figures(all_=2),
        ("enterprise", "usage_growth"): figures(CPOR=450, DPOR=2400),
        ("enterprise", "deployments"): figures(CPOR=2, DPOR=5),
        ("smb", "net_customer_adds"): figures(all_=4),
        ("smb", "intermediate_certs"): figures(all_=4),
        ("smb", "advanced_certs"): figures(all_=2),
        ("smb", "usage_growth"): figures(CPOR=300, CSP=700),
        ("smb", "deployments"): figures(CPOR=4, CSP=3),
    }


def points(told: Score, tenant_class: str) -> list[Any]:
    """The points of each metric, in the programme's order."""
    return [metric.points for metric in told[tenant_class].metrics]


def test_s8_the_better_class_is_kept_and_types_are_never_added(modern_work: Programme) -> None:
    """Enterprise 12 + 10 + 15 + 18 + 12.5 = 67.5, SMB 8 + 10 + 15 + 18 + 20 = 71: qualified."""
    told = score_given(modern_work, s8())
    assert points(told, "enterprise") == [12, 10, 15, 18, Decimal("12.5")]
    assert points(told, "smb") == [8, 10, 15, 18, 20]
    assert (told["enterprise"].points, told["smb"].points) == (Decimal("67.5"), Decimal(71))
    assert (told["enterprise"].qualified, told["smb"].qualified) == (False, True)
    assert (told.better.tenant_class.id, told.qualified) == ("smb", True)


def test_s8_each_metric_tells_its_best_type_and_every_input(modern_work: Programme) -> None:
    """Enterprise usage growth: CPOR 450 of 1,000 is 13.5, DPOR 2,400 of 4,000 is 18."""
    growth = score_given(modern_work, s8())["enterprise"].metrics[3]
    assert growth.best_type == "DPOR"
    told: list[Any] = [
        (one.part, one.amount, one.line and one.line.value, one.points) for one in growth.parts
    ]
    assert told == [
        ("CPOR", 450, 1000, Decimal("13.5")),
        ("DPOR", 2400, 4000, 18),
    ]
    assert score_given(modern_work, s8())["enterprise"].metrics[0].best_type is None


def test_s8_without_the_better_class_enterprise_is_not_enough(modern_work: Programme) -> None:
    """67.5 points are under 70; what lacks is said with what would bring it."""
    only = {key: value for key, value in s8().items() if key[0] == "enterprise"}
    told = score_given(modern_work, only)
    assert told["enterprise"].qualified is False
    wanted = next_level(modern_work, told["enterprise"])
    assert wanted is not None
    assert (wanted.level.id, wanted.points, wanted.below) == ("qualified", Decimal("2.5"), ())
    steps: dict[str, Any] = {
        step.metric: (step.part, step.more, step.points) for step in wanted.steps
    }
    assert steps["net_customer_adds"] == ("", Decimal("0.63"), Decimal("2.5"))
    assert steps["usage_growth"] == ("CPOR", Decimal("233.34"), Decimal("2.5"))
    assert steps["deployments"] == ("CPOR", 1, Decimal("2.5"))


def test_what_is_not_recorded_is_incomplete_and_never_zero(modern_work: Programme) -> None:
    """A metric without figures, or with one type missing, has no points and can still decide."""
    given = s8()
    del given["smb", "deployments"]
    told = score_given(modern_work, given)["smb"]
    assert told.metrics[4].status == "incomplete"
    assert (told.missing, told.points, told.most_points) == (
        ("deployments",),
        Decimal(51),
        Decimal(76),
    )
    assert told.qualified is None
    one_type = {**given, ("smb", "deployments"): figures(CPOR=4)}
    assert score_given(modern_work, one_type)["smb"].missing == ("deployments",)


def test_a_metric_below_one_point_cannot_qualify_whatever_is_missing(
    modern_work: Programme,
) -> None:
    """Every metric has at least one point (domain.md §13.6); 0.9 or none is too little."""
    for amount in (0, 15):  # 15 of 500 is 0.9 points
        given = {**s8(), ("smb", "usage_growth"): figures(CPOR=amount, CSP=0)}
        del given["smb", "deployments"]
        assert score_given(modern_work, given)["smb"].qualified is False


def test_points_that_no_missing_metric_can_lift_to_seventy_do_not_qualify(
    modern_work: Programme,
) -> None:
    """With 39 points known and 25 missing, 70 is out of reach."""
    given = {**s8(), ("smb", "net_customer_adds"): figures(all_=1)}
    given["smb", "usage_growth"] = figures(CPOR=200, CSP=0)
    del given["smb", "deployments"]
    told = score_given(modern_work, given)["smb"]
    assert (told.points, told.most_points) == (Decimal(39), Decimal(64))
    assert told.qualified is False


def test_enough_points_do_not_qualify_while_a_metric_is_missing(modern_work: Programme) -> None:
    """The missing one could be below one point; with it, the same points qualify (§13.6)."""
    given = {**s8(), ("smb", "usage_growth"): figures(CPOR=500, CSP=0)}
    given["smb", "deployments"] = figures(CPOR=5, CSP=0)
    del given["smb", "advanced_certs"]
    told = score_given(modern_work, given)["smb"]
    assert (told.points, told.qualified) == (Decimal(73), None)
    given["smb", "advanced_certs"] = figures(all_=1)
    assert score_given(modern_work, given)["smb"].qualified is True


def test_exactly_seventy_points_qualify(modern_work: Programme) -> None:
    """70 is enough."""
    given = {**s8(), ("smb", "usage_growth"): figures(CPOR=0, CSP=0)}
    given["smb", "usage_growth"] = {"CPOR": Figure(Decimal("283.5")), "CSP": Figure(Decimal(0))}
    told = score_given(modern_work, given)["smb"]
    assert (told.points, told.qualified) == (Decimal("70.01"), True)
    given["smb", "usage_growth"]["CPOR"] = Figure(Decimal("283.3333"))
    assert score_given(modern_work, given)["smb"].qualified is False


@pytest.mark.parametrize(
    "key, name", [(("tiny", "usage_growth"), "CPOR"), (("smb", "usage_growth"), "DPOR")]
)
def test_a_figure_the_programme_does_not_ask_for_is_refused(
    modern_work: Programme, key: tuple[str, str], name: str
) -> None:
    """A misspelt class, metric or type is named, not ignored."""
    with pytest.raises(BadInputError, match=f"{key[0]} {key[1]} {name}"):
        score_given(modern_work, {key: figures(**{name: 1})})


def users(
    when: str, delta: int, tenant: str = TENANT, workload: str = "teams", **more: Any
) -> dict[str, Any]:
    """A row of active users."""
    return increment(when, delta, tenant=tenant, workload=workload, **more)


def paid(level: int, tenant: str = TENANT, workload: str = "teams") -> dict[str, Any]:
    """Paid units as stated for September."""
    row = {"tenant": tenant, "workload": workload, "metric": "m365.pau"}
    return increment("2023-09", 0, level=level, **row)


def level(engine: ChdbEngine, estate: Estate, programme: Programme) -> PartnerLevel:
    """The level of organisation 100 in September."""
    position = estate.chain.last
    return partner_level(engine, estate.views, programme, programme.id, A, SEPTEMBER, position)


def usage_points(told: Score, tenant_class: str) -> tuple[Any, dict[str, Any]]:
    """Points of usage growth, and the growth of each type."""
    metric = next(one for one in told[tenant_class].metrics if one.metric.id == "usage_growth")
    return metric.points, {one.part: one.amount for one in metric.parts}


def test_a_tenant_of_both_classes_counts_in_both(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """One workload over 300 and another of 50: the tenant's whole growth counts in each class."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams", activity="usage")
    estate.load("a1", [users("2023-09", 100), paid(301), paid(50, workload="exchange")])
    estate.feed(engine)
    told = level(engine, estate, modern_work)
    assert usage_points(told.score, "enterprise") == (3, {"CPOR": 100, "DPOR": 0})
    assert usage_points(told.score, "smb") == (6, {"CPOR": 100, "CSP": 0})
    assert [(one.tenant_class, one.workload, one.level) for one in told.measured.tenants] == [
        ("enterprise", "teams", Decimal(301)),
        ("smb", "exchange", Decimal(50)),
    ]


def test_growth_of_a_tenant_without_a_class_earns_nothing(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Ten paid units, or none stated for the month: in no class."""
    for tenant in (TENANT, SECOND):
        estate.hold("CPOR", "101", "2022-01-01", tenant=tenant, workload="teams", activity="usage")
    estate.load("a1", [users("2023-09", 100), users("2023-09", 9, SECOND), paid(10)])
    estate.feed(engine)
    told = level(engine, estate, modern_work)
    assert usage_points(told.score, "smb") == (0, {"CPOR": 0, "CSP": 0})
    assert told.measured.tenants == ()


def test_a_month_not_loaded_says_so_and_is_not_zero(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Growth of September can't be told by a report for August, nor classes without paid units."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams", activity="usage")
    estate.load("a1", [users("2023-08", 100)])
    estate.feed(engine)
    told = level(engine, estate, modern_work).score["smb"]
    growth = next(one for one in told.metrics if one.metric.id == "usage_growth")
    assert (growth.points, growth.why) == (None, "no report for m365.mau in 2023-09")


def test_a_withdrawn_report_is_no_report(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Before it was withdrawn it was one."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams", activity="usage")
    before = estate.load("a1", [users("2023-09", 100), paid(50)])
    estate.tell(
        "usage.report.withdrawn.v1",
        report="report-a1",
        attempt="w1",
        basis=before,
        cut=[],
        increments=0,
    )
    estate.feed(engine)
    now = level(engine, estate, modern_work).score["smb"].metrics[3]
    assert (now.points, now.why) == (None, "no report for m365.mau in 2023-09")
    then = (
        partner_level(engine, estate.views, modern_work, modern_work.id, A, SEPTEMBER, before)
        .score["smb"]
        .metrics[3]
    )
    assert then.points == 6
