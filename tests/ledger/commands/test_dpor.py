"""The DPOR place: set, replaced and emptied by the customer's own admin only (domain.md §6.1)."""

from __future__ import annotations

import pytest

from ledger.decision_models.subscription import SUBSCRIPTION
from schemas.associations import DporRemoved, DporSet
from tests.builders import CONTOSO, OPERATOR, World, refuses
from tests.ledger.commands.estate import do_example, estate

ADMIN = "own-customer_admin"


@pytest.fixture
def world() -> World:
    """Contoso with an EA subscription S-1 whose DPOR place is empty."""
    return estate("dpor.set")


def dpor(world: World) -> str | None:
    """Who stands on the place of S-1."""
    state = world(SUBSCRIPTION, "S-1")
    assert state is not None
    return state.dpor


def test_the_customers_admin_replaces_one_partner_by_another(world: World) -> None:
    """Any number of times; the event names who goes, and both partners' tags."""
    first = world.do("dpor.set", ADMIN, subscription="S-1", location="101").event
    second = world.do("dpor.set", ADMIN, subscription="S-1", location="102").event
    assert first == DporSet(subscription="S-1", tenant=CONTOSO, location="101")
    assert second == DporSet(subscription="S-1", tenant=CONTOSO, location="102", previous="101")
    assert {"partner:101", "partner:102", "slot:dpor:S-1"} <= set(second.tags())
    assert dpor(world) == "102"


def test_the_customers_admin_empties_the_place(world: World) -> None:
    """The event names who goes; then the place can be filled again by the same partner."""
    world.do("dpor.set", ADMIN, subscription="S-1", location="101")
    removed = world.do("dpor.remove", ADMIN, subscription="S-1").event
    assert removed == DporRemoved(subscription="S-1", tenant=CONTOSO, previous="101")
    assert dpor(world) is None
    again = world.do("dpor.set", ADMIN, subscription="S-1", location="101").event
    assert again == DporSet(subscription="S-1", tenant=CONTOSO, location="101")


@pytest.mark.parametrize("actor", [OPERATOR, "own-global_admin", "foreign-customer_admin"])
def test_nobody_else_touches_the_place(world: World, actor: str) -> None:
    """Not the operator, not a partner, not another customer's admin."""
    with refuses("not_permitted"):
        world.do("dpor.set", actor, subscription="S-1", location="101")
    world.do("dpor.set", ADMIN, subscription="S-1", location="101")
    with refuses("not_permitted"):
        world.do("dpor.remove", actor, subscription="S-1")


def test_setting_who_is_there_already_is_refused(world: World) -> None:
    """It would change nothing."""
    world.do("dpor.set", ADMIN, subscription="S-1", location="101")
    with refuses("dpor_already_set"):
        world.do("dpor.set", ADMIN, subscription="S-1", location="101")


def test_an_empty_place_can_not_be_emptied(world: World) -> None:
    """Before anybody is set, and after a removal."""
    with refuses("dpor_empty"):
        world.do("dpor.remove", ADMIN, subscription="S-1")
    world.do("dpor.set", ADMIN, subscription="S-1", location="101")
    world.do("dpor.remove", ADMIN, subscription="S-1")
    with refuses("dpor_empty"):
        world.do("dpor.remove", ADMIN, subscription="S-1")


def test_what_is_named_must_exist(world: World) -> None:
    """An unknown subscription or location is refused."""
    with refuses("unknown_reference"):
        world.do("dpor.set", ADMIN, subscription="S-9", location="101")
    with refuses("unknown_reference"):
        world.do("dpor.set", ADMIN, subscription="S-1", location="100")
    with refuses("unknown_reference"):
        world.do("dpor.remove", ADMIN, subscription="S-9")


def test_a_subscription_that_ended_has_no_place(world: World) -> None:
    """Neither set nor removed after the end."""
    world.do("dpor.set", ADMIN, subscription="S-1", location="101")
    do_example(world, "subscription.end", effective_at=None)
    with refuses("already_ended"):
        world.do("dpor.set", ADMIN, subscription="S-1", location="102")
    with refuses("already_ended"):
        world.do("dpor.remove", ADMIN, subscription="S-1")
