"""Who a customer is: its tenant's name, domains and country."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.migrations import CustomerMigrated
from schemas.parties import CustomerRegistered
from schemas.time import FOREVER_US


class Customer(NamedTuple):
    """A registered customer tenant, and where all its users went when (microseconds UTC), if so."""

    tenant: str
    name: str
    domains: tuple[str, ...]
    country: str
    public_sector: bool
    migrated_to: str = ""
    migrated_us: int = FOREVER_US


def _apply(state: Customer | None, fact: Fact) -> Customer | None:
    event = fact.event
    if isinstance(event, CustomerMigrated):
        left = state is not None and event.tenant == state.tenant and event.users is None
        if state is None or not left:
            return state
        return state._replace(migrated_to=event.to, migrated_us=fact.effective_at_us)
    if not isinstance(event, CustomerRegistered):
        return state
    return Customer(event.tenant, event.name, event.domains, event.country, event.public_sector)


CUSTOMER: Model[Customer | None] = Model(
    name="customer",
    tag="tenant",
    types=(CustomerRegistered, CustomerMigrated),
    start=None,
    apply=_apply,
)
"""The customer of a tenant, or None while nobody registered it; key: the tenant id."""
