"""Giving an approved association back."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import partners_claim, some_held
from ledger.rules.consent import window_beside
from schemas.claims import ClaimDisassociated, DisassociationReason
from schemas.values import Comment, Id, SlotName


class DisassociateClaim(Command):
    """Give slots of an approved claim back (all of them unless some are named), with the reason."""

    NAME: ClassVar[str] = "claim.disassociate"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "reason": "no_longer_working"}
    claim: Id
    reason: DisassociationReason
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of what the claim holds (domain.md §4.2, row 12)."""
        claim = partners_claim(facts, context, self.NAME, self.claim)
        policy = policy_of(facts, claim.policy)
        if policy.ending.by_partner != "disassociate":
            raise Refused("not_self_service", policy=policy.policy, claim=claim.claim)
        slots = some_held(claim, self.slots)
        event = ClaimDisassociated(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=slots,
            reason=self.reason,
            comment=self.comment,
            consent_closes=window_beside(claim, slots),
        )
        return Decision(event, context.now_us, claim.position)
