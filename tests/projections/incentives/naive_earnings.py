"""What each programme earns, told the slow and plain way: every month from the very beginning.

Nothing is carried from month to month: marks, paid milestones and used caps are found anew by going
through all months before. Months are numbers; what is not there is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction


@dataclass(frozen=True)
class Stint:
    """Somebody's time on a place: from the first of ``first`` on, until the first of ``until``."""

    claim: str
    partner: str
    first: int
    until: int
    submitted: int


@dataclass(frozen=True)
class History:
    """Seats and users by month, who held when, and in which months each partner is refused."""

    seats: Mapping[int, int]
    users: Mapping[int, int]
    opened: bool
    stints: tuple[Stint, ...]
    refused: frozenset[tuple[str, int]]

    def holder(self, month: int) -> Stint | None:
        """Who holds on the first of a month."""
        for stint in self.stints:
            if stint.first <= month < stint.until:
                return stint
        return None

    def pays(self, month: int) -> Stint | None:
        """Who holds and is not refused."""
        stint = self.holder(month)
        return None if stint is None or (stint.partner, month) in self.refused else stint


@dataclass(frozen=True)
class MarkRules:
    """The parameters of a programme by high-water mark."""

    minimum: int | None
    every_level: bool
    users_too: bool


def mark_before(history: History, month: int, rules: MarkRules) -> int | None:
    """The mark at the start of a month; None where no level was told before."""
    earlier = sorted(one for one in history.seats if one < month)
    if not earlier:
        first = min(history.seats, default=None)
        return 0 if first == month and not history.opened else None
    if rules.every_level:
        return max(history.seats[one] for one in earlier)
    # Of what was earned: what stood before anybody held, and what units were paid for.
    mark = history.seats[earlier[0]] if history.opened else 0
    for one in earlier[1:] if history.opened else earlier:
        free = history.holder(one) is None
        if free or units(history, one, rules) > 0:
            mark = max(mark, history.seats[one])
    return mark


def units(history: History, month: int, rules: MarkRules) -> int:
    """The units that whoever holds is credited in a month."""
    if history.pays(month) is None or month not in history.seats:
        return 0
    seats, users, mark = history.seats[month], history.users.get(month), None
    mark = mark_before(history, month, rules)
    if mark is None or seats <= mark:
        return 0
    if rules.minimum is not None and seats < rules.minimum:
        return 0
    if rules.users_too and (users is None or users <= mark):
        return 0
    return seats - mark


@dataclass(frozen=True)
class Size:
    """A bucket: seats from and to, the share at the claim that is too much, the milestones."""

    low: int
    high: int | None
    too_much: int
    milestones: tuple[int, ...]


def at_claim(history: History, stint: Stint) -> tuple[int, int] | None:
    """Seats and users when a claim was submitted."""
    told = [one for one in history.seats if one in history.users]
    before = [one for one in told if one < stint.submitted]
    if before:
        month = max(before)
    elif stint.submitted in told:
        month = stint.submitted
    else:
        return None
    return history.seats[month], history.users[month]


def percent(users: int, seats: int) -> Fraction:
    """Users in a hundred seats."""
    return Fraction(100 * users, seats) if seats else Fraction(0)


def paid_milestones(
    history: History, month: int, sizes: Sequence[Size], minimum: int | None, first: int
) -> frozenset[int]:
    """The milestones that are paid in a month, of a programme that begins in ``first``."""
    stint = history.pays(month)
    if stint is None or month < first:
        return frozenset()
    if month not in history.seats or month not in history.users:
        return frozenset()
    stood = at_claim(history, stint)
    if stood is None:
        return frozenset()
    seats, users = stood
    fitting = [one for one in sizes if one.low <= seats and (one.high is None or seats <= one.high)]
    if not fitting or percent(users, seats) >= fitting[0].too_much:
        return frozenset()
    if minimum is not None and history.seats[month] < minimum:
        return frozenset()
    before: set[int] = set()
    for earlier in range(first, month):
        before |= paid_milestones(history, earlier, sizes, minimum, first)
    now, then = percent(history.users[month], history.seats[month]), percent(users, seats)
    return frozenset(
        number + 1
        for number, share in enumerate(fitting[0].milestones)
        if then < share <= now and number + 1 not in before
    )


def after_caps(asked: Sequence[tuple[tuple[str, ...], int]], most: int) -> list[int]:
    """What a cap lets through of ``(key, units)``, in order."""
    through: list[int] = []
    for n, (key, wanted) in enumerate(asked):
        used = sum(one for one, (other, _) in zip(through, asked[:n], strict=True) if other == key)
        through.append(min(wanted, most - used))
    return through


def last_day_before_cut_off(year: int, month: int, days: int) -> date:
    """So many days before the second Friday of a month, found by walking its days."""
    day, fridays = date(year, month, 1), 0
    while True:
        if day.isoweekday() == 5:
            fridays += 1
        if fridays == 2:
            return day - timedelta(days=days)
        day += timedelta(days=1)
