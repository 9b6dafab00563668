"""Separation of duties: nobody judges the claim of the own organisation or of its rival (§14.5)."""

from __future__ import annotations

from ledger.decision import Context, Facts
from ledger.decision_models.actor import ACTOR
from ledger.decision_models.claim import CLAIM, Claim, SlotOutcome
from ledger.decision_models.slot import SLOT
from ledger.refusal import Refused

_IN_PLAY = (SlotOutcome.ASKED, SlotOutcome.AWAITING_CONSENT, SlotOutcome.HELD)


def judge_apart(facts: Facts, context: Context, claim: Claim) -> None:
    """Return only if the actor belongs neither to the claim's organisation nor to a rival's.

    A rival is whoever holds, or also asks for, a slot of the claim.
    """
    own = facts(ACTOR, context.actor).organisations(context.now_us)
    if not own:
        return
    if claim.organisation in own:
        raise _refused(context, claim, claim.organisation)
    for slot in claim.slots:
        for asker in facts(SLOT, slot.slot).askers:
            if asker.organisation in own and _in_play(facts, asker.claim, slot.slot):
                raise _refused(context, claim, asker.organisation)


def _in_play(facts: Facts, claim: str, slot: str) -> bool:
    rival = facts(CLAIM, claim)
    return rival is not None and rival.outcome(slot) in _IN_PLAY


def _refused(context: Context, claim: Claim, organisation: str) -> Refused:
    return Refused(
        "own_interest", actor=context.actor, organisation=organisation, claim=claim.claim
    )
