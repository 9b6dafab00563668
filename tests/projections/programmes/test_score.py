"""Scores: S8 of domain.md §15 by number, what is missing, and what is measured from growth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledger.errors import BadInputError
from projections.growth.engine import ChdbEngine
from projections.programmes.measures import Figure, Holder, months_before
from projections.programmes.programme import Programme, shipped_programmes
from projections.programmes.score import Score, TypePoints, score, score_given
from tests.projections.growth.estate import Estate, increment, month

TENANT = "11111111-1111-1111-1111-111111111111"
SECOND = "22222222-2222-2222-2222-222222222222"
SEPTEMBER = month("2023-09")
A = Holder("organisation", "100")


@pytest.fixture(scope="module")
def modern_work() -> Programme:
    """The shipped programme."""
    return shipped_programmes()["modern_work_2023"]


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
    assert (told.better.tenant_class, told.qualified) == ("smb", True)


def test_s8_each_metric_tells_its_best_type_and_every_input(modern_work: Programme) -> None:
    """Enterprise usage growth: CPOR 450 of 1,000 is 13.5, DPOR 2,400 of 4,000 is 18."""
    growth = score_given(modern_work, s8())["enterprise"].metrics[3]
    assert growth.best_type == "DPOR"
    assert growth.types == (
        TypePoints("CPOR", Figure(Decimal(450)), 1000, Decimal("13.5")),
        TypePoints("DPOR", Figure(Decimal(2400)), 4000, Decimal(18)),
    )
    assert score_given(modern_work, s8())["enterprise"].metrics[0].best_type is None


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


def usage_points(told: Score, tenant_class: str) -> tuple[Any, dict[str, Any]]:
    """Points of usage growth, and the growth of each type."""
    metric = next(one for one in told[tenant_class].metrics if one.metric == "usage_growth")
    return metric.points, {one.type: one.figure.amount for one in metric.types}


def test_a_tenant_of_both_classes_counts_in_both(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """One workload over 300 and another of 50: the tenant's whole growth counts in each class."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams")
    estate.load("a1", [users("2023-09", 100), paid(301), paid(50, workload="exchange")])
    estate.feed(engine)
    told = score(engine, modern_work, A, SEPTEMBER)
    assert usage_points(told, "enterprise") == (3, {"CPOR": 100, "DPOR": 0})
    assert usage_points(told, "smb") == (6, {"CPOR": 100, "CSP": 0})
    assert told.measured is not None
    assert [(one.tenant_class, one.workload, one.level) for one in told.measured.tenants] == [
        ("enterprise", "teams", Decimal(301)),
        ("smb", "exchange", Decimal(50)),
    ]


