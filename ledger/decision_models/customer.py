"""Who a customer is: its tenant's name, domains and country."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.parties import CustomerRegistered


class Customer(NamedTuple):
    """A registered customer tenant."""

    tenant: str
    name: str
    domains: tuple[str, ...]
    country: str
    public_sector: bool


def _apply(state: Customer | None, fact: Fact) -> Customer | None:
    event = fact.event
    if not isinstance(event, CustomerRegistered):
        return state
    return Customer(event.tenant, event.name, event.domains, event.country, event.public_sector)


CUSTOMER: Model[Customer | None] = Model(
    name="customer", tag="tenant", types=(CustomerRegistered,), start=None, apply=_apply
)
"""The customer of a tenant, or None while nobody registered it; key: the tenant id."""
