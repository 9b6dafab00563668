"""What an association can earn on a day, by its kind, product and time (domain.md §6.1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections.earning import with_earning
from projections.holder_queries import associations
from schemas import subscriptions
from schemas.associations import AssociationRecorded, DporSet
from schemas.time import from_iso
from tests.projections.memory_log import TENANT, Told, made


@pytest.mark.parametrize(
    "product, on, earns",
    [
        ("azure", "2021-09-30T23:59:59Z", "competency, score, usage incentive"),
        ("azure", "2021-10-01T00:00:00Z", "competency, score"),
        ("power_bi", "2022-10-01T00:00:00Z", "competency, score, usage incentive"),
        ("m365", "2021-09-30T00:00:00Z", "competency, score"),
    ],
)
def test_a_partner_of_record_earns_by_product_and_day(
    tmp_path: Path, product: str, on: str, earns: str
) -> None:
    """Power BI stayed when the others moved to CPOR."""
    told = Told(tmp_path)
    about = {"subscription": "S-1", "tenant": TENANT}
    sold = {"product": product, "offer": "An offer", "channel": "ea"}
    told.add(made(subscriptions.SubscriptionStarted, **about, **sold), on=1)
    told.add(made(DporSet, **about, location="101"), on=2)
    found = told.ask(associations, known=2)
    rows = with_earning(told.views.connection, found, from_iso(on))
    assert [row["earns"] for row in rows] == [earns]


def test_what_ended_is_judged_by_its_last_day_and_the_undocumented_earns_nothing(
    tmp_path: Path,
) -> None:
    """Whatever day is asked for."""
    told = Told(tmp_path)
    about = {"subscription": "S-1", "tenant": TENANT}
    sold = {"product": "azure", "offer": "An offer", "channel": "ea"}
    told.add(made(subscriptions.SubscriptionStarted, **about, **sold), on=1)
    told.add(made(DporSet, **about, location="101"), on=2)
    told.add(made(subscriptions.SubscriptionEnded, **about, reason="expired"), on=200)
    slot = f"association:pipe:tenant:{TENANT}:101"
    pipe = {"kind": "pipe", "slot": slot, "tenant": TENANT, "location": "101", "source": "A list"}
    told.add(made(AssociationRecorded, **pipe), on=3)
    found = told.ask(associations, known=4)
    rows = with_earning(told.views.connection, found, from_iso("2023-01-01T00:00:00Z"))
    assert {row["kind"]: row["earns"] for row in rows} == {
        "DPOR": "competency, score, usage incentive",
        "PIPE": "nothing (not documented)",
    }
