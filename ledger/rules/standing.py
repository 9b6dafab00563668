"""What became of partner locations, seen wherever holdings and claims are looked at (§7.5).

Slots and claims keep the location they were made with; this is the one place that joins them with
what happened to it since: re-pointed to a sister, moved or merged with its organisation, deleted.
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Facts
from ledger.decision_models.claim import CLAIM, Claim
from ledger.decision_models.partner import LOCATION, ORGANISATION, Location, Organisation
from ledger.decision_models.slot import SLOT, Asker, Holding, SlotHistory
from ledger.decision_models.subscription import SUBSCRIPTION, Subscription
from ledger.refusal import Refused
from ledger.rules.references import known, still_in_force
from schemas.time import FOREVER_US, iso


def living_location(facts: Facts, location: str) -> Location:
    """The location, for what begins at it now.

    Refused as ``unknown_reference``, ``already_ended`` or ``location_repointed``.
    """
    found = known(facts, LOCATION, location)
    still_in_force("location", location, found.deleted_us)
    if found.repointed_to:
        at = iso(found.repointed_us)
        raise Refused("location_repointed", location=location, to=found.repointed_to, at=at)
    return found


def living_organisation(facts: Facts, organisation: str) -> Organisation:
    """The organisation; refused as ``already_ended`` when it went up in another."""
    found = known(facts, ORGANISATION, organisation)
    still_in_force("organisation", organisation, found.merged_us)
    return found


class Place(NamedTuple):
    """Where what a location held is now, and until when it can hold anything."""

    location: str
    organisation: str
    ended_us: int = FOREVER_US


def place_of(facts: Facts, location: str) -> Place:
    """Where what the location held is now, re-pointing followed."""
    found = facts(LOCATION, location)
    while found and found.repointed_to:
        location = found.repointed_to
        found = facts(LOCATION, location)
    if found is None:
        return Place(location, "")
    return Place(location, found.organisation, found.deleted_us)


def organisation_now(facts: Facts, organisation: str) -> str:
    """The organisation that an id stands for now, mergers followed."""
    found = facts(ORGANISATION, organisation)
    while found and found.merged_into:
        organisation = found.merged_into
        found = facts(ORGANISATION, organisation)
    return organisation


def slot_now(facts: Facts, slot: str) -> SlotHistory:
    """The slot as it stands: what a deleted location held ended when it was deleted."""
    history = facts(SLOT, slot)
    if not (history.askers or history.holdings):
        return history
    names = {one.location for one in history.askers} | {one.location for one in history.holdings}
    places = {name: place_of(facts, name) for name in names}
    for name, place in places.items():
        if place.ended_us != FOREVER_US or place.location != name:
            break
    else:
        askers = tuple([_asker(one, places[one.location]) for one in history.askers])
        return history if askers == history.askers else history._replace(askers=askers)
    gone = {one.claim for one in history.askers if places[one.location].ended_us != FOREVER_US}
    return history._replace(
        holdings=tuple(_holding(one, places[one.location]) for one in history.holdings),
        askers=tuple(_asker(one, places[one.location]) for one in history.askers),
        awaiting=tuple(claim for claim in history.awaiting if claim not in gone),
    )


def _holding(holding: Holding, place: Place) -> Holding:
    until_us = max(holding.since_us, min(holding.until_us, place.ended_us))
    return holding._replace(location=place.location, until_us=until_us)


def _asker(asker: Asker, place: Place) -> Asker:
    return Asker(asker.claim, place.location, place.organisation or asker.organisation)


def claim_now(facts: Facts, claim: str) -> Claim | None:
    """The claim at the location and organisation it belongs to now; None when unknown."""
    found = facts(CLAIM, claim)
    if found is None:
        return None
    place = place_of(facts, found.location)
    if (place.location, place.organisation) == (found.location, found.organisation):
        return found
    organisation = place.organisation or found.organisation
    return found._replace(location=place.location, organisation=organisation)


def deleted_us(facts: Facts, claim: Claim) -> int:
    """When the claim ended with its location (microseconds UTC); FOREVER_US while it did not."""
    return place_of(facts, claim.location).ended_us


def living_claim(facts: Facts, claim: str) -> Claim:
    """The claim, for any step of it; refused as ``claimant_deleted`` when its location is gone."""
    found = claim_now(facts, claim)
    if found is None:
        raise Refused("unknown_reference", what="claim", value=claim)
    ended_us = deleted_us(facts, found)
    if ended_us != FOREVER_US:
        raise Refused("claimant_deleted", claim=claim, location=found.location, at=iso(ended_us))
    return found


def subscription_now(facts: Facts, subscription: str) -> Subscription:
    """The subscription, its DPOR place empty when the location there was deleted."""
    found = known(facts, SUBSCRIPTION, subscription)
    if found.dpor is None:
        return found
    place = place_of(facts, found.dpor)
    if place.ended_us == FOREVER_US:
        return found._replace(dpor=place.location)
    return found._replace(dpor=None, dpor_since_us=max(found.dpor_since_us, place.ended_us))
