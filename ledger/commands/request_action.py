"""Asking the partner for what a claim's proof lacks."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.policy import policy_of
from ledger.rules.claim_steps import in_state, judged_claim
from ledger.rules.policy import ClaimState
from schemas.claims import ClaimActionRequested
from schemas.values import Comment, Deficiency, Id


class RequestAction(Command):
    """Ask the partner for what the proof lacks; silence until the deadline rejects the claim."""

    NAME: ClassVar[str] = "claim.request_action"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "deficiencies": ["acknowledgement_missing"],
        "comment": "The customer's signature is missing on page 2.",
    }
    claim: Id
    deficiencies: Annotated[tuple[Deficiency, ...], Field(min_length=1, max_length=10)]
    comment: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The request and the partner's deadline (domain.md §4.2, rows 4-6)."""
        claim = judged_claim(facts, context, self.NAME, self.claim)
        in_state(claim, self.NAME, ClaimState.UNDER_REVIEW)
        policy = policy_of(facts, claim.policy)
        event = ClaimActionRequested(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            deficiencies=self.deficiencies,
            comment=self.comment,
            answer_due=deadline(facts, policy, context.now_us, policy.review.answer),
        )
        return Decision(event, context.now_us, claim.position)
