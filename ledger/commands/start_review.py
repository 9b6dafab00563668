"""Starting the review of a claim."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.policy import policy_of
from ledger.rules.claim_steps import in_state, judged_claim
from ledger.rules.policy import ClaimState
from schemas.claims import ClaimReviewStarted
from schemas.values import Id


class StartReview(Command):
    """Take a submitted claim up for review, under your name."""

    NAME: ClassVar[str] = "claim.start_review"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1"}
    claim: Id

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The review's start and its promised day (domain.md §4.2, row 3)."""
        claim = judged_claim(facts, context, self.NAME, self.claim)
        in_state(claim, self.NAME, ClaimState.SUBMITTED)
        policy = policy_of(facts, claim.policy)
        event = ClaimReviewStarted(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            decision_due=deadline(facts, policy, context.now_us, policy.review.decide),
        )
        return Decision(event, context.now_us, claim.position)
