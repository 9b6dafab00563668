"""Events about who there is: partner organisations and locations, customers, identities."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.event import Event, Timer, distinct
from schemas.values import Comment, Country, Domain, Id, Imported, TenantId, Text

MOST_LOCATIONS = 300
"""Locations an organisation may have when it merges into another: the event names each."""


class OrganisationRegistered(Event):
    """A partner organisation (PGA, domain.md §1) became known."""

    TYPE: ClassVar[str] = "organisation.registered.v1"
    organisation: Id
    name: Text
    country: Country
    domains: tuple[Domain, ...] = Field(default=(), max_length=50)
    imported: Imported | None = None

    def tags(self) -> tuple[str, ...]:
        """The organisation."""
        return (f"organisation:{self.organisation}",)


class LocationRegistered(Event):
    """A partner location (PLA, domain.md §1) with its own id became known.

    ``kind`` is ``frp`` for the id of a FastTrack Ready Partner, a partner type of its own (§6.5).
    """

    TYPE: ClassVar[str] = "location.registered.v1"
    location: Id
    organisation: Id
    name: Text
    country: Country
    kind: Literal["frp"] | None = None
    imported: Imported | None = None

    def tags(self) -> tuple[str, ...]:
        """The location as partner, and its organisation."""
        return (f"partner:{self.location}", f"organisation:{self.organisation}")


class OrganisationMerged(Event):
    """An organisation went up in another: DPOR and PAL are kept, credit flows there (§7.5).

    ``locations`` and ``domains`` are what it brings; from the effective instant on they are the
    other's.
    """

    TYPE: ClassVar[str] = "organisation.merged.v1"
    organisation: Id
    into: Id
    locations: tuple[Id, ...] = Field(default=(), max_length=MOST_LOCATIONS)
    domains: tuple[Domain, ...] = Field(default=(), max_length=50)

    def tags(self) -> tuple[str, ...]:
        """Both organisations, and each location as partner."""
        return distinct(
            f"organisation:{self.organisation}",
            f"organisation:{self.into}",
            *(f"partner:{location}" for location in self.locations),
        )


class LocationMoved(Event):
    """A location went over to another organisation, with all that it holds (domain.md §7.5)."""

    TYPE: ClassVar[str] = "location.moved.v1"
    location: Id
    organisation: Id
    previous: Id

    def tags(self) -> tuple[str, ...]:
        """The location as partner, and both organisations."""
        return distinct(
            f"partner:{self.location}",
            f"organisation:{self.organisation}",
            f"organisation:{self.previous}",
        )


class LocationRepointed(Event):
    """All that a location holds is its sister's from the effective instant on (domain.md §7.5)."""

    TYPE: ClassVar[str] = "location.repointed.v1"
    location: Id
    to: Id
    organisation: Id

    def tags(self) -> tuple[str, ...]:
        """Both locations as partners, and their organisation."""
        return distinct(
            f"partner:{self.location}",
            f"partner:{self.to}",
            f"organisation:{self.organisation}",
        )


class LocationDeleted(Event):
    """A location is no more: whatever was not re-pointed before ended with it (domain.md §7.5).

    ``enrolments`` are the programmes in which it was enrolled, or about to be; those end for good.
    """

    TYPE: ClassVar[str] = "location.deleted.v1"
    location: Id
    organisation: Id
    comment: Comment | None = None
    enrolments: Annotated[tuple[Id, ...], Field(max_length=100)] | None = None

    def tags(self) -> tuple[str, ...]:
        """The location as partner, its organisation, and its enrolments."""
        ended = (f"enrolment:{each}:{self.location}" for each in self.enrolments or ())
        return distinct(f"partner:{self.location}", f"organisation:{self.organisation}", *ended)

    def timers(self) -> tuple[Timer, ...]:
        """No term of an enrolment runs any more."""
        ended = distinct(*(self.enrolments or ()))
        return tuple(Timer(f"enrolment_term:{each}:{self.location}", "", None) for each in ended)


class CustomerRegistered(Event):
    """A customer tenant became known; ``since`` is its first day as a customer, when known.

    ``segment`` is how Partner Center's files class it (their column CustomerSegment).
    A start with no predecessor is evidence of zero usage before (partner_center_files.md §2).
    """

    TYPE: ClassVar[str] = "customer.registered.v2"
    tenant: TenantId
    name: Text
    domains: tuple[Domain, ...] = Field(default=(), max_length=50)
    country: Country
    public_sector: bool = False
    since: date | None = None
    succeeds: TenantId | None = None
    segment: Text | None = None
    imported: Imported | None = None

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
