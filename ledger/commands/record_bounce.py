"""Recording that the customer's notice did not arrive."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.claim_steps import customers_claim, in_state
from ledger.rules.consent import settled
from ledger.rules.policy import ClaimState
from schemas.consent import NoticeBounced
from schemas.time import iso
from schemas.values import Comment, Id


class RecordBounce(Command):
    """Record that the notice bounced: silence no longer confirms, the customer's yes is needed."""

    NAME: ClassVar[str] = "consent.bounce"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "comment": "Mailbox unknown."}
    claim: Id
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The bounce, while silence could still confirm (DESIGN §6; domain.md §14.1)."""
        claim = customers_claim(facts, context, self.NAME, self.claim)
        in_state(
            claim,
            self.NAME,
            ClaimState.SUBMITTED,
            ClaimState.UNDER_REVIEW,
            ClaimState.PARTNER_ACTION_REQUIRED,
            ClaimState.DISPUTE,
            ClaimState.APPROVED,
        )
        if settled(claim, context.now_us):
            since_us = claim.consented_us or claim.consent_closes_us
            raise Refused("consent_settled", claim=claim.claim, since=iso(since_us))
        event = NoticeBounced(
            claim=claim.claim, tenant=claim.tenant, location=claim.location, comment=self.comment
        )
        return Decision(event, context.now_us, claim.position)
