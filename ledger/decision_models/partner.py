"""Who a partner is: its organisation (PGA) and its locations (PLA), domain.md §1, §7.5."""

from __future__ import annotations

from typing import Any, NamedTuple

from ledger.decision import Fact, Model
from schemas.parties import (
    LocationDeleted,
    LocationMoved,
    LocationRegistered,
    LocationRepointed,
    OrganisationMerged,
    OrganisationRegistered,
)
from schemas.time import FOREVER_US


class Organisation(NamedTuple):
    """A registered partner organisation with its living locations.

    ``merged_into`` is the organisation it went up in at ``merged_us`` (microseconds UTC), if any.
    """

    organisation: str
    name: str
    country: str
    domains: tuple[str, ...]
    locations: tuple[str, ...] = ()
    merged_into: str = ""
    merged_us: int = FOREVER_US

    def with_location(self, location: str) -> Organisation:
        """This organisation with one location more."""
        return self._replace(locations=(*self.locations, location))

    def without(self, location: str) -> Organisation:
        """This organisation with one location less."""
        return self._replace(locations=tuple(one for one in self.locations if one != location))


class Location(NamedTuple):
    """A registered partner location and the organisation it belongs to now.

    Instants in microseconds UTC: of the last change, of the deletion, of the re-pointing of all
    that it holds to the location ``repointed_to``.
    """

    location: str
    organisation: str
    name: str
    country: str
    since_us: int = 0
    deleted_us: int = FOREVER_US
    repointed_to: str = ""
    repointed_us: int = FOREVER_US


def _organisation(state: Organisation | None, fact: Fact) -> Organisation | None:
    event = fact.event
    if isinstance(event, OrganisationRegistered):
        return Organisation(event.organisation, event.name, event.country, event.domains)
    if state is None:
        return None
    if isinstance(event, OrganisationMerged):
        return _merged(state, event, fact.effective_at_us)
    if isinstance(event, (LocationRegistered, LocationMoved, LocationDeleted)):
        comes = event.organisation == state.organisation and not isinstance(event, LocationDeleted)
        return state.with_location(event.location) if comes else state.without(event.location)
    return state


def _merged(state: Organisation, event: OrganisationMerged, at_us: int) -> Organisation:
    if event.into != state.organisation:
        return state._replace(locations=(), merged_into=event.into, merged_us=at_us)
    return state._replace(
        locations=(*state.locations, *event.locations),
        domains=tuple(dict.fromkeys((*state.domains, *event.domains))),
    )


def _location(state: Location | None, fact: Fact) -> Location | None:
    event, at_us = fact.event, fact.effective_at_us
    if isinstance(event, LocationRegistered):
        return Location(event.location, event.organisation, event.name, event.country)
    changes: dict[str, Any] = {}
    match event:
        case OrganisationMerged():
            changes = {"organisation": event.into}
        case LocationMoved():
            changes = {"organisation": event.organisation}
        case LocationDeleted():
            changes = {"deleted_us": at_us}
        case LocationRepointed(location=location) if state and location == state.location:
            changes = {"repointed_to": event.to, "repointed_us": at_us}
    return state._replace(since_us=at_us, **changes) if state and changes else state


ORGANISATION: Model[Organisation | None] = Model(
    name="organisation",
    tag="organisation",
    types=(
        OrganisationRegistered,
        LocationRegistered,
        LocationMoved,
        LocationDeleted,
        OrganisationMerged,
    ),
    start=None,
    apply=_organisation,
)
"""The organisation, or None while nobody registered it; key: the organisation id."""

LOCATION: Model[Location | None] = Model(
    name="location",
    tag="partner",
    types=(
        LocationRegistered,
        LocationMoved,
        LocationRepointed,
        LocationDeleted,
        OrganisationMerged,
    ),
    start=None,
    apply=_location,
)
"""The partner location, or None while nobody registered it; key: the location id."""
