"""Events about who there is: partner organisations and locations, customers, identities."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from schemas.event import Event, distinct
from schemas.values import Country, Domain, Id, TenantId, Text


class OrganisationRegistered(Event):
    """A partner organisation (PGA, domain.md §1) became known."""

    TYPE: ClassVar[str] = "organisation.registered.v1"
    organisation: Id
    name: Text
    country: Country
    domains: tuple[Domain, ...] = Field(default=(), max_length=50)

    def tags(self) -> tuple[str, ...]:
        """The organisation."""
        return (f"organisation:{self.organisation}",)


class LocationRegistered(Event):
    """A partner location (PLA, domain.md §1) with its own id became known."""

    TYPE: ClassVar[str] = "location.registered.v1"
    location: Id
    organisation: Id
    name: Text
    country: Country

    def tags(self) -> tuple[str, ...]:
        """The location as partner, and its organisation."""
        return (f"partner:{self.location}", f"organisation:{self.organisation}")


class CustomerRegistered(Event):
    """A customer tenant became known; ``since`` is its first day as a customer, when known.

    A start with no predecessor is evidence of zero usage before (partner_center_files.md §2).
    """

    TYPE: ClassVar[str] = "customer.registered.v2"
    tenant: TenantId
    name: Text
    domains: tuple[Domain, ...] = Field(min_length=1, max_length=50)
    country: Country
    public_sector: bool = False
    since: date | None = None
    succeeds: TenantId | None = None

    def tags(self) -> tuple[str, ...]:
        """The tenant, and the tag all usage births share."""
        return (f"tenant:{self.tenant}", "usage:births")


class IdentityRegistered(Event):
    """A partner's user or service principal that can link a partner id (PAL, domain.md §6.2).

    ``home_tenant`` is the directory it lives in: what Azure Lighthouse delegates is linked there.
    """

    TYPE: ClassVar[str] = "identity.registered.v1"
    identity: Id
    kind: Literal["user", "service_principal"]
    location: Id
    home_tenant: TenantId | None = None

    def tags(self) -> tuple[str, ...]:
        """The identity and its partner location."""
        return distinct(f"identity:{self.identity}", f"partner:{self.location}")
