"""Rejecting a claim."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.rules.claim_steps import in_state, judged_claim, some_asked, some_held
from ledger.rules.consent import window_beside
from ledger.rules.disputes import dispute_until
from ledger.rules.policy import ClaimState
from schemas.claims import ClaimRejected, RejectionReason
from schemas.values import Comment, Deficiency, Id, SlotName


class RejectClaim(Command):
    """Reject what a claim asks for (all of it unless slots are named), with the reason.

    Where the policy knows no other way, ``partner_request`` also ends what the claim holds.
    """

    NAME: ClassVar[str] = "claim.reject"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "reason": "insufficient_proof",
        "comment": "The documents do not show who did the work.",
    }
    claim: Id
    reason: Literal["insufficient_proof", "partner_request", "wrong_details"]
    comment: Comment
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()
    deficiencies: Annotated[tuple[Deficiency, ...], Field(max_length=10)] = ()

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The rejection and until when it may be disputed (domain.md §4.2, rows 4, 9, 10, 12)."""
        claim = judged_claim(facts, context, self.NAME, self.claim)
        policy = policy_of(facts, claim.policy)
        if self.reason == "partner_request" and policy.ending.by_partner == "reviewer_rejects":
            if not claim.asked and claim.held:
                return self._end(context, claim)
            in_state(
                claim,
                self.NAME,
                ClaimState.UNDER_REVIEW,
                ClaimState.DISPUTE,
                ClaimState.APPROVED,
            )
        in_state(claim, self.NAME, ClaimState.UNDER_REVIEW, ClaimState.DISPUTE)
        slots = some_asked(claim, self.slots)
        event = ClaimRejected(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=slots,
            reason=RejectionReason(self.reason),
            comment=self.comment,
            deficiencies=self.deficiencies or None,
            dispute_until=dispute_until(facts, policy, claim, context.now_us),
        )
        return Decision(event, context.now_us, claim.position)

    def _end(self, context: Context, claim: Claim) -> Decision:
        """The end of an association at its own partner's request; nothing is left to dispute."""
        slots = some_held(claim, self.slots)
        event = ClaimRejected(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=slots,
            reason=RejectionReason.PARTNER_REQUEST,
            comment=self.comment,
            deficiencies=self.deficiencies or None,
            held=True,
            consent_closes=window_beside(claim, slots),
        )
        return Decision(event, context.now_us, claim.position)
