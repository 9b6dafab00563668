"""Submitting a CPOR claim."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Contact, Context, Decision, Facts
from schemas.values import (
    Activity,
    Comment,
    Domain,
    Id,
    Proof,
    SolutionArea,
    TenantId,
    Text,
)


class SubmitClaim(Command):
    """Claim workloads or subscriptions of a customer for a partner location, with the proof."""

    NAME: ClassVar[str] = "claim.submit"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "title": "Contoso: Exchange and SharePoint",
        "location": "101",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "domain": "contoso.example",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": ["exchange", "sharepoint"],
        "customer_contact": {
            "name": "Jana Nova",
            "title": "IT manager",
            "email": "jana.nova@contoso.example",
        },
        "partner_contact": {"name": "Petr Maly", "email": "petr.maly@partner-a.example"},
        "proof": {
            "documents": [{"title": "Statement of work", "sha256": "ab" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2020-08-01",
        },
    }
    claim: Id
    title: Text
    location: Id
    tenant: TenantId
    domain: Domain | None = None
    solution_area: SolutionArea
    activity: Activity
    workloads: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    subscriptions: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    customer_contact: Contact
    customer_technical_contact: Contact | None = None
    partner_contact: Contact
    proof: Proof
    comment: Comment | None = None
    payment_opt_out: bool = False

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The submission, with the slots it asks for and those that are contested (§3, §4.2)."""
        raise NotImplementedError
