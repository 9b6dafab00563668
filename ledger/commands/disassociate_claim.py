"""Giving an approved association back."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.refusal import Refused
from ledger.rules.claim_steps import partners_claim
from ledger.rules.consent import window_beside
from ledger.rules.standing import slot_now
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
        slots = self._given_back(facts, claim)
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

    def _given_back(self, facts: Facts, claim: Claim) -> tuple[str, ...]:
        # What the claim held may have ended with its subscription; the slot knows.
        held = tuple(
            slot for slot in claim.held if claim.claim in slot_now(facts, slot).occupants()
        )
        slots = tuple(dict.fromkeys(self.slots)) or held
        if not held or not set(slots) <= set(held):
            named = ", ".join(slots) or "anything"
            shown = ", ".join(held) or "nothing"
            raise Refused("not_held", claim=claim.claim, slots=named, held=shown)
        return slots
