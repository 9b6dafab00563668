"""The calendar of business days as last adopted, and deadlines computed by it."""

from __future__ import annotations

from datetime import datetime

from ledger.decision import Fact, Facts, Model
from ledger.refusal import Refused
from ledger.rules.calendar import PLAIN, Calendar, Term
from ledger.rules.policy import Policy
from schemas.governance import CalendarAdopted


def _apply(_: Calendar | None, fact: Fact) -> Calendar | None:
    event = fact.event
    assert isinstance(event, CalendarAdopted)
    return Calendar(
        event.calendar,
        event.zone,
        frozenset(event.weekend),
        event.first_year,
        event.last_year,
        frozenset(event.holidays),
    )


CALENDAR: Model[Calendar | None] = Model(
    name="calendar", tag="calendar", types=(CalendarAdopted,), start=None, apply=_apply
)
"""The calendar, or None while nobody adopted it; key: its id."""


def deadline(facts: Facts, policy: Policy, start_us: int, term: Term) -> datetime:
    """When a term of the policy that starts at an instant is over, by the policy's calendar.

    Refused as ``calendar_ends`` when business days would be counted in years whose holidays the
    calendar does not know. Without an adopted calendar: UTC, no holidays.
    """
    calendar = facts(CALENDAR, policy.calendar) or PLAIN
    closing = calendar.closing(start_us, term)
    if not closing.covered:
        raise Refused(
            "calendar_ends",
            calendar=calendar.name,
            first=calendar.first_year,
            last=calendar.last_year,
            closes=closing.at.date().isoformat(),
        )
    return closing.at


def silent_deadline(facts: Facts, policy: Policy, start_us: int, term: Term) -> datetime:
    """As ``deadline``, for the clock, which can't be refused: unknown years have no holidays."""
    return (facts(CALENDAR, policy.calendar) or PLAIN).closing(start_us, term).at
