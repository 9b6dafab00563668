"""Growth told apart: by what is recorded of customers and subscriptions, and by association."""

from __future__ import annotations

from typing import Any

import pytest

from projections.growth.engine import ChdbEngine
from projections.growth.growth import Wanted
from projections.growth.report import Asked, report
from tests.projections.growth.estate import MICRO, Estate, increment, month

TEAMS: dict[str, Any] = {"tenant": "t1", "workload": "teams"}
EXCHANGE: dict[str, Any] = {"tenant": "t1", "workload": "exchange"}


def told(engine: ChdbEngine, asked: Asked) -> list[tuple[Any, ...]]:
    """What it is told by, then credited, uncredited and opening amounts in whole units."""
    found = report(engine, asked)
    amounts = ("credited_micro", "uncredited_micro", "opening_micro")
    return [
        (
            *(row[name] for name in found.by if name != "metric"),
            *(row[name] // MICRO for name in amounts),
        )
        for row in found.rows.to_dicts()
    ]


def test_growth_before_an_association_stands_apart_from_what_nobody_ever_held(
    engine: ChdbEngine, estate: Estate
) -> None:
    """§15 S12: August's 20 came before the claim of 10 August; Exchange was never claimed."""
    estate.hold("CPOR", "101", "2023-08-10", **TEAMS)
    teams = [
        increment("2023-07", 100, mark="opening", level=100, **TEAMS),
        increment("2023-08", 20, level=120, **TEAMS),
        increment("2023-09", 100, level=220, **TEAMS),
    ]
    estate.load("a1", [*teams, increment("2023-09", 7, level=7, **EXCHANGE)])
    estate.feed(engine)
    assert told(engine, Asked(("association",))) == [
        ("before", 0, 20, 100),
        ("held", 100, 0, 0),
        ("never", 0, 7, 0),
    ]
    by_month = report(engine, Asked(("month", "association"))).rows
    assert by_month["association"].to_list() == ["before", "before", "held", "never"]
    assert by_month["level_micro"].to_list() == [100 * MICRO, 120 * MICRO, 220 * MICRO, 7 * MICRO]
    assert report(engine, Asked(("association",))).rows["level_micro"].to_list() == [None] * 3


def test_an_association_is_asked_of_the_kinds_and_the_rule_that_count(
    engine: ChdbEngine, estate: Estate
) -> None:
    """A partner of record holds what no claim ever did; known later, it is told later."""
    estate.load("a1", [increment("2023-08", 20, **TEAMS)])
    before = estate.chain.last
    estate.tell("subscription.started.v1", subscription="s1", tenant="t1", product="m365")
    estate.hold("DPOR", "101", "2023-08-01", tenant="t1", subscription="s1")
    estate.hold("CPOR", "201", "2023-09-01", "2023-09-01", **TEAMS)  # of no length
    estate.feed(engine)
    by = ("association",)
    assert told(engine, Asked(by)) == [("held", 20, 0, 0)]
    assert told(engine, Asked(by, Wanted(kinds=("CPOR",)))) == [("never", 0, 20, 0)]
    assert report(engine, Asked(by), before).rows["association"].to_list() == ["never"]


def test_a_gap_between_holders_comes_before_the_next(engine: ChdbEngine, estate: Estate) -> None:
    """Nobody held then, somebody did later."""
    estate.hold("CPOR", "101", "2023-01-01", "2023-03-01", **TEAMS)
    estate.hold("CPOR", "201", "2023-05-01", **TEAMS)
    estate.load("a1", [increment(f"2023-0{n}", n, **TEAMS) for n in range(2, 6)])
    estate.feed(engine)
    assert told(engine, Asked(("association", "partner"))) == [
        ("before", "", 0, 7, 0),
        ("held", "101", 2, 0, 0),
        ("held", "201", 5, 0, 0),
    ]


@pytest.mark.parametrize("rule", ["present_owner", "slot_holder"])
def test_by_the_present_owner_the_history_is_held(
    engine: ChdbEngine, estate: Estate, rule: str
) -> None:
    """§6.3: who came last has the whole history; by the date what was before is before."""
    estate.tell("subscription.started.v1", subscription="s1", tenant="t1", product="azure")
    place: dict[str, Any] = {"tenant": "t1", "subscription": "s1"}
    estate.hold("CSP_T1", "101", "2023-06-01", **place)
    rows = [increment("2023-05", 9, metric="azure.acr", **place)]
    estate.load("a1", rows, report_kind="azure")
    estate.feed(engine)
    expected = ("held", 9, 0, 0) if rule == "present_owner" else ("before", 0, 9, 0)
    assert told(engine, Asked(("association",), rule=rule)) == [expected]


def test_growth_is_told_by_the_product_of_the_subscription(
    engine: ChdbEngine, estate: Estate
) -> None:
    """What is reported by tenant and workload alone has no subscription, so no product."""
    for name, product in (("s1", "azure"), ("s2", "azure"), ("s3", "azure_reservation")):
        estate.tell("subscription.started.v1", subscription=name, tenant="t1", product=product)
    rows = [
        increment("2023-05", amount, metric="azure.acr", tenant="t1", subscription=name)
        for name, amount in (("s1", 1), ("s2", 2), ("s3", 4), ("stranger", 8))
    ]
    estate.load("a1", [*rows, increment("2023-05", 16, **TEAMS)])
    estate.feed(engine)
    assert told(engine, Asked(("month", "product"))) == [
        (month("2023-05"), "azure", 0, 3, 0),
        (month("2023-05"), "azure_reservation", 0, 4, 0),
        (month("2023-05"), "not recorded", 0, 8, 0),
        (month("2023-05"), "not recorded", 0, 16, 0),  # of another metric
    ]


def test_growth_is_told_by_the_segment_and_beside_it_by_customer(
    engine: ChdbEngine, estate: Estate
) -> None:
    """It is what was recorded of the customer, which stays where it is asked for, too."""
    for tenant, segment in (("t1", "Corporate"), ("t2", "Corporate"), ("t3", "SMB")):
        estate.tell("customer.registered.v2", tenant=tenant, segment=segment, country="CZ")
    rows = [increment("2023-05", 2**n, tenant=f"t{n}", workload="teams") for n in (1, 2, 3, 4)]
    estate.load("a1", rows)
    estate.feed(engine)
    assert told(engine, Asked(("segment",))) == [
        ("Corporate", 0, 6, 0),
        ("SMB", 0, 8, 0),
        ("not recorded", 0, 16, 0),
    ]
    assert told(engine, Asked(("segment", "tenant", "country")))[:2] == [
        ("Corporate", "CZ", "t1", 0, 2, 0),
        ("Corporate", "CZ", "t2", 0, 4, 0),
    ]
