"""Rejecting a claim."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.policy import policy_of
from ledger.rules.claim_steps import in_state, judged_claim
from ledger.rules.disputes import dispute_until
from ledger.rules.policy import ClaimState
from schemas.claims import ClaimRejected, RejectionReason
from schemas.values import Comment, Id


class RejectClaim(Command):
    """Reject a claim under review or in dispute, with the reason."""

    NAME: ClassVar[str] = "claim.reject"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "reason": "insufficient_proof",
        "comment": "The documents do not show who did the work.",
    }
    claim: Id
    reason: Literal["insufficient_proof", "partner_request", "wrong_details"]
    comment: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The rejection and until when it may be disputed (domain.md §4.2, rows 4, 9, 10)."""
        claim = judged_claim(facts, context, self.NAME, self.claim)
        in_state(claim, self.NAME, ClaimState.UNDER_REVIEW, ClaimState.DISPUTE)
        policy = policy_of(facts, claim.policy)
        event = ClaimRejected(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=claim.asked,
            reason=RejectionReason(self.reason),
            comment=self.comment,
            dispute_until=dispute_until(facts, policy, claim, context.now_us),
        )
        return Decision(event, context.now_us, claim.position)
