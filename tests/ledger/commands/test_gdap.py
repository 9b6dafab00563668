"""GDAP from its request to its end (domain.md §6.3, §13.14)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.app import record_lapse
from ledger.commands.record_lapse import CLOCK
from ledger.decision import Context
from ledger.decision_models.gdap import GDAP, Gdap, GdapState
from schemas.event import Event
from schemas.gdap import (
    GdapApproved,
    GdapExpired,
    GdapExpiryNotified,
    GdapExtended,
    GdapRequested,
    GdapTerminated,
)
from schemas.time import iso
from tests.builders import CONTOSO, FABRIKAM, World, market, refuses, sealed

REQUEST = {"relationship": "G-1", "tenant": CONTOSO, "location": "101", "roles": ["Global Reader"]}


@pytest.fixture
def world() -> World:
    """The market on 1 August 2023."""
    return market().at("2023-08-01T00:00:00Z")


def request(world: World, days: int = 90, **other: Any) -> GdapRequested:
    """Partner 100 asks Contoso for it."""
    data = {**REQUEST, "duration_days": days, **other}
    event = world.do("gdap.request", "admin-100", **data).event
    assert isinstance(event, GdapRequested)
    return event


def approve(world: World, relationship: str = "G-1") -> GdapApproved:
    """Contoso approves."""
    event = world.do("gdap.approve", "contoso-admin", relationship=relationship).event
    assert isinstance(event, GdapApproved)
    return event


def state(world: World, relationship: str = "G-1") -> Gdap:
    """How a relationship stands."""
    found = world(GDAP, relationship)
    assert found is not None
    return found


def lapse(world: World, at: str) -> list[Event]:
    """Let time pass to an instant, the clock recording what is due, as the writer does."""
    world.at(at)
    events = []
    while (due := world.running()) and due[0].due_us <= world.now_us:
        context = Context(CLOCK, "lapse", world.now_us, sealed)
        decision = record_lapse(due[0]).decide(world, context)
        world.record(decision.event, effective=iso(decision.effective_at_us), actor=CLOCK)
        events.append(decision.event)
    return events


def days_told(events: list[Event]) -> list[int]:
    """The days that each notice among the events names."""
    return [event.days for event in events if isinstance(event, GdapExpiryNotified)]


def awaited(world: World) -> list[tuple[str, str]]:
    """What is awaited, and until when."""
    return [(timer.name, iso(timer.due_us)) for timer in world.running()]


def test_a_request_lapses_after_ninety_days(world: World) -> None:
    """Whether or not the clock recorded that, the customer comes too late."""
    assert request(world).lapses.isoformat() == "2023-10-30T00:00:00+00:00"
    assert awaited(world) == [("gdap_request", "2023-10-30T00:00:00Z")]
    world.at("2023-10-30T00:00:00Z")
    with refuses("gdap_lapsed"):
        approve(world)
    assert [event.TYPE for event in lapse(world, "2023-11-05T00:00:00Z")] == [
        "gdap.request_lapsed.v1"
    ]
    assert iso(world.facts[-1].effective_at_us) == "2023-10-30T00:00:00Z"
    with refuses("gdap_state"):
        approve(world)
    assert awaited(world) == []


def test_the_term_runs_from_the_approval(world: World) -> None:
    """For the days asked for; a second approval is refused."""
    request(world)
    world.at("2023-10-29T23:59:59Z")
    assert approve(world).until.isoformat() == "2024-01-27T23:59:59+00:00"
    with refuses("gdap_state"):
        approve(world)


@pytest.mark.parametrize("days, fits", [(0, False), (1, True), (730, True), (731, False)])
def test_it_lasts_a_day_to_two_years(world: World, days: int, *, fits: bool) -> None:
    """As asked for in days."""
    if fits:
        request(world, days)
    else:
        with refuses("gdap_duration"):
            request(world, days)


def test_notices_come_thirty_seven_and_one_day_before_the_end(world: World) -> None:
    """Each is an event of the clock, at its instant however late it is recorded."""
    request(world)
    approve(world)
    assert awaited(world) == [
        ("gdap_notice", "2023-09-30T00:00:00Z"),
        ("gdap_end", "2023-10-30T00:00:00Z"),
    ]
    first = lapse(world, "2023-10-01T12:00:00Z")
    assert days_told(first) == [30]
    assert iso(world.facts[-1].effective_at_us) == "2023-09-30T00:00:00Z"
    rest = lapse(world, "2023-12-01T00:00:00Z")
    assert days_told(rest) == [7, 1]
    assert isinstance(rest[-1], GdapExpired)
    assert iso(world.facts[-1].effective_at_us) == "2023-10-30T00:00:00Z"
    assert state(world).state is GdapState.EXPIRED


@pytest.mark.parametrize("days, notices", [(20, [7, 1]), (5, [1]), (1, [])])
def test_a_short_term_has_only_the_notices_that_fit(
    world: World, days: int, notices: list[int]
) -> None:
    """None lies before the approval or at it."""
    request(world, days)
    approve(world)
    told = lapse(world, "2023-12-01T00:00:00Z")
    assert days_told(told) == notices
    assert len(told) == len(notices) + 1


def test_it_extends_itself_by_six_months_again_and_again(world: World) -> None:
    """At the end of its term from 30 October 2023 on, with notices of the new end."""
    world.at("2023-11-30T12:00:00Z")
    request(world, 91, auto_extend=True)
    approve(world)  # until 29 February 2024
    told = lapse(world, "2024-03-01T00:00:00Z")
    assert isinstance(told[-1], GdapExtended)
    assert told[-1].until.isoformat() == "2024-08-29T12:00:00+00:00"
    assert awaited(world) == [
        ("gdap_notice", "2024-07-30T12:00:00Z"),
        ("gdap_end", "2024-08-29T12:00:00Z"),
    ]
    assert state(world).state is GdapState.ACTIVE
    told = lapse(world, "2025-08-01T00:00:00Z")
    ends = [event.until for event in told if isinstance(event, GdapExtended)]
    assert [end.date().isoformat() for end in ends] == ["2025-02-28", "2025-08-28"]


def test_there_is_no_extension_before_30_october_2023(world: World) -> None:
    """Neither asked for nor switched on, and an end before it is an end."""
    with refuses("gdap_no_auto_extend"):
        request(world, auto_extend=True)
    request(world)
    approve(world)
    with refuses("gdap_no_auto_extend"):
        switch(world, on=True)
    lapse(world, "2023-10-29T00:00:00Z")
    with refuses("gdap_no_auto_extend"):
        switch(world, on=True)


def switch(world: World, *, on: bool, actor: str = "admin-100") -> None:
    """Switch the extension of G-1 on or off."""
    world.do("gdap.set_auto_extend", actor, relationship="G-1", auto_extend=on)


def test_the_switch_decides_at_the_end_of_the_term(world: World) -> None:
    """On and off again while it stands; then it is over."""
    request(world, 365)
    approve(world)
    world.at("2023-10-30T00:00:00Z")
    switch(world, on=True)
    with refuses("gdap_auto_extend_already"):
        switch(world, on=True)
    with refuses("not_permitted"):
        switch(world, on=False, actor="admin-200")
    switch(world, on=False)
    assert lapse(world, "2024-08-01T00:00:00Z")[-1].TYPE == "gdap.expired.v1"
    with refuses("gdap_state"):
        switch(world, on=True)


@pytest.mark.parametrize("by, actor", [("customer", "contoso-admin"), ("partner", "admin-100")])
@pytest.mark.parametrize("approved", [True, False])
def test_either_side_ends_it(world: World, by: str, actor: str, *, approved: bool) -> None:
    """A request too; nothing is awaited afterwards."""
    request(world)
    if approved:
        approve(world)
    others = {"contoso-admin", "admin-100", "fabrikam-admin", "admin-200"} - {actor}
    for other in others:
        with refuses("not_permitted"):
            world.do("gdap.terminate", other, relationship="G-1", by=by)
    ended = world.do("gdap.terminate", actor, relationship="G-1", by=by).event
    assert isinstance(ended, GdapTerminated)
    assert awaited(world) == []
    with refuses("gdap_state"):
        world.do("gdap.terminate", actor, relationship="G-1", by=by)


def test_what_ran_out_can_not_be_ended_whether_that_is_recorded_or_not(world: World) -> None:
    """The term is judged by its own instant."""
    request(world, 1)
    approve(world)
    world.at("2023-08-02T00:00:00Z")
    with refuses("gdap_state"):
        world.do("gdap.terminate", "contoso-admin", relationship="G-1", by="customer")
    with refuses("gdap_state"):
        switch(world, on=False)


def test_a_partner_has_several_with_one_tenant(world: World) -> None:
    """Each under an id of its own, which no other has."""
    request(world)
    request(world, relationship="G-2")
    with refuses("already_exists"):
        request(world)
    with refuses("already_exists"):
        request(world, tenant=FABRIKAM)
    approve(world)
    approve(world, "G-2")
    world.do("gdap.terminate", "admin-100", relationship="G-1", by="partner")
    assert (state(world).state, state(world, "G-2").state) == ("terminated", "active")


def test_only_the_clock_records_lapses_and_not_before_they_are_due(world: World) -> None:
    """A person can't end a relationship that way."""
    request(world)
    lapse_data = {"relationship": "G-1", "name": "gdap_request"}
    with refuses("not_permitted"):
        world.do("clock.gdap", "contoso-admin", **lapse_data)
    with refuses("not_due"):
        world.do("clock.gdap", CLOCK, **lapse_data)
    with refuses("not_due"):
        world.do("clock.gdap", CLOCK, **lapse_data | {"name": "gdap_end"})


def test_customer_and_location_must_exist(world: World) -> None:
    """A request names who is known."""
    unknown = {**REQUEST, "duration_days": 90, "tenant": "00000000-0000-4000-8000-000000000999"}
    with refuses("unknown_reference"):
        world.do("gdap.request", "operator", **unknown)
    with refuses("unknown_reference"):
        world.do("gdap.request", "operator", **{**unknown, "tenant": CONTOSO, "location": "999"})
    with refuses("unknown_reference"):
        approve(world, "G-9")
