"""An estate small enough to read, with a bit of everything that is fed."""

from __future__ import annotations

from typing import Any

from tests.projections.growth.estate import Estate, increment

TENANT = "11111111-1111-1111-1111-111111111111"
TEAMS: dict[str, Any] = {"tenant": TENANT, "workload": "teams"}


def small_estate(estate: Estate) -> None:
    """Two attempts that count, one that does not, two partitions' worth of rows, three holdings."""
    row = estate.hold("CPOR", "101", "2023-01-01", **TEAMS)
    estate.tell("location.registered.v1", location="101", organisation="100")
    estate.load("a1", [increment(f"2023-0{number}", number, **TEAMS) for number in range(1, 9)])
    estate.log.append("outrun", [increment("2023-08", 1000, **TEAMS)])
    estate.forget(row)
    estate.hold("CPOR", "102", "2023-01-01", **TEAMS)
    estate.log.append("a2", [increment("2023-09", 1, **TEAMS)], partition=1)
    estate.decide("a2", "withdrawn", increments=1)
    estate.tell("subscription.started.v1", subscription="s", tenant=TENANT, product="azure")
    estate.hold("DPOR", "103", "2023-01-01", tenant=TENANT, subscription="s")
    estate.tell("claim.submitted.v1", claim="c1")
