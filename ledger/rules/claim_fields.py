"""A claim's fields as commands take them, and the claim they make together (domain.md §3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field

from ledger.decision import Contact, Context
from ledger.refusal import Refused
from ledger.rules.contacts import at_customer, at_domain, at_partner
from schemas.drafts import DraftContent, DraftField
from schemas.values import (
    Activity,
    Comment,
    Domain,
    Id,
    Proof,
    Sealed,
    SolutionArea,
    TenantId,
    Text,
    Value,
)

CustomerContact = Annotated[Contact, AfterValidator(at_customer)]
PartnerContact = Annotated[Contact, AfterValidator(at_partner)]

NEEDED = (
    "title",
    "tenant",
    "solution_area",
    "activity",
    "customer_contact",
    "partner_contact",
    "proof",
)
"""What no claim can be submitted without, whatever its policy (domain.md §3.1, §4.2 row 2)."""


_FILLABLE = tuple(field.value for field in DraftField)


class ClaimFields(Value):
    """Every field of a claim. None may be missing at submission; a draft has what it has."""

    claim: Id
    title: Text | None = None
    location: Id | None = None
    tenant: TenantId | None = None
    domain: Domain | None = None
    solution_area: SolutionArea | None = None
    activity: Activity | None = None
    workloads: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    subscriptions: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    customer_contact: CustomerContact | None = None
    customer_technical_contact: CustomerContact | None = None
    partner_contact: PartnerContact | None = None
    proof: Proof | None = None
    acknowledged: bool | None = None
    comment: Comment | None = None
    payment_opt_out: bool | None = None
    solution_seller: PartnerContact | None = None
    customer_name: Text | None = None
    isv_product: Text | None = None

    def contacts(self) -> tuple[Contact, ...]:
        """The people named."""
        named = (
            self.customer_contact,
            self.customer_technical_contact,
            self.partner_contact,
            self.solution_seller,
        )
        return tuple([contact for contact in named if contact is not None])

    def given(self) -> Iterator[tuple[str, Any]]:
        """The fields that are filled, by name; the claim's id and location are not among them."""
        values = self.__dict__
        for name in _FILLABLE:
            value = values[name]
            if value is not None and value != ():
                yield name, value

    def sealed_content(self, context: Context, domains: tuple[str, ...]) -> DraftContent:
        """What is filled, the people sealed; ``domains`` are the partner's own."""
        filled: dict[str, Any] = {
            name: context.seal(value) if isinstance(value, Contact) else value
            for name, value in self.given()
        }
        if self.customer_contact:
            filled["contact_in_partner_domain"] = at_domain(self.customer_contact, domains)
        return DraftContent(**filled)


class FilledClaim(NamedTuple):
    """A claim with everything that each needs; a person from a draft is sealed already."""

    title: str
    tenant: str
    solution_area: SolutionArea
    activity: Activity
    customer_contact: Contact | Sealed
    partner_contact: Contact | Sealed
    proof: Proof
    domain: str | None = None
    workloads: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    customer_technical_contact: Contact | Sealed | None = None
    contact_in_partner_domain: bool = False
    comment: str | None = None
    payment_opt_out: bool = False
    acknowledged: bool = False
    solution_seller: Contact | Sealed | None = None
    customer_name: str | None = None
    isv_product: str | None = None


def filled(fields: ClaimFields, draft: DraftContent | None) -> FilledClaim:
    """The claim that a draft and a command make together; what the command says goes first.

    Refused as ``claim_incomplete``, with everything that is missing.
    """
    whole = dict(fields.given())
    if draft is not None:
        whole = {name: value for name, value in draft if value is not None} | whole
    missing = [name for name in NEEDED if name not in whole]
    if missing:
        raise Refused("claim_incomplete", claim=fields.claim, missing=", ".join(missing))
    return FilledClaim(**whole)


def sealed(context: Context, contact: Contact | Sealed) -> Sealed:
    """A person as an event names it; one from a draft is sealed already."""
    return context.seal(contact) if isinstance(contact, Contact) else contact


def maybe_sealed(context: Context, contact: Contact | Sealed | None) -> Sealed | None:
    """As ``sealed``, where nobody need be named."""
    return None if contact is None else sealed(context, contact)
