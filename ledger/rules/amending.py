"""What a submitted claim may be changed into (domain.md §4.2, Editing)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Facts
from ledger.decision_models.claim import Claim, SlotOutcome
from ledger.refusal import Refused
from ledger.rules.claim_entry import area_of
from ledger.rules.policy import Policy
from ledger.rules.slots import wanted_slots
from ledger.rules.standing import living_location
from schemas.values import Activity, Slot, SolutionArea

_OPEN = (SlotOutcome.ASKED, SlotOutcome.WITHDRAWN)


class WantedSlots(NamedTuple):
    """What a claim asks for after a change: all of it, what is new, and what is not any more."""

    asked: tuple[Slot, ...]
    added: tuple[Slot, ...]
    withdrawn: tuple[str, ...]


class _Asks(NamedTuple):
    tenant: str
    solution_area: SolutionArea
    activity: Activity
    workloads: tuple[str, ...]
    subscriptions: tuple[str, ...]


def wanted(
    facts: Facts,
    policy: Policy,
    claim: Claim,
    workloads: tuple[str, ...],
    subscriptions: tuple[str, ...],
    now_us: int,
) -> WantedSlots:
    """The slots of new products; what was decided already stays (``slot_decided``)."""
    asks = _Asks(claim.tenant, claim.solution_area, claim.activity, workloads, subscriptions)
    area = area_of(policy, claim.solution_area)
    slots = wanted_slots(facts, policy, area, asks, now_us)
    for slot in slots:
        outcome = claim.outcome(slot.slot)
        if outcome is not None and outcome not in _OPEN:
            raise Refused(
                "slot_decided",
                slot=slot.slot,
                claim=claim.claim,
                outcome=outcome.replace("_", " "),
            )
    names = {slot.slot for slot in slots}
    added = tuple(slot for slot in slots if slot.slot not in claim.asked)
    return WantedSlots(slots, added, tuple(one for one in claim.asked if one not in names))


def movable(facts: Facts, claim: Claim, location: str) -> None:
    """Return only if the claim can become another location's: of its organisation, before it holds.

    A wrong MPN is one of the partner's own (domain.md §10, 13); what is held is given back instead.
    """
    found = living_location(facts, location)
    if found.organisation != claim.organisation:
        raise Refused("not_your_location", location=location, organisation=claim.organisation)
    if claim.held:
        raise Refused("partly_held", claim=claim.claim, held=", ".join(claim.held))
