"""What is supposed to have been otherwise: one event left out, one at another time, one policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ledger.deciding import CLOCK_ACTOR
from ledger.decision import Fact
from ledger.errors import BadInputError
from ledger.facts import fact_of
from ledger.log.index import Stored
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.rules.policy import parse
from ledger.supposing.commands_again import name_of, takes_date
from schemas.governance import CalendarAdopted, PolicyAdopted
from schemas.time import iso, to_us


class Step(NamedTuple):
    """One event of the log in the order of the scratch ledger, and what is done with it.

    ``prefix``: copied, it comes before all that is supposed. ``again``: decided again.
    ``left_out``: passed over.
    """

    stored: Stored
    what: str
    recorded_at_us: int
    effective_at_us: int | None = None
    content: Mapping[str, Any] | None = None


class Supposition(Protocol):
    """What is otherwise."""

    @property
    def said(self) -> str:
        """In words, as the end of a sentence that begins with "Supposed that"."""
        ...

    @property
    def position(self) -> int:
        """The event that is supposed to be otherwise."""
        ...

    def begins(self, log: Reader) -> int:
        """The first event that is decided again; those before it are copied."""
        ...

    def steps(self, log: Reader, upto: int) -> Iterator[Step]:
        """Every event up to a position, in the order of the scratch ledger."""
        ...


@dataclass(frozen=True)
class Nothing:
    """Nothing is otherwise: from a position on, everything is decided again as it was."""

    position: int
    said: str = "nothing is otherwise"

    def begins(self, log: Reader) -> int:
        """At the position."""
        del log
        return self.position

    def steps(self, log: Reader, upto: int) -> Iterator[Step]:
        """Every event in its place."""
        for stored in log.read(upto=upto):
            what = "prefix" if stored.position < self.position else "again"
            yield Step(stored, what, stored.recorded_at_us)


@dataclass(frozen=True)
class Without:
    """An event never happened."""

    position: int
    type: str

    @property
    def said(self) -> str:
        """In words."""
        return f"event {self.position} ({self.type}) never happened"

    def begins(self, log: Reader) -> int:
        """At the event."""
        del log
        return self.position

    def steps(self, log: Reader, upto: int) -> Iterator[Step]:
        """The events before it as they are, those after it again."""
        for stored in log.read(upto=upto):
            what = "prefix" if stored.position < self.position else "again"
            if stored.position == self.position:
                what = "left_out"
            yield Step(stored, what, stored.recorded_at_us)


@dataclass(frozen=True)
class Shifted:
    """An event happened at another instant: recorded then, or recorded as before but true then.

    ``effective_at_us`` is None where the act is as old as its record.
    """

    position: int
    type: str
    recorded_at_us: int
    effective_at_us: int | None
    was_us: int

    @property
    def said(self) -> str:
        """In words."""
        at_us = self.recorded_at_us if self.effective_at_us is None else self.effective_at_us
        return f"event {self.position} ({self.type}) was at {iso(at_us)}, not at {iso(self.was_us)}"

    def begins(self, log: Reader) -> int:
        """At its old place or its new one, whichever comes first."""
        return min(self.position, log.position_at(self.recorded_at_us) + 1)

    def steps(self, log: Reader, upto: int) -> Iterator[Step]:
        """The events before its old and its new place as they are, the rest again."""
        (own,) = log.find(after=self.position - 1, limit=1)
        moved = Step(own, "again", self.recorded_at_us, self.effective_at_us)
        stays = self.recorded_at_us == own.recorded_at_us
        what, waits = "prefix", True
        for stored in log.read(upto=upto):
            later = stored.recorded_at_us > self.recorded_at_us
            if waits and (stored.position > self.position if stays else later):
                what, waits = "again", False
                yield moved
            if stored.position == self.position:
                what = "again"
                continue
            yield Step(stored, what, stored.recorded_at_us)
        if waits:
            yield moved


@dataclass(frozen=True)
class UnderPolicy:
    """One policy was in force from the first adoption of any on; no other ever was."""

    position: int
    content: Mapping[str, Any]

    @property
    def said(self) -> str:
        """In words."""
        return f"policy {self.content['policy']} was in force from the first on, and no other"

    def begins(self, log: Reader) -> int:
        """At the first adoption."""
        del log
        return self.position

    def steps(self, log: Reader, upto: int) -> Iterator[Step]:
        """The events before the first adoption as they are, the rest again; no other adoption."""
        for stored in log.read(upto=upto):
            if stored.position < self.position:
                yield Step(stored, "prefix", stored.recorded_at_us)
            elif stored.position == self.position:
                yield Step(stored, "again", stored.recorded_at_us, None, self.content)
            else:
                what = "left_out" if stored.type == PolicyAdopted.TYPE else "again"
                yield Step(stored, what, stored.recorded_at_us)


def without(log: Reader, position: int) -> Without:
    """That an event never happened; ``BadInputError`` for one that can't be supposed away."""
    fact = _supposable(log, position)
    return Without(position, fact.event.TYPE)


