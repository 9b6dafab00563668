"""Recording that a partner organisation signed its agreement with Microsoft."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import PARTNER_AGREEMENT
from ledger.decision_models.partner import ORGANISATION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.competencies import Agreement, PartnerAgreementSigned
from schemas.time import FOREVER_US, iso
from schemas.values import Id, Instant


class SignPartnerAgreement(Command):
    """Record that a partner organisation signed its own agreement with Microsoft."""

    NAME: ClassVar[str] = "partner_agreement.sign"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "agreement": "MPA",
        "effective_at": "2020-07-01T00:00:00Z",
    }
    organisation: Id
    agreement: Agreement
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The signature that incentives ask for (domain.md §8.4, IVDMPA)."""
        permit(facts, context, self.NAME, organisation=self.organisation)
        known(facts, ORGANISATION, self.organisation)
        found = facts(PARTNER_AGREEMENT, f"{self.organisation}:{self.agreement}")
        if found and found.ended_us == FOREVER_US:
            raise Refused(
                "agreement_in_force",
                agreement=self.agreement,
                organisation=self.organisation,
                since=iso(found.signed_us),
            )
        earliest_us = found.ended_us if found else 0
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=earliest_us,
            because="the end of the one before",
        )
        event = PartnerAgreementSigned(organisation=self.organisation, agreement=self.agreement)
        return Decision(event, at_us)
