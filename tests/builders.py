"""A small ledger in memory for tests of decisions, with a clock that is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest

from ledger.commands import catalogue
from ledger.corrections import corrected
from ledger.decision import Command, Contact, Context, Decision, Fact, Model, State
from ledger.log.index import RunningTimer
from ledger.refusal import Refused
from schemas.corrections import Correction
from schemas.event import Event
from schemas.governance import LedgerCreated
from schemas.time import from_iso
from schemas.values import Sealed

BIRTH = "2020-07-01T09:00:00Z"
OPERATOR = "operator"
CONTOSO = "00000000-0000-4000-8000-0000000000c1"
FABRIKAM = "00000000-0000-4000-8000-0000000000f1"


def sealed(contact: Contact) -> Sealed:
    """A stand-in for a sealed contact: readable in no way, different for each address."""
    return Sealed(key=f"key-{abs(hash(contact.email))}", box="QUJD")


@contextmanager
def refuses(code: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What is done inside is refused, with this code."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.code == code, str(caught.value)


class World:
    """A ledger in memory: ``record`` appends an event, ``do`` decides a command and appends.

    It is the ``Facts`` of the decisions: each question folds the events again, from the first.
    """

    def __init__(self, at: str = BIRTH) -> None:
        self.now_us = from_iso(at)
        self.facts: list[Fact] = []
        self.record(LedgerCreated(ledger="test", clock="told", operator=OPERATOR))

    def __call__(self, model: Model[State], key: str) -> State:
        """The fold of every event tagged ``model.tag:key``, made anew."""
        tag = f"{model.tag}:{key}"
        wanted: tuple[type[Event], ...] = (*model.types, Correction)
        state = model.first(key)
        found = [
            fact
            for fact in self.facts
            if isinstance(fact.event, wanted) and tag in fact.event.tags()
        ]
        for fact in corrected(found):
            state = model.apply(state, fact)
        return state

    def fact(self, position: int) -> Fact | None:
        """The event at a position."""
        return self.facts[position - 1] if position <= len(self.facts) else None

    def at(self, instant: str) -> Self:
        """This world with its clock moved to an instant; it never goes back."""
        assert from_iso(instant) >= self.now_us, "the clock of a ledger never goes back"
        self.now_us = from_iso(instant)
        return self

    def record(self, event: Event, *, effective: str | None = None, actor: str = OPERATOR) -> Fact:
        """Append an event as it is, true in the world from ``effective`` (or now) on."""
        at_us = from_iso(effective) if effective else self.now_us
        return self._append(event, at_us, actor)

    def decide(self, name: str, actor: str = OPERATOR, /, **data: Any) -> Decision:
        """What a command decides now; nothing is appended."""
        command: Command = catalogue.load(name).model_validate(data)
        context = Context(actor, f"command-{len(self.facts)}", self.now_us, sealed)
        return command.decide(self, context)

    def do(self, name: str, actor: str = OPERATOR, /, **data: Any) -> Fact:
        """Decide a command and append its event."""
        decision = self.decide(name, actor, **data)
        return self._append(decision.event, decision.effective_at_us, actor)

    def running(self) -> list[RunningTimer]:
        """The timers that run, earliest first: the latest event on each key decides."""
        latest = {
            timer.key: (timer, fact.position)
            for fact in self.facts
            for timer in fact.event.timers()
        }
        running = [
            RunningTimer(timer.key, timer.name, timer.due_us, position)
            for timer, position in latest.values()
            if timer.due_us is not None
        ]
        return sorted(running, key=lambda timer: (timer.due_us, timer.key))

    def _append(self, event: Event, effective_at_us: int, actor: str) -> Fact:
        fact = Fact(len(self.facts) + 1, event, effective_at_us, self.now_us, actor)
        self.facts.append(fact)
        return fact


def market() -> World:
    """A world with two partner organisations (101 and 102 of 100, 201 of 200) and two customers.

    Each has its people: ``admin-100`` and ``admin-200`` (global admins), ``user-101``,
    ``user-102``, ``user-201`` (incentive users), ``incentives-101`` (incentive admin),
    ``contoso-admin`` and ``fabrikam-admin``, and ``reviewer`` of no organisation.
    """
    world = World()
    for organisation in ("100", "200"):
        world.do(
            "organisation.register",
            organisation=organisation,
            name=f"Partner {organisation}",
            country="CZ",
            domains=[f"partner-{organisation}.example"],
        )
    for location in ("101", "102", "201"):
        world.do(
            "location.register",
            location=location,
            organisation=f"{location[0]}00",
            name=f"Location {location}",
            country="CZ",
        )
    for name, tenant in (("contoso", CONTOSO), ("fabrikam", FABRIKAM)):
        world.do(
            "customer.register",
            tenant=tenant,
            name=name.title(),
            domains=[f"{name}.example"],
            country="CZ",
        )
        world.do("role.grant", grantee=f"{name}-admin", role="customer_admin", tenant=tenant)
    for organisation in ("100", "200"):
        world.do(
            "role.grant",
            grantee=f"admin-{organisation}",
            role="global_admin",
            organisation=organisation,
        )
    for grantee, role in (
        ("user-101", "incentive_user"),
        ("user-102", "incentive_user"),
        ("user-201", "incentive_user"),
        ("incentives-101", "incentive_admin"),
    ):
        location = grantee[-3:]
        granter = f"admin-{location[0]}00"
        world.do("role.grant", granter, grantee=grantee, role=role, location=location)
    world.do("role.grant", grantee="reviewer", role="reviewer")
    return world
