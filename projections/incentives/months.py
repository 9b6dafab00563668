"""Months as they are reckoned here: each is its first day, and they are UTC [P]."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from schemas.time import to_us


def plus(month: date, count: int) -> date:
    """The month ``count`` after (or, below 0, before).

    >>> plus(date(2023, 11, 1), 2), plus(date(2023, 1, 1), -1)
    (datetime.date(2024, 1, 1), datetime.date(2022, 12, 1))
    """
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def between(first: date, last: date) -> Iterator[date]:
    """Every month from ``first`` to ``last``, both included.

    >>> [month.month for month in between(date(2023, 11, 1), date(2024, 1, 1))]
    [11, 12, 1]
    """
    month = first
    while month <= last:
        yield month
        month = plus(month, 1)


def apart(first: date, last: date) -> int:
    """How many months ``last`` lies after ``first``."""
    return (last.year - first.year) * 12 + last.month - first.month


def first_us(month: date) -> int:
    """The first instant of a month, in microseconds UTC."""
    return to_us(datetime.combine(month, time(), UTC))


def last_us(month: date) -> int:
    """The last microsecond of a month, UTC."""
    return first_us(plus(month, 1)) - 1


def of_us(instant_us: int) -> date:
    """The month that an instant lies in."""
    return (datetime.fromtimestamp(instant_us // 1_000_000, UTC)).date().replace(day=1)


def nth_weekday(month: date, weekday: int, nth: int) -> date:
    """The day that is the ``nth`` of its weekday (0 is Monday) in a month.

    >>> nth_weekday(date(2019, 11, 1), 4, 2)
    datetime.date(2019, 11, 8)
    """
    return month + timedelta(days=(weekday - month.weekday()) % 7 + 7 * (nth - 1))


def period_start(month: date, length: str, begins: int = 7) -> date:
    """The first month of the period (``half_year``, ``fiscal_year``) that a month lies in.

    ``begins`` is the number of the month in which the fiscal year begins.

    >>> period_start(date(2024, 2, 1), "fiscal_year"), period_start(date(2024, 2, 1), "half_year")
    (datetime.date(2023, 7, 1), datetime.date(2024, 1, 1))
    """
    since = (month.month - begins) % 12
    return plus(month, -(since % 6 if length == "half_year" else since))
