"""Organisations that merge, locations that move, are re-pointed or deleted (domain.md §7.5)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.decision_models.partner import LOCATION, ORGANISATION
from ledger.decision_models.slot import SlotHistory
from ledger.rules.policy import ClaimState
from ledger.rules.standing import claim_now, slot_now, subscription_now
from schemas.parties import LocationRegistered
from schemas.time import from_iso
from tests.builders import CONTOSO, OPERATOR, refuses
from tests.claims import CLOCK, CUSTOMER, HOUR_US, Claims, admin, claim_in, claims, m365

LATER = "2021-03-10T00:00:00Z"


@pytest.fixture
def held() -> Claims:
    """A market in which C-1 (101) holds Exchange since 1 March; it is the 10th."""
    world = claims()
    world.approved("C-1")
    return world.at(LATER)


def delete(world: Claims, location: str = "101", **other: Any) -> None:
    """Delete a location as the operator."""
    world.do("location.delete", OPERATOR, location=location, **other)


def slot(world: Claims, workload: str = "exchange") -> SlotHistory:
    """The slot as decisions see it."""
    return slot_now(world, m365(workload))


def test_what_a_deleted_location_held_ended_when_it_was_deleted(held: Claims) -> None:
    """One event of one tag, and whoever asks who holds the slot sees nobody."""
    fact = held.do("location.delete", OPERATOR, location="101")
    assert fact.event.tags() == ("partner:101", "organisation:100")
    assert slot(held).holder is None
    (holding,) = slot(held).holdings
    assert (holding.claim, holding.until_us) == ("C-1", from_iso(LATER))


def test_a_slot_of_a_deleted_location_is_free_to_be_claimed(held: Claims) -> None:
    """The next claim is not contested and needs no arbitration, even under P2020's hard error."""
    delete(held)
    held.now_us += HOUR_US
    event = held.submit("C-2", "201").event
    assert event.model_dump()["contested"] == ()
    held.review("C-2")
    held.approve("C-2")
    assert [one.claim for one in slot(held).holdings] == ["C-1", "C-2"]


def test_a_back_dated_approval_may_begin_where_the_deletion_ended_the_older_holding(
    held: Claims,
) -> None:
    """And no earlier: exclusivity is checked over the interval (domain.md §14.12)."""
    delete(held)
    held.submit("C-2", "201")
    held.review("C-2")
    early = {"back_dated_because": "Earlier work."}
    with refuses("slot_was_held"):
        held.approve("C-2", effective_at="2021-03-09T23:59:59Z", **early)
    held.approve("C-2", effective_at=LATER, **early)


def test_no_step_of_a_claim_is_taken_after_its_location_was_deleted(held: Claims) -> None:
    """Partner, reviewer and customer are told the same."""
    held.submit("C-2", "101", "teams")
    delete(held)
    with refuses("claimant_deleted"):
        held.review("C-2")
    with refuses("claimant_deleted"):
        held.do("consent.decline", CUSTOMER, claim="C-1")
    with refuses("claimant_deleted"):
        held.do("claim.disassociate", admin("101"), claim="C-1", reason="no_longer_working")


def test_roles_of_a_deleted_location_no_longer_count(held: Claims) -> None:
    """Its people can't claim any more, also not for its sister."""
    delete(held)
    with refuses("already_ended"):
        held.submit("C-2", "101", "teams")
    with refuses("not_permitted"):
        held.do("identity.register", admin("101"), identity="dev-9", kind="user", location="102")


def test_a_deadline_of_a_deleted_claimant_is_recorded_all_the_same() -> None:
    """The clock is never refused, and nothing comes of it."""
    world = claim_in(ClaimState.PARTNER_ACTION_REQUIRED)
    delete(world)
    world.at("2021-03-09T00:00:00Z")
    world.lapse("C-1", "answer")
    assert slot(world).holder is None


def test_a_loser_that_was_deleted_is_not_restored(held: Claims) -> None:
    """A no to the winner leaves the slot empty: the older holder is no more."""
    held.challenged("C-2")
    held.arbitrate("C-2", "challenger_wins")
    delete(held)
    fact = held.do("consent.decline", CUSTOMER, claim="C-2")
    assert fact.event.model_dump()["restored"] == ()
    assert slot(held).holder is None


def test_a_location_is_deleted_once_and_not_before_its_last_change(held: Claims) -> None:
    """Its life comes in the order of its instants."""
    held.do("location.move", OPERATOR, location="101", organisation="200")
    with refuses("effective_too_early"):
        delete(held, effective_at="2021-03-09T00:00:00Z")
    delete(held)
    for command, more in (
        ("location.delete", {}),
        ("location.move", {"organisation": "100"}),
        ("location.repoint", {"to": "102"}),
    ):
        with refuses("already_ended"):
            held.do(command, OPERATOR, location="101", **more)


def test_what_was_repointed_before_goes_on_at_the_sister(held: Claims) -> None:
    """The holding, the claim and the right to act on it; the deletion then ends nothing."""
    held.do("location.repoint", "admin-100", location="101", to="102")
    delete(held)
    holder = slot(held).holder
    assert holder is not None
    assert (holder.claim, holder.location) == ("C-1", "102")
    claim = claim_now(held, "C-1")
    assert claim is not None
    assert claim.location == "102"
    held.give_back("C-1")
    assert slot(held).holder is None


def test_a_repointed_location_takes_nothing_new(held: Claims) -> None:
    """Who names it is told its sister."""
    held.do("location.repoint", OPERATOR, location="101", to="102")
    with refuses("location_repointed"):
        held.submit("C-2", "101", "teams")
    with refuses("location_repointed"):
        held.do("location.repoint", OPERATOR, location="102", to="101")
    with refuses("claimed_by_you"):
        held.submit("C-2", "102")


