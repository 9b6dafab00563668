"""Recording that a licensing agreement was signed."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.agreement import AGREEMENT
from ledger.decision_models.customer import CUSTOMER
from ledger.rules.effective import effective_us
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.agreements import AgreementSigned, TransactingPartner
from schemas.values import Id, Imported, Instant, TenantId


class SignAgreement(Command):
    """Record a signed agreement; each partner on it is TPOR in its role from then on."""

    NAME: ClassVar[str] = "agreement.sign"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "agreement": "EA-1",
        "kind": "EA",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "partners": [{"location": "101", "role": "reseller"}],
        "effective_at": "2020-07-01T00:00:00Z",
    }
    agreement: Id
    kind: Literal["EA", "MPSA", "OPEN"]
    tenant: TenantId
    partners: Annotated[tuple[TransactingPartner, ...], Field(min_length=1, max_length=10)]
    effective_at: Instant | None = None
    imported: Imported | None = None

    @model_validator(mode="after")
    def _each_partner_once_in_a_role(self) -> Self:
        seen = set()
        for partner in self.partners:
            if (partner.location, partner.role) in seen:
                raise ValueError(
                    f"location {partner.location} is {partner.role} twice; name it once"
                )
            seen.add((partner.location, partner.role))
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The signature, from which TPOR follows by itself (domain.md §6)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        at_us = effective_us(context, self.NAME, self.effective_at)
        unused(facts, AGREEMENT, self.agreement)
        known(facts, CUSTOMER, self.tenant)
        for partner in self.partners:
            living_location(facts, partner.location)
        event = AgreementSigned(
            agreement=self.agreement,
            kind=self.kind,
            tenant=self.tenant,
            partners=self.partners,
            imported=self.imported,
        )
        return Decision(event, at_us)