def shifted(log: Reader, position: int, at_us: int) -> Shifted:
    """That an event was at another instant.

    An act that was recorded as it happened is recorded then; so is one whose new instant lies
    after its record. What was recorded later than it happened is recorded when it was.
    """
    fact = _supposable(log, position)
    if name_of(fact) is None:
        raise _unsupposable(position, fact.event.TYPE, "is not decided again, only carried over")
    if isinstance(fact.event, PolicyAdopted):
        raise _unsupposable(position, fact.event.TYPE, "says itself when it comes into force")
    recorded_us, was_us = fact.recorded_at_us, fact.effective_at_us
    lived = recorded_us == was_us or not takes_date(fact)
    if lived or at_us > recorded_us:
        return Shifted(position, fact.event.TYPE, at_us, None, was_us)
    return Shifted(position, fact.event.TYPE, recorded_us, at_us, was_us)


def under_policy(log: Reader, content: Mapping[str, Any]) -> UnderPolicy:
    """That a policy was in force instead of all others.

    It counts from the earliest start of any, by the calendar of the first where its own was never
    adopted. Raises ``BadInputError`` where no policy was adopted.
    """
    adopted = list(_all(log, PolicyAdopted.TYPE))
    if not adopted:
        raise BadInputError(
            "No policy was ever adopted in this ledger, so no claim was judged by one.",
            hint="Adopt one with policy.adopt.",
            code="no_policy_adopted",
        )
    events = [fact.event for fact in adopted if isinstance(fact.event, PolicyAdopted)]
    calendars = {
        fact.event.calendar
        for fact in _all(log, CalendarAdopted.TYPE)
        if isinstance(fact.event, CalendarAdopted)
    }
    since_us = min(to_us(event.in_force_from) for event in events)
    supposed = {**content, "in_force_from": iso(since_us)}
    if supposed.get("calendar") not in calendars:
        supposed["calendar"] = events[0].content["calendar"]
    parse(supposed)
    return UnderPolicy(adopted[0].position, supposed)


def _all(log: Reader, type_name: str) -> Iterator[Fact]:
    return map(fact_of, log.read(Query((QueryItem((type_name,)),))))


def _supposable(log: Reader, position: int) -> Fact:
    (stored,) = log.find(after=position - 1, limit=1)
    fact = fact_of(stored)
    kind = fact.event.TYPE
    if position == 1:
        raise _unsupposable(position, kind, "is the ledger's birth")
    if fact.actor == CLOCK_ACTOR:
        raise _unsupposable(position, kind, "happened because time passed, and would again")
    if kind.startswith("usage.report."):
        raise _unsupposable(position, kind, "is what later reports were reckoned on")
    return fact


def _unsupposable(position: int, kind: str, why: str) -> BadInputError:
    return BadInputError(
        f"Event {position} ({kind}) can't be supposed to be otherwise: it {why}.",
        hint="Name the event that led to it; `attribution log` shows positions.",
        code="not_supposable",
    )
