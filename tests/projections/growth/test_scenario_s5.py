"""Scenario S5 of domain.md §15, and who earns on Azure consumption by §13.1, by the numbers."""

from __future__ import annotations

from typing import Any

from projections.growth.engine import ChdbEngine
from projections.growth.growth import growth
from tests.projections.growth.estate import MICRO, Estate, increment

TENANT = "11111111-1111-1111-1111-111111111111"
S1: dict[str, Any] = {"tenant": TENANT, "subscription": "s1"}


def credited(engine: ChdbEngine, rule: str, position: int | None = None) -> dict[str, int]:
    """What each partner is credited with, in dollars."""
    rows = growth(engine, by=["partner"], rule=rule, position=position).rows()
    return {row["partner"]: row["credited_micro"] // MICRO for row in rows if row["credited_micro"]}


def load(estate: Estate) -> int:
    """Consumption of March, April and May; the position from which it counts."""
    months = (("2023-03", 1000), ("2023-04", 1200), ("2023-05", 1100))
    about = {**S1, "metric": "azure.acr", "resource": "x"}
    return estate.load("a1", [increment(month, usd, **about) for month, usd in months])


def test_a_transfer_takes_the_whole_history_along(engine: ChdbEngine, estate: Estate) -> None:
    """Known on 31 May: A 3,300. Known when the transfer is recorded: B 3,300. Who held is A."""
    row = estate.hold("CSP_T1", "A", "2023-01-01", **S1)
    before = load(estate)
    estate.forget(row)
    estate.hold("CSP_T1", "A", "2023-01-01", "2023-06-01", **S1)
    estate.hold("CSP_T1", "B", "2023-06-01", **S1, organisation="200")
    estate.feed(engine)
    assert credited(engine, "present_owner", before) == {"A": 3300}
    assert credited(engine, "present_owner") == {"B": 3300}
    assert credited(engine, "slot_holder") == {"A": 3300}


def test_pal_earns_in_one_programme_and_the_agreement_in_the_other(
    engine: ChdbEngine, estate: Estate
) -> None:
    """PAL of A and TPOR of B: A in MCI, B in Enterprise; both of one partner: MCI alone."""
    estate.tell("subscription.started.v1", **S1, product="azure", agreement="ag", seats=None)
    scope = {"tenant": TENANT, "scope": "/subscriptions/s1"}
    estate.hold("PAL", "A", "2023-01-01", **scope, role="Owner", organisation="100")
    estate.hold("PAL", "R", "2023-01-01", **scope, role="Reader", organisation="300")
    for partner, organisation in (("A", "100"), ("B", "200")):
        slot = f"tpor:ag:reseller:{partner}"
        estate.hold(
            "TPOR", partner, "2023-01-01", tenant=TENANT, slot=slot, organisation=organisation
        )
    load(estate)
    estate.feed(engine)
    assert credited(engine, "rbac_mci") == {"A": 3300}
    assert credited(engine, "rbac_enterprise") == {"B": 3300}
