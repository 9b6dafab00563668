"""What may be done to a claim, in which state, by whom: the tables of this folder, read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ledger.decision_models.claim import CLAIM
from ledger.decision_models.draft import DRAFT
from ledger.refusal import Refused
from ledger.rules.policy import ClaimState
from tests.builders import World
from tests.claims import (
    CLOCK,
    CONTACT,
    CUSTOMER,
    REVIEWER,
    Claims,
    admin,
    claim_in,
    proof,
    submission,
)

HERE = Path(__file__).parent
STATES = tuple(ClaimState)

ACTORS = {
    "partner": admin("101"),
    "user": "user-101",
    "rival": admin("201"),
    "global_admin": "admin-100",
    "customer": CUSTOMER,
    "other_customer": "fabrikam-admin",
    "reviewer": REVIEWER,
    "operator": "operator",
    "clock": CLOCK,
}
"""Who tries: the incentive admin and user of the claim's location, a rival's, and all others."""

ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "claim.draft": ("claim.draft", {"location": "101"}),
    "claim.edit": ("claim.edit", {"title": "Another"}),
    "claim.discard": ("claim.discard", {}),
    "claim.submit": ("claim.submit", submission("C-1", "101")),
    "claim.amend:location": ("claim.amend", {"location": "102"}),
    "claim.amend:products": ("claim.amend", {"workloads": ["teams"]}),
    "claim.amend:contacts": ("claim.amend", {"customer_contact": CONTACT}),
    "claim.comment:partner": ("claim.comment", {"comment": "Soon."}),
    "claim.comment:reviewer": ("claim.comment", {"comment": "Soon."}),
    "claim.start_review": ("claim.start_review", {}),
    "claim.request_action": (
        "claim.request_action",
        {"deficiencies": ["all_missing"], "comment": "Missing."},
    ),
    "claim.resubmit": ("claim.resubmit", {"proof": proof()}),
    "claim.resubmit:late": ("claim.resubmit", {"proof": proof()}),
    "claim.add_proof": ("claim.add_proof", {"proof": proof()}),
    "claim.approve": ("claim.approve", {}),
    "claim.reject": ("claim.reject", {"reason": "wrong_details", "comment": "Wrong."}),
    "claim.reject:request": ("claim.reject", {"reason": "partner_request", "comment": "Asked."}),
    "claim.disassociate": ("claim.disassociate", {"reason": "wrong_location"}),
    "claim.dispute": ("claim.dispute", {"justification": "It was there."}),
    "claim.dispute:late": ("claim.dispute", {"justification": "It was there."}),
    "consent.confirm": ("consent.confirm", {"how": "portal"}),
    "consent.decline": ("consent.decline", {}),
    "consent.decline:late": ("consent.decline", {}),
    "consent.bounce": ("consent.bounce", {}),
    "arbitration.decide": (
        "arbitration.decide",
        {"outcome": "incumbent_stays", "reason": "Compared."},
    ),
    "arbitration.open": ("arbitration.open", {}),
    "arbitration.answer": ("arbitration.answer", {"statement": "We still do the work."}),
    "clock:answer": ("clock.lapse", {"name": "answer"}),
    "clock:answer:late": ("clock.lapse", {"name": "answer"}),
    "clock:consent": ("clock.lapse", {"name": "consent"}),
    "clock:consent:late": ("clock.lapse", {"name": "consent"}),
}
"""Every step; ``late`` is sixty days after the state was reached."""

_LATE_US = 60 * 24 * 3_600_000_000


def table(name: str) -> dict[str, dict[str, str]]:
    """A table of this folder: the cells of each row by the name of their column."""
    lines = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    head, *rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


@cache
def _in_state(state: ClaimState, policy: str) -> Claims:
    world = claim_in(state, policy)
    # So that the claim can move between locations of its partner.
    for who in ("partner", "user"):
        role = {"partner": "incentive_admin", "user": "incentive_user"}[who]
        world.do("role.grant", "admin-100", grantee=ACTORS[who], role=role, location="102")
    return world


def outcome(policy: str, state: ClaimState, action: str, actor: str) -> str:
    """What comes of an action: the state of the claim afterwards, or the code of the refusal."""
    prepared = _in_state(state, policy)
    world = Claims()
    world.now_us, world.facts = prepared.now_us, list(prepared.facts)
    if action.endswith(":late"):
        world.now_us += _LATE_US
    name, data = ACTIONS[action]
    try:
        world.do(name, ACTORS[actor], **{"claim": "C-1", **data})
    except Refused as refused:
        return refused.code
    return state_of(world)


def state_of(world: World) -> str:
    """The state of claim C-1, a draft's included."""
    found = world(CLAIM, "C-1") or world(DRAFT, "C-1")
    return str(found.state) if found else "none"
