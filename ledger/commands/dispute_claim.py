"""Disputing a rejection or a lost arbitration."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import in_state, partners_claim
from ledger.rules.exclusivity import not_yet_own
from ledger.rules.policy import ClaimState, Policy
from ledger.rules.proof import not_dated_ahead
from schemas.disputes import ClaimDisputed
from schemas.time import iso
from schemas.values import Comment, Id, Proof


class DisputeClaim(Command):
    """Re-open a rejected or replaced claim, with a justification and perhaps a new proof."""

    NAME: ClassVar[str] = "claim.dispute"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "justification": "The signed acknowledgement was attached as the second document.",
    }
    claim: Id
    justification: Comment
    proof: Proof | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The dispute, within the policy's days and count (domain.md §4.2, rows 9-11)."""
        claim = partners_claim(facts, context, self.NAME, self.claim)
        policy = policy_of(facts, claim.policy)
        self._disputable(context, claim, policy)
        for slot in claim.lost:
            not_yet_own(facts, slot, claim.location, but=claim.claim)
        if self.proof:
            not_dated_ahead(context, self.proof)
        event = ClaimDisputed(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            justification=self.justification,
            proof=self.proof,
            answer_due=deadline(facts, policy, context.now_us, policy.dispute.answer),
        )
        return Decision(event, context.now_us, claim.position)

    def _disputable(self, context: Context, claim: Claim, policy: Policy) -> None:
        if claim.state is ClaimState.REJECTED_FINAL:
            raise Refused("loss_is_final", claim=claim.claim, why="its state is rejected final")
        if not (claim.state is ClaimState.APPROVED and claim.lost):
            in_state(claim, self.NAME, ClaimState.REJECTED, ClaimState.REPLACED)
        if claim.disputes >= policy.dispute.most:
            why = f"{policy.policy} allows {policy.dispute.most} dispute, and it was lost"
            raise Refused("loss_is_final", claim=claim.claim, why=why)
        if not claim.dispute_until_us:
            why = "it was settled inside its own organisation"
            raise Refused("loss_is_final", claim=claim.claim, why=why)
        if context.now_us >= claim.dispute_until_us:
            until, now = iso(claim.dispute_until_us), iso(context.now_us)
            raise Refused("dispute_late", claim=claim.claim, until=until, now=now)
