"""Recording that a partner organisation's agreement with Microsoft ended."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import PARTNER_AGREEMENT
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.competencies import Agreement, PartnerAgreementEnded
from schemas.values import Comment, Id, Instant


class EndPartnerAgreement(Command):
    """Record that a partner organisation's own agreement with Microsoft ended."""

    NAME: ClassVar[str] = "partner_agreement.end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "agreement": "MPA",
        "reason": "Not renewed.",
        "effective_at": "2021-06-30T00:00:00Z",
    }
    organisation: Id
    agreement: Agreement
    reason: Comment | None = None
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end (domain.md §8.4, IVDMPA)."""
        permit(facts, context, self.NAME, organisation=self.organisation)
        key = f"{self.organisation}:{self.agreement}"
        found = known(facts, PARTNER_AGREEMENT, key)
        still_in_force("partner agreement", key, found.ended_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.signed_us,
            because="its signature",
        )
        event = PartnerAgreementEnded(
            organisation=self.organisation, agreement=self.agreement, reason=self.reason
        )
        return Decision(event, at_us)
