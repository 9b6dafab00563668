"""One holder a slot at every effective instant, and one claim a location (domain.md §3.2, §5)."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.decision import Facts
from ledger.decision_models.claim import SlotOutcome
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules.standing import claim_now, deleted_us, slot_now
from schemas.time import FOREVER_US, iso
from schemas.values import Slot

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


def occupied(facts: Facts, slots: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Every slot in somebody's hands now, each with a claim that is in the way."""
    return tuple((slot, claim) for slot in slots for claim in slot_now(facts, slot).occupants())


def free_since(facts: Facts, slots: Sequence[str], since_us: int, *, holder_ends: bool) -> None:
    """Refuse, as ``slot_was_held``, a start that overlaps a holding.

    Where ``holder_ends``, in an arbitration, the present holder gives way at the start; but a start
    that leaves nothing of the holding is refused all the same (DESIGN §6).
    """
    for slot in slots:
        history = slot_now(facts, slot)
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
