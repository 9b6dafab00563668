"""Confirming a claim as its customer."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator

from ledger.decision import Command, Contact, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import customers_claim, in_state
from ledger.rules.consent import settled
from ledger.rules.contacts import not_too_long
from ledger.rules.policy import ClaimState
from schemas.consent import ConsentConfirmed
from schemas.time import iso
from schemas.values import Id


class ConfirmConsent(Command):
    """Say yes to a claim as its customer; no silence is awaited any more."""

    NAME: ClassVar[str] = "consent.confirm"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "how": "in_person"}
    claim: Id
    how: Literal["in_person", "portal", "e_mail", "signature"]
    given_by: Annotated[Contact, AfterValidator(not_too_long)] | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The customer's yes (domain.md §4.3; DESIGN §6)."""
        claim = customers_claim(facts, context, self.NAME, self.claim)
        slots = self._slots(facts, claim)
        if settled(claim, context.now_us):
            since_us = claim.consented_us or claim.consent_closes_us
            raise Refused("consent_settled", claim=claim.claim, since=iso(since_us))
        event = ConsentConfirmed(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=slots,
            how=self.how,
            given_by=context.seal(self.given_by) if self.given_by else None,
        )
        return Decision(event, context.now_us, claim.position)

    def _slots(self, facts: Facts, claim: Claim) -> tuple[str, ...]:
        if claim.held:
            return claim.unsettled or claim.held
        # Where the proof may come last the customer may say yes first (domain.md §13.16).
        early = (ClaimState.SUBMITTED, ClaimState.UNDER_REVIEW, ClaimState.DISPUTE)
        allowed = early if policy_of(facts, claim.policy).consent.yes_before_approval else ()
        in_state(claim, self.NAME, *allowed, ClaimState.APPROVED)
        return claim.asked
