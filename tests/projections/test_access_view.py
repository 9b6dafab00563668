"""Enrolments and competencies as the views tell them agree with what decisions know (§2, §8.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.app import record_lapse
from ledger.decision import Context
from ledger.decision_models.competency import COMPETENCY
from ledger.decision_models.enrolment import ENROLMENT
from ledger.refusal import Refused
from projections import access_queries
from projections.runner import Views, catch_up
from schemas.enrolment import ProfilesValidated
from schemas.time import from_iso, from_us, iso
from tests.builders import OPERATOR, World, market, sealed
from tests.projections.memory_log import BIRTH_US, DAY_US, IN_MEMORY, MemoryLog

BEGIN_US = from_iso("2021-01-01T00:00:00Z")
PLACE = {"programme": "OSU", "location": "101"}
WHOSE = {"organisation": "100", "competency": "modern_work"}
PROFILES: tuple[Sequence[str], ...] = (("payout",), ("tax",), ("payout", "tax"))

STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("enrolment.invite", OPERATOR, PLACE),
    ("enrolment.start", "incentives-101", PLACE),
    *(("enrolment.submit_profiles", "incentives-101", {**PLACE, "profiles": p}) for p in PROFILES),
    *(("enrolment.validate_profiles", OPERATOR, {**PLACE, "profiles": p}) for p in PROFILES),
    ("enrolment.reject_profiles", OPERATOR, {**PLACE, "profiles": ("tax",), "reason": "Wrong."}),
    ("enrolment.make_ineligible", OPERATOR, {**PLACE, "reason": "Under review."}),
    ("enrolment.leave", "incentives-101", PLACE),
    ("competency.start", OPERATOR, WHOSE),
    ("competency.qualify", OPERATOR, {**WHOSE, "level": "designation"}),
    ("competency.attain", OPERATOR, {**WHOSE, "level": "designation"}),
    ("competency.renew", OPERATOR, {**WHOSE, "level": "designation"}),
    ("competency.risk", OPERATOR, {**WHOSE, "reason": "A person left."}),
)

wishes = st.lists(st.tuples(st.integers(0, 90), st.sampled_from(STEPS)), min_size=15, max_size=45)


ENROLLED = [(1, STEPS[n]) for n in (0, 1, 4, 7)]
"""What leads to an enrolment: invited, started, both profiles given and validated."""


def lived(wished: list[tuple[int, tuple[str, str, dict[str, Any]]]], *, clock: bool) -> World:
    """The world after the wishes that it grants; with ``clock`` each lapse is recorded in time."""
    world = market().at(iso(BEGIN_US))
    for days, (name, actor, data) in wished:
        world.at(iso(world.now_us + days * DAY_US))
        if clock:
            run_clock(world)
        try:
            world.do(name, actor, **data)
        except Refused as refused:
            if refused.code == "not_permitted":
                raise
    return world


def run_clock(world: World) -> None:
    """Record what is due, as the writer does before each group."""
    while due := [timer for timer in world.running() if timer.due_us <= world.now_us]:
        context = Context("clock", "lapse", world.now_us, sealed)
        decision = record_lapse(due[0]).decide(world, context)
        effective = iso(decision.effective_at_us)
        world.record(decision.event, effective=effective, actor="clock")


def views_of(world: World) -> Views:
    """The views that follow the world's log."""
    log = MemoryLog()
    for fact in world.facts:
        days = (fact.effective_at_us - BIRTH_US) / DAY_US
        log.add(fact.event, on=days, recorded=(fact.recorded_at_us - BIRTH_US) / DAY_US)
    views = Views(IN_MEMORY)
    catch_up(log, views)
    return views


def asked(views: Views, at_us: int, known: int = 2**62) -> list[dict[str, Any]]:
    """What the views tell of the enrolment and the competency at an instant."""
    found = access_queries.enrolments(views.connection, at_us=at_us, known=known)
    return found + access_queries.competencies(views.connection, at_us=at_us, known=known)


@given(wishes | wishes.map(lambda wished: ENROLLED + wished))
def test_the_views_say_what_decisions_know(
    wished: list[tuple[int, tuple[str, str, dict[str, Any]]]],
) -> None:
    """State, level and term are those of the decision models, told by other code."""
    world = lived(wished, clock=True)
    views = views_of(world)
    told = {
        row["state"]
        for row in access_queries.enrolments(views.connection, at_us=world.now_us, known=2**62)
    }
    enrolment = world(ENROLMENT, "OSU:101")
    assert told == ({str(enrolment.state)} if enrolment else set())
    rows = access_queries.competencies(views.connection, at_us=world.now_us, known=2**62)
    competency = world(COMPETENCY, "100:modern_work")
    assert [(row["state"], row["level"]) for row in rows] == (
        [(str(competency.state), competency.level)] if competency else []
    )
    views.close()


@given(wishes | wishes.map(lambda wished: ENROLLED + wished), st.integers(0, 900))
def test_whether_a_lapse_is_recorded_changes_no_answer(
    wished: list[tuple[int, tuple[str, str, dict[str, Any]]]], later: int
) -> None:
    """A term that ends, a competency that expires: told alike before and after the clock ran."""
    world = lived(wished, clock=True)
    asked_us = world.now_us + later * DAY_US
    before = views_of(world)
    without = {name: [row[name] for row in asked(before, asked_us)] for name in ("state",)}
    world.at(iso(asked_us))
    run_clock(world)
    after = views_of(world)
    assert {name: [row[name] for row in asked(after, asked_us)] for name in ("state",)} == without
    before.close()
    after.close()


@pytest.mark.parametrize(
    "on, earns, ends",
    [
        ("2020-07-01T00:00:00Z", date(2020, 7, 1), "2020-10-01T00:00:00Z"),
        ("2020-09-30T23:59:59Z", date(2020, 9, 1), "2020-10-01T00:00:00Z"),
        ("2020-10-01T00:00:00Z", date(2020, 10, 1), "2021-10-01T00:00:00Z"),
        ("2020-12-31T12:00:00Z", date(2020, 12, 1), "2021-10-01T00:00:00Z"),
    ],
)
def test_earnings_begin_with_the_month_and_a_term_ends_with_the_fiscal_year(
    on: str, earns: date, ends: str
) -> None:
    """The first day of the month in which all was completed; 1 October for OSU (§2)."""
    world = World("2020-06-01T00:00:00Z")
    market_ = market()
    world.facts.extend(market_.facts)
    world.now_us = market_.now_us
    world.do("enrolment.invite", OPERATOR, **PLACE)
    world.do("enrolment.start", "incentives-101", **PLACE)
    both = {**PLACE, "profiles": ["payout", "tax"]}
    world.do("enrolment.submit_profiles", "incentives-101", **both)
    if from_iso(on) > world.now_us:
        world.at(on)
    else:
        world.now_us = from_iso(on) + 9 * 3_600_000_000
    fact = world.do("enrolment.validate_profiles", OPERATOR, **both)
    assert isinstance(fact.event, ProfilesValidated)
    assert fact.event.completed is not None
    assert fact.event.completed.earns_from == earns
    assert fact.event.completed.term_ends == from_us(from_iso(ends))
