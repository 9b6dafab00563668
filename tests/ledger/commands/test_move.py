"""Moves from an agreement to the modern commerce platform: DPOR does not come along (§6.1)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.decision_models.slot import SLOT
from ledger.decision_models.subscription import SUBSCRIPTION
from schemas.subscriptions import Channel, SubscriptionMoved
from schemas.time import from_iso
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate

AT = "2021-06-30T00:00:00Z"


@pytest.fixture
def world() -> World:
    """Contoso with an EA subscription S-1 on which 101 is DPOR."""
    world = estate("subscription.move")
    do_example(world, "dpor.set")
    return world


def moved(world: World, **other: Any) -> SubscriptionMoved:
    """The example move, with some fields changed."""
    event = do_example(world, "subscription.move", **other).event
    assert isinstance(event, SubscriptionMoved)
    return event


def test_the_old_id_ends_and_the_new_one_starts_empty(world: World) -> None:
    """One event about both; product, offer and seats are taken over, the DPOR is not."""
    event = moved(world)
    assert (event.previous_dpor, event.becomes) == ("101", "S-1M")
    assert {"subscription:S-1", "subscription:S-1M", "slot:dpor:S-1"} <= set(event.tags())
    old, new = world(SUBSCRIPTION, "S-1"), world(SUBSCRIPTION, "S-1M")
    assert old is not None
    assert new is not None
    assert (old.ended_us, old.dpor, old.successor) == (from_iso(AT), None, "S-1M")
    assert (new.started_us, new.dpor, new.channel) == (from_iso(AT), None, Channel.CSP_DIRECT)
    assert (new.product, new.offer, new.seats) == ("m365", "Microsoft 365 E3", 500)
    do_example(world, "dpor.set", subscription="S-1M", effective_at=None)


def test_where_the_platform_kept_the_id_only_the_place_is_emptied(world: World) -> None:
    """The subscription goes on under the new channel and its customer names a partner anew."""
    assert moved(world, becomes=None).becomes == "S-1"
    state = world(SUBSCRIPTION, "S-1")
    assert state is not None
    assert (state.active, state.dpor, state.agreement) == (True, None, None)
    assert (state.channel, state.transacting_partner) == (Channel.CSP_DIRECT, "102")
    with refuses("dpor_empty"):
        do_example(world, "dpor.remove", effective_at=None)
    do_example(world, "dpor.set", effective_at=None)


@pytest.mark.parametrize("becomes, ends", [("S-2M", True), (None, False)])
def test_claims_on_an_id_end_with_it(world: World, becomes: str | None, *, ends: bool) -> None:
    """Every slot of the old id is emptied; where the id stays, so do its claims [P]."""
    do_example(world, "subscription.start", subscription="S-2", product="dynamics365")
    event = moved(world, subscription="S-2", becomes=becomes, offer="Dynamics 365 on CSP")
    slots = [f"cpor:bizapps:S-2:{activity}" for activity in ("usage", "pre_sales", "revenue")]
    assert list(event.slots) == (slots if ends else [])
    assert event.offer == "Dynamics 365 on CSP"
    assert all((f"slot:{slot}" in event.tags()) == ends for slot in slots)
    assert world(SLOT, slots[0]).holder is None


def test_only_what_stands_under_an_agreement_is_moved(world: World) -> None:
    """A CSP subscription is transferred instead; the sentence says so."""
    moved(world)
    with refuses("not_under_agreement") as refused:
        moved(world, subscription="S-1M", becomes="S-1N", effective_at=None)
    assert "subscription.transfer" in refused.value.hint


def test_the_new_id_is_new_and_the_old_one_in_force(world: World) -> None:
    """Neither an id that was used before, nor a subscription that ended."""
    do_example(world, "subscription.start", subscription="S-2")
    with refuses("already_exists"):
        moved(world, becomes="S-2")
    moved(world)
    with refuses("already_ended"):
        moved(world, becomes="S-3", effective_at=None)


def test_what_is_named_exists(world: World) -> None:
    """An unknown subscription or partner is refused."""
    for other in ({"subscription": "S-99"}, {"transacting_partner": "999"}):
        with refuses("unknown_reference"):
            moved(world, **other)


def test_a_move_comes_after_everything_that_was_recorded_of_it(world: World) -> None:
    """The history of seats, state and DPOR stays in order."""
    do_example(world, "subscription.change_state", effective_at="2021-07-01T00:00:00Z")
    with refuses("effective_too_early"):
        moved(world)
