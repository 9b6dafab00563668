"""Dates and instants as they are typed: a date alone means the end of that day, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from ledger.errors import BadInputError
from schemas.time import from_iso, from_us, to_us

_DAY = timedelta(days=1)


class BadMomentError(BadInputError):
    """A date or an instant that can't be read, or does not exist."""

    code = "bad_moment"


def instant_us(text: str, option: str) -> int:
    """Microseconds UTC of a full instant; raises ``BadMomentError`` for anything else.

    >>> instant_us("1970-01-01T00:00:01Z", "--at")
    1000000
    """
    try:
        return from_iso(text)
    except (ValueError, OverflowError) as error:
        raise BadMomentError(
            f"{option} {text!r} is no instant{why_not(error)}.",
            hint="Write it with its time zone, like 2020-07-01T09:00:00Z.",
        ) from error


def why_not(error: Exception) -> str:
    """What Python says of a date that does not exist; nothing where it only says it can't read it.

    >>> why_not(ValueError("day is out of range for month"))
    ': day is out of range for month'
    """
    return "" if "isoformat" in str(error) else f": {error}"


def moment_us(text: str, option: str) -> int:
    """Microseconds UTC of an instant, or of the last microsecond of a date.

    >>> moment_us("1970-01-01", "--effective")
    86399999999
    """
    day = _date(text)
    return instant_us(text, option) if day is None else to_us(_midnight(day) + _DAY) - 1


def start_us(text: str, option: str) -> int:
    """Microseconds UTC of an instant, or of the first microsecond of a date."""
    day = _date(text)
    return instant_us(text, option) if day is None else to_us(_midnight(day))


def same_time_us(text: str, was_us: int, option: str) -> int:
    """Microseconds UTC of an instant, or of a date at the time of day of another instant.

    >>> same_time_us("1970-01-03", 5, "--shift")
    172800000005
    """
    day = _date(text)
    if day is None:
        return instant_us(text, option)
    return to_us(datetime.combine(day, from_us(was_us).time(), UTC))


def month(text: str, option: str) -> date:
    """The first day of a month such as 2020-09; raises ``BadMomentError`` for anything else.

    >>> month("2020-09", "--month")
    datetime.date(2020, 9, 1)
    """
    found = _date(f"{text}-01") or _date(text)
    if found is None or found.day != 1:
        raise BadMomentError(
            f"{option} {text!r} is no month.", hint="Write year and month, like 2020-09."
        )
    return found


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2020-07-01") else None
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
