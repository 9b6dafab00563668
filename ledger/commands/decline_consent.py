"""Declining a claim as its customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.rules.claim_steps import customers_claim, in_state
from ledger.rules.consent import deniable, no_undoes, restored
from ledger.rules.disputes import dispute_until
from ledger.rules.policy import ClaimState, Policy
from ledger.rules.received import judged_us
from ledger.rules.standing import living_claim, slot_now
from schemas.consent import ConsentDeclined, ObjectionRecorded
from schemas.time import from_us
from schemas.values import Comment, Id, Instant


class DeclineConsent(Command):
    """Say no to a claim as its customer; too late a no is recorded without effect.

    ``received_at`` is for the operator, who keys in late what came in time; ``comment`` then names
    the evidence.
    """

    NAME: ClassVar[str] = "consent.decline"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "comment": "Another partner did the work.",
    }
    claim: Id
    comment: Comment | None = None
    received_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of the holding, or the objection as a fact (domain.md §4.2, row 7)."""
        if self.received_at is None:
            claim = customers_claim(facts, context, self.NAME, self.claim)
        else:
            claim = living_claim(facts, self.claim)
        at_us = judged_us(facts, context, self.NAME, claim, self.received_at, self.comment)
        policy = policy_of(facts, claim.policy)
        pending = bool(claim.asked) and not claim.held
        undoes = no_undoes(claim, at_us) or pending
        slots = self._slots(claim, policy, undoes=undoes)
        if pending and _held_once(facts, claim, slots):
            undoes = False  # it is asked for again; the earlier holding stands as it ended
        if not (undoes or pending) and policy.consent.late_no == "recorded":
            return self._objection(claim, at_us)
        event = ConsentDeclined(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=slots,
            from_the_beginning=undoes,
            restored=restored(facts, claim, slots) if undoes else (),
            comment=self.comment,
            dispute_until=dispute_until(facts, policy, claim, context.now_us),
            answer_due=_still_due(claim, slots),
        )
        return Decision(event, at_us, claim.position)

    def _slots(self, claim: Claim, policy: Policy, *, undoes: bool) -> tuple[str, ...]:
        """What the no is about; ``wrong_state`` where there is nothing to say no to."""
        if undoes and (claim.held or claim.state is ClaimState.REPLACED):
            return deniable(claim)
        if claim.held:
            return claim.held
        pending = (
            ClaimState.SUBMITTED,
            ClaimState.UNDER_REVIEW,
            ClaimState.PARTNER_ACTION_REQUIRED,
            ClaimState.DISPUTE,
        )
        allowed = pending if policy.consent.no_before_approval else ()
        in_state(claim, self.NAME, *allowed, ClaimState.APPROVED)
        return claim.asked

    def _objection(self, claim: Claim, at_us: int) -> Decision:
        event = ObjectionRecorded(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            window_closed=from_us(claim.consented_us or claim.consent_closes_us),
            comment=self.comment,
        )
        return Decision(event, at_us, claim.position)


def _still_due(claim: Claim, slots: tuple[str, ...]) -> datetime | None:
    """When the partner's answer about what the no leaves is due, if one is awaited."""
    if claim.state is not ClaimState.PARTNER_ACTION_REQUIRED or set(claim.asked) <= set(slots):
        return None
    return from_us(claim.answer_due_us)


def _held_once(facts: Facts, claim: Claim, slots: tuple[str, ...]) -> bool:
    histories = [slot_now(facts, slot) for slot in slots]
    return any(one.claim == claim.claim for slot in histories for one in slot.holdings)
