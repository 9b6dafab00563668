"""Separation of duties: nobody judges the claim of the own organisation or of its rival (§14.5)."""

from __future__ import annotations

from ledger.decision import Context, Facts
from ledger.decision_models.actor import ACTOR
from ledger.decision_models.claim import Claim, SlotOutcome
from ledger.refusal import Refused
from ledger.rules.standing import claim_now, organisation_now, place_of, slot_now

_IN_PLAY = (SlotOutcome.ASKED, SlotOutcome.AWAITING_CONSENT, SlotOutcome.HELD)


def judge_apart(facts: Facts, context: Context, claim: Claim) -> None:
    """Return only if the actor belongs neither to the claim's organisation nor to a rival's.

    A rival is whoever holds, or also asks for, a slot of the claim. Organisations are those of
    now: who worked for one that merged works for the one it went up in (domain.md §7.5).
    """
    own = _organisations(facts, context)
    if not own:
        return
    if claim.organisation in own:
        raise _refused(context, claim, claim.organisation)
    for slot in claim.slots:
        for asker in slot_now(facts, slot.slot).askers:
            if asker.organisation in own and _in_play(facts, asker.claim, slot.slot):
                raise _refused(context, claim, asker.organisation)


def _organisations(facts: Facts, context: Context) -> frozenset[str]:
    """The organisations that the actor's roles belong to now."""
    scopes = [
        grant.scope for grant in facts(ACTOR, context.actor).grants if grant.counts(context.now_us)
    ]
    named = {organisation_now(facts, one.organisation) for one in scopes if one.organisation}
    placed = {place_of(facts, one.location).organisation for one in scopes if one.location}
    return frozenset((named | placed) - {""})


def _in_play(facts: Facts, claim: str, slot: str) -> bool:
    rival = claim_now(facts, claim)
    return rival is not None and rival.outcome(slot) in _IN_PLAY


def _refused(context: Context, claim: Claim, organisation: str) -> Refused:
    return Refused(
        "own_interest", actor=context.actor, organisation=organisation, claim=claim.claim
    )
