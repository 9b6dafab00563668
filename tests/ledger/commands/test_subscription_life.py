"""How a subscription stands: active, in grace, suspended, and its number of seats."""

from __future__ import annotations

import pytest

from ledger.decision_models.subscription import SUBSCRIPTION
from schemas.subscriptions import (
    SubscriptionSeatsChanged,
    SubscriptionState,
    SubscriptionStateChanged,
)
from tests.builders import CONTOSO, World, refuses
from tests.ledger.commands.estate import do_example, estate

STATE, SEATS = "subscription.change_state", "subscription.change_seats"


@pytest.fixture
def world() -> World:
    """Contoso with an EA subscription S-1 of 500 seats."""
    return estate(STATE)


def test_a_subscription_begins_active_and_any_other_state_ends_nothing(world: World) -> None:
    """DPOR set in grace stays; active or in grace is a question for earning (domain.md §13.2)."""
    do_example(world, "dpor.set")
    event = do_example(world, STATE).event
    in_grace = SubscriptionState.IN_GRACE
    assert event == SubscriptionStateChanged(subscription="S-1", tenant=CONTOSO, state=in_grace)
    for state in ("suspended", "active"):
        do_example(world, STATE, state=state, effective_at=None)
        found = world(SUBSCRIPTION, "S-1")
        assert found is not None
        assert (found.state, found.active, found.dpor) == (state, True, "101")


def test_seats_change_any_number_of_times(world: World) -> None:
    """To none at all, too."""
    assert do_example(world, SEATS).event == SubscriptionSeatsChanged(
        subscription="S-1", tenant=CONTOSO, seats=650
    )
    do_example(world, SEATS, seats=0, effective_at=None)
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert found.seats == 0


def test_what_changes_nothing_is_refused(world: World) -> None:
    """Of both sorts."""
    with refuses("state_unchanged"):
        do_example(world, STATE, state="active")
    with refuses("seats_unchanged"):
        do_example(world, SEATS, seats=500)


@pytest.mark.parametrize("name", [STATE, SEATS])
def test_changes_come_in_order_and_to_what_is_there(world: World, name: str) -> None:
    """Not before the start, not after the end, not to what nobody started."""
    with refuses("effective_too_early"):
        do_example(world, name, effective_at="2020-06-30T00:00:00Z")
    with refuses("unknown_reference"):
        do_example(world, name, subscription="S-99")
    do_example(world, "subscription.end")
    with refuses("already_ended"):
        do_example(world, name)


def test_an_end_does_not_come_before_the_last_change(world: World) -> None:
    """The history stays in order."""
    do_example(world, SEATS, effective_at="2021-07-01T00:00:00Z")
    with refuses("effective_too_early"):
        do_example(world, "subscription.end")
