"""One holder a slot at every effective instant, and one claim a location (domain.md §3.2, §5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from ledger.decision import Facts
from ledger.decision_models.claim import Claim, SlotOutcome
from ledger.decision_models.slot import SlotHistory
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules.policy import Area, Policy
from ledger.rules.standing import claim_now, deleted_us, slot_now
from schemas.time import FOREVER_US, iso
from schemas.values import Activity, Slot

_OF_SUBSCRIPTION = "cpor:bizapps:"
_PENDING = (SlotOutcome.ASKED, SlotOutcome.AWAITING_CONSENT)


def not_yet_own(facts: Facts, slot: str, location: str, *, but: str = "") -> None:
    """Refuse, as ``claimed_by_you``, a slot that the location holds or asks for with another claim.

    ``but`` is the claim that asks.
    """
    history = slot_now(facts, slot)
    for asker in history.askers:
        if asker.location != location or asker.claim == but:
            continue
        if asker.claim in history.occupants() or _pending(facts, asker.claim, slot):
            raise Refused("claimed_by_you", slot=slot, claim=asker.claim, location=location)


def _pending(facts: Facts, claim: str, slot: str) -> bool:
    other = claim_now(facts, claim)
    if other is None or deleted_us(facts, other) != FOREVER_US:
        return False
    return other.outcome(slot) in _PENDING


class Reach(NamedTuple):
    """How far exclusivity reaches for a claim: its area's rules, and whose claims are no rivals."""

    area: Area
    organisation: str

    def siblings(self, slot: str) -> tuple[str, ...]:
        """The slots of a subscription's other activities, where one partner has it whole."""
        if self.area.exclusive != "subscription" or not slot.startswith(_OF_SUBSCRIPTION):
            return ()
        place, _, own = slot.rpartition(":")
        return tuple(f"{place}:{activity}" for activity in Activity if activity != own)

    def rivals(self, facts: Facts, slot: str) -> SlotHistory:
        """A sibling slot as far as other organisations hold it."""
        history = slot_now(facts, slot)
        own = {one.claim for one in history.askers if one.organisation == self.organisation}
        return history._replace(
            holdings=tuple(one for one in history.holdings if one.claim not in own),
            awaiting=tuple(one for one in history.awaiting if one not in own),
        )


def reach_of(policy: Policy, claim: Claim) -> Reach:
    """How far exclusivity reaches for a claim under its policy (domain.md §3.2; DESIGN §6)."""
    return Reach(policy.areas[claim.solution_area], claim.organisation)


def occupied(facts: Facts, reach: Reach, slots: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Every slot in somebody's hands now, each with a claim that is in the way.

    Where a subscription has one partner, claims of others on its other activities are in the way.
    """
    own = [(slot, claim) for slot in slots for claim in slot_now(facts, slot).occupants()]
    beside = [
        (slot, claim)
        for slot in slots
        for sibling in reach.siblings(slot)
        for claim in reach.rivals(facts, sibling).occupants()
    ]
    return (*own, *beside)


def vacated(
    facts: Facts, reach: Reach, slots: Iterable[str], losers: Collection[str]
) -> tuple[str, ...]:
    """The slots of other activities that losers hold and give up, taken over by nobody."""
    siblings = dict.fromkeys(sibling for slot in slots for sibling in reach.siblings(slot))
    return tuple(
        sibling
        for sibling in siblings
        if set(reach.rivals(facts, sibling).occupants()).intersection(losers)
    )


def free_since(
    facts: Facts, reach: Reach, slots: Sequence[str], since_us: int, *, holder_ends: bool
) -> None:
    """Refuse, as ``slot_was_held``, a start that overlaps a holding.

    Where ``holder_ends``, in an arbitration, the present holder gives way at the start; but a start
    that leaves nothing of the holding is refused all the same (DESIGN §6).
    """
    histories = [(slot, slot_now(facts, slot)) for slot in slots]
    siblings = [sibling for slot in slots for sibling in reach.siblings(slot)]
    histories += [(sibling, reach.rivals(facts, sibling)) for sibling in siblings]
    for slot, history in histories:
        held = history.after(since_us)
        if held is None or (holder_ends and held is history.holder and held.since_us < since_us):
            continue
        raise Refused(
            "slot_was_held",
            slot=slot,
            since=iso(since_us),
            claim=held.claim,
            held_from=iso(held.since_us),
        )


def on_living_subscriptions(facts: Facts, slots: Sequence[Slot]) -> None:
    """Refuse, as ``subscription_ended``, to begin a holding on a subscription that is over."""
    for slot in slots:
        subscription = facts(SUBSCRIPTION, slot.subscription) if slot.subscription else None
        if subscription is not None and not subscription.active:
            raise Refused(
                "subscription_ended",
                subscription=subscription.subscription,
                at=iso(subscription.ended_us),
            )