def test_repointing_stays_inside_the_organisation(held: Claims) -> None:
    """Between two it would move an association past its rivals."""
    with refuses("repointed_elsewhere"):
        held.do("location.repoint", OPERATOR, location="101", to="201")
    with pytest.raises(ValidationError):
        held.do("location.repoint", OPERATOR, location="101", to="101")


def test_a_merged_organisation_keeps_its_associations_under_the_new_one(held: Claims) -> None:
    """Locations, claims and askers are the new organisation's from then on."""
    held.do("organisation.merge", OPERATOR, organisation="100", into="200")
    found = held(ORGANISATION, "200")
    assert found is not None
    assert found.locations == ("201", "101", "102")
    assert found.domains == ("partner-200.example", "partner-100.example")
    claim = claim_now(held, "C-1")
    assert claim is not None
    assert claim.organisation == "200"
    assert {one.organisation for one in slot(held).askers} == {"200"}
    assert slot(held).holder is not None


def test_an_organisation_merges_once_and_into_another_that_lives(held: Claims) -> None:
    """No merger into itself, into one that is gone, twice, or in a circle."""
    with pytest.raises(ValidationError):
        held.do("organisation.merge", OPERATOR, organisation="100", into="100")
    held.do("organisation.merge", OPERATOR, organisation="100", into="200")
    for gone, into in (("100", "200"), ("200", "100"), ("100", "300")):
        with refuses("already_ended"):
            held.do("organisation.merge", OPERATOR, organisation=gone, into=into)
    with refuses("already_ended"):
        held.do(
            "location.register",
            OPERATOR,
            location="103",
            organisation="100",
            name="Too late",
            country="CZ",
        )
    with refuses("already_ended"):
        held.do("role.grant", OPERATOR, grantee="late", role="global_admin", organisation="100")


def test_an_organisation_of_very_many_locations_moves_some_of_them_first() -> None:
    """The event names each location, so there is a bound, and a way around it."""
    world = claims()
    for number in range(299):
        name = f"1-{number}"
        world.record(LocationRegistered(location=name, organisation="100", name=name, country="CZ"))
    with refuses("too_many_locations"):
        world.do("organisation.merge", OPERATOR, organisation="100", into="200")
    world.do("location.move", OPERATOR, location="1-0", organisation="200")
    world.do("organisation.merge", OPERATOR, organisation="100", into="200")


def test_who_worked_for_a_merged_organisation_does_not_judge_the_new_one(held: Claims) -> None:
    """Separation of duties follows the merger (domain.md §14.5)."""
    held.do("role.grant", OPERATOR, grantee="judge", role="reviewer", organisation="100")
    held.submit("C-2", "201", "teams")
    held.do("claim.start_review", "judge", claim="C-2")
    held.do("organisation.merge", OPERATOR, organisation="100", into="200")
    with refuses("own_interest"):
        held.do("claim.approve", "judge", claim="C-2")


def test_roles_at_the_locations_of_a_merged_organisation_go_on(held: Claims) -> None:
    """The people of location 101 still act for it; the old global admin no longer grants."""
    held.do("organisation.merge", OPERATOR, organisation="100", into="200")
    held.submit("C-2", "101", "teams")
    grant = {"grantee": "new", "role": "incentive_user", "location": "101"}
    with refuses("not_permitted"):
        held.do("role.grant", "admin-100", **grant)
    held.do("role.grant", "admin-200", **grant)
    revoke = {"grantee": "incentives-101", "role": "incentive_admin", "location": "101"}
    held.do("role.revoke", "admin-200", **revoke)
    with refuses("not_permitted"):
        held.submit("C-3", "101", "yammer")


def test_a_location_can_move_to_another_organisation(held: Claims) -> None:
    """It keeps its id and what it holds."""
    with refuses("location_already_there"):
        held.do("location.move", OPERATOR, location="101", organisation="100")
    held.do("location.move", OPERATOR, location="101", organisation="200")
    moved = held(LOCATION, "101")
    assert moved is not None
    assert moved.organisation == "200"
    assert held(ORGANISATION, "100").locations == ("102",)  # type: ignore[union-attr]
    assert slot(held).holder is not None


def test_the_dpor_place_of_a_deleted_location_is_empty(held: Claims) -> None:
    """DPOR data is lost; the customer's admin can put the same or another partner there."""
    held.do(
        "subscription.start",
        OPERATOR,
        subscription="S-1",
        tenant=CONTOSO,
        product="m365",
        offer="E3",
        channel="web_direct",
        dpor="101",
    )
    delete(held)
    assert subscription_now(held, "S-1").dpor is None
    with refuses("dpor_empty"):
        held.do("dpor.remove", CUSTOMER, subscription="S-1")
    with refuses("already_ended"):
        held.do("dpor.set", CUSTOMER, subscription="S-1", location="101")
    with refuses("effective_too_early"):
        held.do(
            "dpor.set",
            CUSTOMER,
            subscription="S-1",
            location="102",
            effective_at="2021-03-09T00:00:00Z",
        )
    event = held.do("dpor.set", CUSTOMER, subscription="S-1", location="102").event
    assert event.model_dump()["previous"] is None


def test_the_clock_records_for_a_repointed_claim_where_it_is_now() -> None:
    """What comes later about the claim names the sister."""
    world = claim_in(ClaimState.PARTNER_ACTION_REQUIRED)
    world.do("location.repoint", OPERATOR, location="101", to="102")
    world.at("2021-03-09T00:00:00Z")
    assert world.do("clock.lapse", CLOCK, claim="C-1", name="answer").event.location == "102"  # type: ignore[attr-defined]
