"""The DPOR place of a subscription agrees with a naive history, whatever is tried on it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from schemas.time import from_iso, iso
from tests.builders import World
from tests.ledger.commands.estate import do_example, estate

START_US = from_iso("2020-07-01T00:00:00Z")
DAY_US = 86_400_000_000

tries = st.lists(
    st.tuples(
        st.sampled_from(["dpor.set 101", "dpor.set 102", "dpor.remove", "subscription.end"]),
        st.integers(-1, 30),
    ),
    max_size=12,
)


def attempt(world: World, what: str, day: int) -> str:
    """Try a change on a day; "done", or the code of the refusal."""
    name, _, location = what.partition(" ")
    data: dict[str, Any] = {"effective_at": iso(START_US + day * DAY_US)}
    if location:
        data["location"] = location
    try:
        do_example(world, name, **data)
    except Refused as refused:
        return refused.code
    return "done"


class NaivePlace:
    """The whole history of one place, read from its beginning at every question."""

    def __init__(self) -> None:
        self.history: list[tuple[int, str | None]] = [(0, None)]
        self.ended = False

    def attempt(self, what: str, day: int) -> str:
        """What must come of a change on a day."""
        last_day, holder = self.history[-1]
        name, _, location = what.partition(" ")
        if self.ended:
            return "already_ended"
        if name == "dpor.set" and holder == location:
            return "dpor_already_set"
        if name == "dpor.remove" and holder is None:
            return "dpor_empty"
        if day < last_day:
            return "effective_too_early"
        self.history.append((day, location or None))
        self.ended = name == "subscription.end"
        return "done"


@given(tries)
def test_the_place_has_one_holder_in_an_ordered_history(tried: list[tuple[str, int]]) -> None:
    """Every try ends as the history demands, and the state names the last holder and its day."""
    world, place = estate("dpor.set"), NaivePlace()
    for what, day in tried:
        assert attempt(world, what, day) == place.attempt(what, day)
        state = world(SUBSCRIPTION, "S-1")
        assert state is not None
        last_day, holder = place.history[-1]
        assert (state.dpor, state.active) == (holder, not place.ended)
        assert state.dpor_since_us == START_US + last_day * DAY_US


def test_nobody_started_it_so_it_is_none() -> None:
    """An unknown subscription has no state."""
    assert World()(SUBSCRIPTION, "S-1") is None
