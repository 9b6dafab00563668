"""Events of claims with the fields a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from schemas.claims import ClaimApproved, ClaimSubmitted
from schemas.disputes import ArbitrationDecided
from schemas.parties import LocationRegistered
from schemas.time import from_us
from tests.projections.memory_log import PROOF, SEALED, TENANT, day, made

TEAMS = f"cpor:m365:{TENANT}:teams"
EXCHANGE = f"cpor:m365:{TENANT}:exchange"
USAGE_OF_S1 = "cpor:bizapps:S-1:usage"


def about(claim: str, location: str = "101") -> dict[str, Any]:
    """What every event of a claim says."""
    return {"claim": claim, "tenant": TENANT, "location": location}


def registered(location: str) -> LocationRegistered:
    """A location of the organisation that its first digit says."""
    return made(
        LocationRegistered,
        location=location,
        organisation=f"{location[0]}00",
        name=f"Location {location}",
        country="CZ",
    )


def submitted(claim: str, *slots: str, location: str = "101", **more: Any) -> ClaimSubmitted:
    """A claim for slots, under P2020 unless told otherwise."""
    fields: dict[str, Any] = {
        "title": "Deployment",
        "policy": "P2020",
        "organisation": f"{location[0]}00",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "slots": [_slot(name) for name in slots],
        "customer_contact": SEALED,
        "partner_contact": SEALED,
        "proof": PROOF,
        "review_due": from_us(day(5)),
    }
    return made(ClaimSubmitted, **about(claim, location), **{**fields, **more})


def approved(claim: str, *slots: str, location: str = "101", **more: Any) -> ClaimApproved:
    """An approval, with consent that may be declined at any time unless told otherwise."""
    fields: dict[str, Any] = {"slots": slots, "consent_mode": "decline_any_time", **more}
    return made(ClaimApproved, **about(claim, location), **fields)


def arbitrated(
    challenger: tuple[str, str], incumbent: tuple[str, str], outcome: str, *slots: str, **more: Any
) -> ArbitrationDecided:
    """An arbitration between two claims, each with its location."""
    sides = [
        {"claim": claim, "location": location, "documents": 1}
        for claim, location in (challenger, incumbent)
    ]
    fields: dict[str, Any] = {
        "slots": slots,
        "outcome": outcome,
        "reason": "The proofs were compared.",
        **more,
    }
    return made(
        ArbitrationDecided, tenant=TENANT, challenger=sides[0], incumbents=(sides[1],), **fields
    )


def _slot(name: str) -> dict[str, Any]:
    parts = name.split(":")
    if parts[1] == "m365":
        return {"slot": name, "workload": parts[3]}
    return {"slot": name, "workload": "dynamics", "subscription": parts[2]}
