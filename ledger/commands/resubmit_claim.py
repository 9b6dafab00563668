"""Answering a reviewer's request in time."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.claim import Claim, SlotOutcome
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import in_state, partners_claim
from ledger.rules.exclusivity import not_yet_own
from ledger.rules.policy import ClaimState
from ledger.rules.proof import not_dated_ahead
from ledger.rules.received import judged_us
from ledger.rules.standing import living_claim
from schemas.claims import ClaimResubmitted
from schemas.time import iso
from schemas.values import Comment, Id, Instant, Proof


class ResubmitClaim(Command):
    """Answer the reviewer's request with a proof that replaces the earlier one.

    ``received_at`` is for the operator, who keys in late what came in time; ``comment`` then names
    the evidence.
    """

    NAME: ClassVar[str] = "claim.resubmit"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "proof": {
            "documents": [{"title": "Signed statement of work", "sha256": "ab" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2020-08-20",
        },
        "comment": "Now with the customer's signature.",
    }
    claim: Id
    proof: Proof
    comment: Comment | None = None
    received_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The answer, if it came before its deadline (domain.md §4.2, rows 5-6)."""
        if self.received_at is None:
            claim = partners_claim(facts, context, self.NAME, self.claim)
        else:
            claim = living_claim(facts, self.claim)
        at_us = judged_us(facts, context, self.NAME, claim, self.received_at, self.comment)
        self._in_time(facts, claim, at_us)
        not_dated_ahead(context, self.proof)
        policy = policy_of(facts, claim.policy)
        event = ClaimResubmitted(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            proof=self.proof,
            comment=self.comment,
            review_due=deadline(facts, policy, context.now_us, policy.review.take_up),
        )
        return Decision(event, at_us, claim.position)

    def _in_time(self, facts: Facts, claim: Claim, at_us: int) -> None:
        # The clock may have recorded the lapse or not: only the deadline counts (DESIGN §3).
        if not claim.lapsed:
            in_state(claim, self.NAME, ClaimState.PARTNER_ACTION_REQUIRED)
        if at_us >= claim.answer_due_us:
            due, now = iso(claim.answer_due_us), iso(at_us)
            raise Refused("answer_late", claim=claim.claim, due=due, now=now)
        for slot in claim.names(SlotOutcome.LAPSED):
            not_yet_own(facts, slot, claim.location, but=claim.claim)
