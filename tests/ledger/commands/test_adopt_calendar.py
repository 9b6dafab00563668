"""Adopting calendars: a country's holidays or dates of one's own, embedded (DESIGN §5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.decision_models.calendar import CALENDAR
from schemas.governance import CalendarAdopted
from tests.builders import World, refuses

CZECH = {"builtin": "CZ", "zone": "Europe/Prague", "first_year": 2020, "last_year": 2021}
OWN = {
    "title": "Ours",
    "zone": "Asia/Dubai",
    "weekend": [4, 5],
    "first_year": 2021,
    "last_year": 2021,
    "holidays": ["2021-05-13"],
}


@pytest.fixture
def world() -> World:
    """A ledger with an operator and no calendar."""
    return World()


def adopt(world: World, **data: Any) -> CalendarAdopted:
    """The event of an adoption by the operator."""
    event = world.do("calendar.adopt", **data).event
    assert isinstance(event, CalendarAdopted)
    return event


def test_a_countrys_holidays_are_embedded(world: World) -> None:
    """A later version of the source of holidays can't change a deadline."""
    event = adopt(world, **CZECH)
    assert (event.calendar, event.zone, event.weekend) == ("default", "Europe/Prague", (5, 6))
    assert date(2021, 4, 5) in event.holidays
    assert {day.year for day in event.holidays} == {2020, 2021}


def test_a_region_of_a_country_has_holidays_of_its_own(world: World) -> None:
    """Bavaria keeps Epiphany, Berlin does not."""
    region = CZECH | {"zone": "Europe/Berlin"}
    epiphany = date(2021, 1, 6)
    assert epiphany in adopt(world, **(region | {"builtin": "DE-BY"})).holidays
    assert epiphany not in adopt(world, **(region | {"builtin": "DE-BE"})).holidays


def test_a_calendar_of_ones_own_is_adopted_under_its_name(world: World) -> None:
    """With its own weekend."""
    adopt(world, calendar="dubai", content=OWN)
    calendar = world(CALENDAR, "dubai")
    assert calendar is not None
    assert not calendar.is_business_day(date(2021, 5, 14))
    assert calendar.is_business_day(date(2021, 5, 16))
    assert not calendar.is_business_day(date(2021, 5, 13))


def test_a_calendar_can_be_adopted_again_with_more_years(world: World) -> None:
    """The newest counts for later deadlines; earlier ones stand in their events."""
    adopt(world, **CZECH)
    adopt(world, **(CZECH | {"last_year": 2030}))
    calendar = world(CALENDAR, "default")
    assert calendar is not None
    assert calendar.last_year == 2030


@pytest.mark.parametrize(
    "data",
    [
        {},
        CZECH | {"content": OWN},
        {"builtin": "CZ"},
        CZECH | {"builtin": "XX"},
        CZECH | {"builtin": "DE-XX"},
        CZECH | {"zone": "Europe/Atlantis"},
        CZECH | {"zone": "../etc/passwd"},
        CZECH | {"last_year": 2019},
        {"content": OWN | {"weekend": [0, 1, 2, 3, 4, 5, 6]}},
        {"content": OWN | {"holidays": ["2022-01-01"]}},
        {"content": OWN | {"holidays": ["2021-02-30"]}},
        {"content": OWN | {"zone": "Mars/Olympus"}},
    ],
)
def test_a_wrong_calendar_is_refused_when_it_is_read(world: World, data: dict[str, Any]) -> None:
    """Never later, when a deadline would be computed by it."""
    with pytest.raises(ValidationError):
        adopt(world, **data)


def test_only_the_operator_adopts(world: World) -> None:
    """A calendar moves everybody's deadlines."""
    with refuses("not_permitted"):
        world.do("calendar.adopt", "somebody", **CZECH)
