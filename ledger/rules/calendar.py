"""Business days and closing instants: when a term that starts now is over (domain.md §15, S2).

The day of the start is never counted. Days are those of the calendar's own time zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from schemas.time import from_us

Place = TypeVar("Place", tuple[int, "Term"], tuple[date, "Term"])

MOST_DAYS = 999
KEPT_CLOSINGS = 4096
"""At most so many computed closings are remembered a calendar."""


class Unit(StrEnum):
    """What a term counts.

    ``days`` ends at the same local time of day; ``whole days`` and ``business days`` end at the
    local midnight after the last counted day.
    """

    DAYS = "days"
    WHOLE_DAYS = "whole days"
    BUSINESS_DAYS = "business days"


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time as policies write it, such as ``5 business days``."""

    count: int
    unit: Unit


_TERM = re.compile(r"([1-9][0-9]{0,2}) (days|whole days|business days)")


def parse_term(text: str) -> Term:
    """The term a text names; raises ``ValueError`` that says what is allowed.

    >>> parse_term("5 business days")
    Term(count=5, unit=<Unit.BUSINESS_DAYS: 'business days'>)
    """
    found = _TERM.fullmatch(text)
    if found is None:
        raise ValueError(
            f"allowed is a number from 1 to {MOST_DAYS} and a unit,"
            " such as '30 days', '7 whole days' or '5 business days'"
        )
    return Term(int(found[1]), Unit(found[2]))


class Closing(NamedTuple):
    """When a term is over, in UTC: an act before it is in time, an act at it is late.

    ``covered`` is false where business days were counted in years whose holidays are not known.
    """

    at: datetime
    covered: bool


@dataclass(frozen=True, eq=False)
class Calendar:
    """A zone, the weekend's days (Monday is 0) and the holidays of the years it covers."""

    name: str
    zone: str
    weekend: frozenset[int]
    first_year: int
    last_year: int
    holidays: frozenset[date]
    _closings: dict[tuple[int, Term], Closing] = field(default_factory=dict, repr=False)
    _by_day: dict[tuple[date, Term], Closing] = field(default_factory=dict, repr=False)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def closing(self, start_us: int, term: Term) -> Closing:
        """When a term that starts at ``start_us`` is over, and whether its years are known."""
        # All decisions of a group are made at one instant.
        place = (start_us, term)
        return self._closings.get(place) or _keep(self._closings, place, self._closing(*place))

    def _closing(self, start_us: int, term: Term) -> Closing:
        local = from_us(start_us).astimezone(self._zone)
        if term.unit is Unit.DAYS:
            return Closing((local + timedelta(days=term.count)).astimezone(UTC), covered=True)
        day = (local.date(), term)
        return self._by_day.get(day) or _keep(self._by_day, day, self._computed(*day))

    def is_business_day(self, day: date) -> bool:
        """Whether people work on the day: neither weekend nor holiday."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def _computed(self, start: date, term: Term) -> Closing:
        last = self._last_day(start, term)
        known = self.first_year <= start.year and last.year <= self.last_year
        return Closing(self._midnight_after(last), known or term.unit is Unit.WHOLE_DAYS)

    def _last_day(self, start: date, term: Term) -> date:
        if term.unit is Unit.WHOLE_DAYS:
            return start + timedelta(days=term.count)
        day, left = start, term.count
        while left:
            day += timedelta(days=1)
            left -= self.is_business_day(day)
        return day

    def _midnight_after(self, day: date) -> datetime:
        after = day + timedelta(days=1)
        return datetime(after.year, after.month, after.day, tzinfo=self._zone).astimezone(UTC)


def _keep(closings: dict[Place, Closing], place: Place, closing: Closing) -> Closing:
    if len(closings) >= KEPT_CLOSINGS:
        closings.clear()
    closings[place] = closing
    return closing


PLAIN = Calendar("UTC", "UTC", frozenset({5, 6}), 1, 9999, frozenset())
"""UTC, Saturday and Sunday off, no holidays: what counts where no calendar was adopted."""
