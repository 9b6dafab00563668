"""Whose score is asked for, and what a figure of it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

MICRO = Decimal(1_000_000)


class Holder(NamedTuple):
    """Whose score: a partner organisation with all its locations, or one location."""

    scope: Literal["organisation", "location"]
    id: str


@dataclass(frozen=True)
class Figure:
    """A measured or recorded amount, and what it rests on.

    ``before`` is the amount it grew from, where growth counts. ``across_gap`` is the part that
    rests on months nobody stated. ``tenants`` says what each customer brings, ``origin`` where it
    all comes from, ``reached_months`` how long ago a count was reached (``bands``).
    """

    amount: Decimal
    before: Decimal | None = None
    across_gap: Decimal = Decimal(0)
    tenants: Mapping[str, Decimal] = field(default_factory=dict)
    origin: str = "usage"
    reached_months: int | None = None

    @property
    def decides(self) -> tuple[object, ...]:
        """What points depend on, and what is told of it where customers are not."""
        return (self.amount, self.before, self.across_gap, self.origin, self.reached_months)


@dataclass(frozen=True)
class Missing:
    """Why there is no figure, in words that say what would bring it about."""

    why: str

    @property
    def decides(self) -> tuple[object, ...]:
        """As for a figure."""
        return (self.why,)


Parts = Mapping[str, "Figure | Missing"]
"""A metric's figures by part: a type of association, a market, or ``""``."""


def months_before(month: date, count: int) -> date:
    """The first day of the month ``count`` months before (after, where it is negative).

    >>> months_before(date(2023, 9, 1), 11)
    datetime.date(2022, 10, 1)
    """
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months ``last`` lies after ``first``."""
    return (last.year - first.year) * 12 + last.month - first.month


def month_name(month: date) -> str:
    """A month as people write it: ``2023-09``."""
    return f"{month:%Y-%m}"
