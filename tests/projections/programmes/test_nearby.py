"""Customers near a number that decides, on its edges."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.rules.programmes import files
from projections.growth.engine import ChdbEngine
from projections.programmes.holder import Holder
from projections.programmes.measures import measuring
from projections.programmes.nearby import nearby
from tests.projections.growth.estate import Estate, increment, month


def near(engine: ChdbEngine, estate: Estate, programme: str) -> list[tuple[Any, ...]]:
    """What is near for organisation 100 in September 2023: customer, value, needed, counts."""
    estate.feed(engine)
    position = estate.chain.last
    holder = Holder("organisation", "100")
    asks = measuring(
        engine, estate.views, files.shipped(programme), programme, position, holder, margin=4
    )
    found = nearby(asks, month("2023-10"))
    return [(one.tenant, int(one.value), int(one.needed), one.counts) for one in found]


@pytest.mark.parametrize(
    "users, told",
    [
        (143, []),
        (144, [("t1", 144, 160, False)]),  # ten hundredths short
        (159, [("t1", 159, 160, False)]),
        (160, [("t1", 160, 160, True)]),
        (176, [("t1", 176, 160, True)]),
        (177, []),
    ],
)
def test_a_deployment_is_near_by_ten_hundredths_of_its_users(
    engine: ChdbEngine, estate: Estate, users: int, told: list[tuple[Any, ...]]
) -> None:
    """40 % of 400 paid units are 160 (§8.3); who does not hold there is told nothing."""
    estate.hold("CPOR", "101", "2023-01-01", tenant="t1", workload="teams", activity="usage")
    rows = []
    for tenant in ("t1", "t2"):
        key: dict[str, Any] = {"tenant": tenant, "workload": "teams", "mark": "opening"}
        rows.append(increment("2023-09", users, metric="m365.mau", level=users, **key))
        rows.append(increment("2023-09", 400, metric="m365.pau", level=400, **key))
    estate.load("a1", rows)
    assert near(engine, estate, "modern_work_2023") == told


def test_an_azure_customer_is_near_by_the_better_of_its_two_months(
    engine: ChdbEngine, estate: Estate
) -> None:
    """1,000 USD in one of the last two months (§8.3)."""
    place: dict[str, Any] = {"tenant": "t1", "subscription": "s1"}
    estate.tell("subscription.started.v1", product="azure", **place)
    estate.hold("DPOR", "101", "2023-01-01", **place)
    key: dict[str, Any] = {"metric": "azure.acr", "resource": "Azure > A", **place}
    rows = [increment("2023-08", 950, **key), increment("2023-09", 10, **key)]
    estate.load("a1", rows, report_kind="azure")
    assert near(engine, estate, "azure_2023") == [("t1", 950, 1000, False)]


def test_what_no_report_covers_is_near_to_nothing(engine: ChdbEngine, estate: Estate) -> None:
    """No report in four months: nothing is told."""
    estate.hold("CPOR", "101", "2023-01-01", tenant="t1", workload="teams", activity="usage")
    key: dict[str, Any] = {"tenant": "t1", "workload": "teams", "mark": "opening"}
    rows = [increment("2023-06", 160, metric="m365.mau", level=160, **key)]
    rows.append(increment("2023-06", 400, metric="m365.pau", level=400, **key))
    estate.load("a1", rows)
    assert near(engine, estate, "modern_work_2023") == []
