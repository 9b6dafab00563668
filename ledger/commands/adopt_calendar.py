"""Adopting a calendar of business days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.rules.roles import permit
from schemas.governance import CalendarAdopted
from schemas.values import Id, Text, Value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone {name!r}; write one like Europe/Prague") from error
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
Year = Annotated[int, Field(ge=1970, le=2200)]


class CalendarContent(Value):
    """A calendar of your own: its zone, weekend (Monday is 0) and holidays by date."""

    title: Text
    zone: Zone
    weekend: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (5, 6)
    first_year: Year
    last_year: Year
    holidays: Annotated[tuple[date, ...], Field(max_length=2000)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.last_year < self.first_year:
            raise ValueError(f"last_year {self.last_year} lies before {self.first_year}")
        if len(set(self.weekend)) > 6:
            raise ValueError("a week without a business day never ends a deadline")
        outside = [day for day in self.holidays if not self._has(day)]
        if outside:
            raise ValueError(f"holiday {outside[0]} lies outside the years of the calendar")
        return self

    def _has(self, day: date) -> bool:
        return self.first_year <= day.year <= self.last_year


class AdoptCalendar(Command):
    """Adopt a calendar of business days: a country's public holidays, or dates of your own.

    ``calendar`` is the name that policies use; adopting it again replaces it for later deadlines.
    ``builtin`` is a country code (CZ) or country and region (DE-BY), with zone and years.
    """

    NAME: ClassVar[str] = "calendar.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "builtin": "CZ",
        "zone": "Europe/Prague",
        "first_year": 2019,
        "last_year": 2025,
    }
    calendar: Id = "default"
    builtin: str | None = None
    zone: Zone | None = None
    first_year: Year | None = None
    last_year: Year | None = None
    content: CalendarContent | None = None

    _content: CalendarContent = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        if (self.builtin is None) == (self.content is None):
            raise ValueError("give either builtin, a country code, or content")
        self._content = self.content or self._computed()
        return self

    def _computed(self) -> CalendarContent:
        if self.zone is None or self.first_year is None or self.last_year is None:
            raise ValueError("a builtin calendar needs zone, first_year and last_year")
        found = public_holidays(str(self.builtin), self.first_year, self.last_year)
        return CalendarContent(
            title=f"Public holidays of {self.builtin}",
            zone=self.zone,
            weekend=tuple(sorted(found.weekend)),
            first_year=self.first_year,
            last_year=self.last_year,
            holidays=tuple(sorted(day for day in found if self._covers(day))),
        )

    def _covers(self, day: date) -> bool:
        assert self.first_year is not None
        assert self.last_year is not None
        return self.first_year <= day.year <= self.last_year

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, zone and holidays embedded (DESIGN §5)."""
        permit(facts, context, self.NAME)
        content = self._content
        event = CalendarAdopted(calendar=self.calendar, **dict(content))
        return Decision(event, context.now_us)


def public_holidays(code: str, first_year: int, last_year: int) -> Any:
    """The public holidays of a country, such as CZ, or of a region of it, such as DE-BY."""
    import holidays  # slow to load, and needed only here

    country, _, region = code.partition("-")
    try:
        return holidays.country_holidays(
            country, subdiv=region or None, years=range(first_year, last_year + 1)
        )
    except NotImplementedError as error:
        raise ValueError(
            f"there is no calendar of holidays for {code!r}; write a country code like CZ, or a"
            " region like DE-BY, or give the dates as content"
        ) from error
