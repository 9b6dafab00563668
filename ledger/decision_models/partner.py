"""Who a partner is: its organisation (PGA) and its locations (PLA), domain.md §1."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.parties import LocationRegistered, OrganisationRegistered


class Organisation(NamedTuple):
    """A registered partner organisation."""

    organisation: str
    name: str
    country: str
    domains: tuple[str, ...]


class Location(NamedTuple):
    """A registered partner location and the organisation it belongs to."""

    location: str
    organisation: str
    name: str
    country: str


def _organisation(state: Organisation | None, fact: Fact) -> Organisation | None:
    event = fact.event
    if not isinstance(event, OrganisationRegistered):
        return state
    return Organisation(event.organisation, event.name, event.country, event.domains)


def _location(state: Location | None, fact: Fact) -> Location | None:
    event = fact.event
    if not isinstance(event, LocationRegistered):
        return state
    return Location(event.location, event.organisation, event.name, event.country)


ORGANISATION: Model[Organisation | None] = Model(
    name="organisation",
    tag="organisation",
    types=(OrganisationRegistered,),
    start=None,
    apply=_organisation,
)
"""The organisation, or None while nobody registered it; key: the organisation id."""

LOCATION: Model[Location | None] = Model(
    name="location", tag="partner", types=(LocationRegistered,), start=None, apply=_location
)
"""The partner location, or None while nobody registered it; key: the location id."""
