"""Registering a customer tenant."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.refusal import Refused
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from schemas.parties import CustomerRegistered
from schemas.time import from_us, iso
from schemas.values import Country, Domain, Imported, TenantId, Text


class RegisterCustomer(Command):
    """Make a customer tenant known, with its domains and, when known, its first day."""

    NAME: ClassVar[str] = "customer.register"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "name": "Contoso",
        "domains": ["contoso.example"],
        "country": "CZ",
        "public_sector": False,
        "since": "2020-07-01",
        "segment": "Corporate",
    }
    tenant: TenantId
    name: Text
    imported: Imported | None = None
    domains: Annotated[tuple[Domain, ...], Field(max_length=50, validate_default=True)] = ()
    country: Country
    public_sector: bool = False
    since: date | None = None
    succeeds: TenantId | None = None
    segment: Text | None = None

    @field_validator("domains")
    @classmethod
    def _domains_are_known(cls, domains: tuple[str, ...], found: ValidationInfo) -> tuple[str, ...]:
        """Only an imported estate may leave them out: no file of usage states them."""
        if not domains and found.data.get("imported") is None:
            raise ValueError("give at least one of the tenant's domains")
        return domains

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The registration; the tenant must be new, the tenant it succeeds registered (§14.9)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        unused(facts, CUSTOMER, self.tenant)
        if self.succeeds:
            known(facts, CUSTOMER, self.succeeds)
        if self.since and self.since > from_us(context.now_us).date():
            raise Refused(
                "effective_in_future",
                value=self.since,
                now=iso(context.now_us),
                command=self.NAME,
            )
        event = CustomerRegistered(
            tenant=self.tenant,
            name=self.name,
            domains=self.domains,
            country=self.country,
            public_sector=self.public_sector,
            since=self.since,
            succeeds=self.succeeds,
            segment=self.segment,
            imported=self.imported,
        )
        return Decision(event, context.now_us)
