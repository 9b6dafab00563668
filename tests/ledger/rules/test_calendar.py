"""Closing instants: the worked vectors of domain.md §15 S2, and what holds for every term."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.calendar import PLAIN, Calendar, Term, Unit, parse_term
from schemas.time import from_iso, iso, to_us

HOLIDAYS = frozenset({date(2021, 4, 2), date(2021, 4, 5)})
PRAGUE = Calendar("CZ", "Europe/Prague", frozenset({5, 6}), 2021, 2021, HOLIDAYS)
ZONES = ("UTC", "Europe/Prague", "America/New_York", "Pacific/Apia", "Asia/Kathmandu")
START = from_iso("2021-03-26T23:30:00Z")


@pytest.mark.parametrize(
    "calendar, term, closes",
    [
        (PRAGUE, "5 business days", "2021-04-06T22:00:00Z"),
        (PLAIN, "5 business days", "2021-04-03T00:00:00Z"),
        (PRAGUE, "7 whole days", "2021-04-03T22:00:00Z"),
    ],
)
def test_s2_closing_instants(calendar: Calendar, term: str, closes: str) -> None:
    """Verified by hand in domain.md §15."""
    assert iso(to_us(calendar.closing(START, parse_term(term)).at)) == closes


def test_calendar_days_keep_the_local_time_of_day() -> None:
    """Over a change of clocks too: half past midnight stays half past midnight."""
    closing = PRAGUE.closing(START, parse_term("7 days")).at
    assert closing == datetime(2021, 4, 2, 22, 30, tzinfo=UTC)


def test_a_term_in_unknown_years_is_not_covered() -> None:
    """Only business days need holidays."""
    late = from_iso("2021-12-30T12:00:00Z")
    assert not PRAGUE.closing(late, parse_term("5 business days")).covered
    assert PRAGUE.closing(late, parse_term("1 business days")).covered
    assert PRAGUE.closing(late, parse_term("30 whole days")).covered
    assert PRAGUE.closing(late, parse_term("30 days")).covered
    early = from_iso("2020-12-31T12:00:00Z")
    assert not PRAGUE.closing(early, parse_term("1 business days")).covered


@pytest.mark.parametrize(
    "text",
    ["", "5", "5 weeks", "0 days", "-1 days", "1000 days", "5  days", "5 Days", "1\u0665 days"],
)
def test_a_term_of_another_form_says_what_is_allowed(text: str) -> None:
    """So that a policy's author can mend it."""
    with pytest.raises(ValueError, match="7 whole days"):
        parse_term(text)


calendars = st.builds(
    lambda zone, holidays: Calendar("any", zone, frozenset({5, 6}), 1, 9999, frozenset(holidays)),
    st.sampled_from(ZONES),
    st.lists(st.dates(date(2020, 1, 1), date(2020, 3, 1)), max_size=10),
)
starts = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  hypothesis wants naive bounds beside ``timezones``
    datetime(2020, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
terms = st.builds(Term, st.integers(1, 40), st.sampled_from(Unit))


@given(calendars, starts, terms)
def test_whole_and_business_days_end_at_a_local_midnight_after_the_right_days(
    calendar: Calendar, start: datetime, term: Term
) -> None:
    """Counted naively: the days after the start's own, up to the closing midnight."""
    closing = calendar.closing(to_us(start), term).at
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone)
    if term.unit is Unit.DAYS:
        assert closing.astimezone(zone).replace(tzinfo=None) == (
            local + timedelta(days=term.count)
        ).replace(tzinfo=None)
        return
    assert closing.astimezone(zone).strftime("%H:%M:%S") == "00:00:00"
    end = closing.astimezone(zone).date()
    days = [local.date() + timedelta(days=n) for n in range(1, (end - local.date()).days)]
    business = term.unit is Unit.BUSINESS_DAYS
    counted = [day for day in days if not business or calendar.is_business_day(day)]
    assert len(counted) == term.count
    assert counted[-1] == days[-1]


@given(calendars, starts, starts, terms)
def test_a_later_start_never_closes_earlier(
    calendar: Calendar, one: datetime, other: datetime, term: Term
) -> None:
    """In whole days and business days; both starts see the same calendar."""
    if term.unit is Unit.DAYS:
        return
    first, second = sorted((to_us(one), to_us(other)))
    assert calendar.closing(first, term).at <= calendar.closing(second, term).at