def test_growth_of_a_tenant_without_a_class_earns_nothing_and_is_named(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Ten paid units, or none stated for the month: in no class, and said so."""
    for tenant in (TENANT, SECOND):
        estate.hold("CPOR", "101", "2022-01-01", tenant=tenant, workload="teams")
    estate.load("a1", [users("2023-09", 100), users("2023-09", 9, SECOND), paid(10)])
    estate.feed(engine)
    told = score(engine, modern_work, A, SEPTEMBER)
    assert usage_points(told, "smb") == (0, {"CPOR": 0, "CSP": 0})
    assert told.measured is not None
    assert told.measured.unclassed == (TENANT, SECOND)


def test_only_the_twelve_months_up_to_the_month_count(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """The month itself and eleven before: this September minus last September."""
    estate.hold("CPOR", "101", "2020-01-01", tenant=TENANT, workload="teams")
    months = {"2022-09": 1, "2022-10": 10, "2023-09": 100, "2023-10": 1000}
    estate.load("a1", [paid(300), *(users(when, delta) for when, delta in months.items())])
    estate.feed(engine)
    told = score(engine, modern_work, A, SEPTEMBER)
    assert usage_points(told, "smb")[1]["CPOR"] == 110
    assert months_before(SEPTEMBER, 11) == month("2022-10")
    assert months_before(month("2023-01"), 1) == month("2022-12")


def test_only_eligible_workloads_count(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """A workload the programme does not list neither grows nor makes a class."""
    for workload in ("teams", "aadp"):
        estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload=workload)
    rows = [users("2023-09", 100), users("2023-09", 50, workload="aadp")]
    estate.load("a1", [*rows, paid(300), paid(5000, workload="aadp")])
    estate.feed(engine)
    told = score(engine, modern_work, A, SEPTEMBER)
    assert usage_points(told, "smb")[1]["CPOR"] == 100
    assert usage_points(told, "enterprise")[1]["CPOR"] == 0


def test_two_kinds_scored_as_one_type_count_growth_once(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """A partner that is CSP Tier 1 and Tier 2 at one tenant has its growth once as CSP."""
    for kind, subscription in (("CSP_T1", "s1"), ("CSP_T2", "s2")):
        product = {"tenant": TENANT, "product": "m365"}
        estate.tell("subscription.started.v1", subscription=subscription, **product)
        estate.hold(kind, "101", "2022-01-01", tenant=TENANT, subscription=subscription)
    estate.load("a1", [users("2023-09", 100), paid(300)])
    estate.feed(engine)
    assert usage_points(score(engine, modern_work, A, SEPTEMBER), "smb") == (
        Decimal("1.5"),
        {"CPOR": 0, "CSP": 100},
    )


def test_an_organisation_scores_what_its_locations_hold_and_a_location_its_own(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Organisation 100 has 101 and 102; a rival's growth is in neither."""
    holders = {"teams": ("101", "100"), "exchange": ("102", "100"), "yammer": ("201", "200")}
    for workload, (partner, organisation) in holders.items():
        place = {"tenant": TENANT, "workload": workload, "organisation": organisation}
        estate.hold("CPOR", partner, "2022-01-01", **place)
    grown = zip(holders, (10, 20, 40), strict=True)
    estate.load("a1", [paid(300), *(users("2023-09", n, workload=w) for w, n in grown)])
    estate.feed(engine)

    def earned(holder: Holder) -> Any:
        return usage_points(score(engine, modern_work, holder, SEPTEMBER), "smb")[1]["CPOR"]

    assert earned(A) == 30
    assert earned(Holder("location", "102")) == 20
    assert earned(Holder("organisation", "200")) == 40
    assert earned(Holder("organisation", "nobody")) == 0


def test_growth_across_a_gap_is_told_with_the_figure(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """The figure says which part of it rests on months nobody stated."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams")
    gap = users("2023-09", 60, mark="gap", gap_from="2023-05")
    estate.load("a1", [users("2023-05", 40), gap, paid(300)])
    estate.feed(engine)
    metric = score(engine, modern_work, A, SEPTEMBER)["smb"].metrics[3]
    assert (metric.types[0].figure.amount, metric.types[0].figure.across_gap) == (
        Decimal(100),
        Decimal(60),
    )


def test_a_decline_earns_no_points_below_zero(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Losing users is shown as it is, and earns nothing."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams")
    estate.load("a1", [users("2023-09", -80), paid(300)])
    estate.feed(engine)
    told = score(engine, modern_work, A, SEPTEMBER)
    assert usage_points(told, "smb") == (0, {"CPOR": -80, "CSP": 0})
    assert told["smb"].qualified is False


def test_given_figures_complete_what_is_measured(
    engine: ChdbEngine, estate: Estate, modern_work: Programme
) -> None:
    """Adds, certifications and deployments may come from a file; growth stays measured."""
    estate.hold("CPOR", "101", "2022-01-01", tenant=TENANT, workload="teams")
    estate.load("a1", [users("2023-09", 300), paid(300)])
    estate.feed(engine)
    given = {key: value for key, value in s8().items() if key[1] != "usage_growth"}
    told = score(engine, modern_work, A, SEPTEMBER, given=given)
    assert (told["smb"].points, told.qualified) == (Decimal(71), True)
