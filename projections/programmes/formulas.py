"""The formulas programmes name, as pure functions of exact numbers.

Amounts and points are ``Decimal``: the numbers of a published table come out as printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)
_PERCENT = Decimal(100)

Amount = Decimal | int


class Best(NamedTuple):
    """The type that wins a metric, and its points."""

    type: str
    points: Decimal


class Grown(NamedTuple):
    """An amount before and now, and the least there must have been to grow from."""

    before: Decimal
    now: Decimal
    baseline: Decimal


def share(actual: Amount, threshold: Amount, max_points: Amount) -> Decimal:
    """The part of ``max_points`` that ``actual`` is of ``threshold``; a decline is 0 [P]."""
    if threshold <= 0:
        raise ValueError(f"a threshold is above 0, not {threshold}")
    return max(ZERO, Decimal(actual) * Decimal(max_points) / Decimal(threshold))


def linear(actual: Amount, threshold: Amount, max_points: Amount) -> Decimal:
    """The part of ``max_points`` that ``actual`` is of ``threshold``, never more, never below 0.

    Source: domain.md §8.3, "points = min(max, growth / threshold * max)"; §8.2 alike.

    >>> linear(2_000, 4_000, 30), linear(1_500, 1_000, 30), linear(-5, 1_000, 30)
    (Decimal('15'), Decimal('30'), Decimal('0'))
    """
    return min(Decimal(max_points), share(actual, threshold, max_points))


def each(actual: Amount, points_each: Amount, per: Amount = 1) -> Decimal:
    """So many points for every ``per``, parts of it included [P]; a decline is 0 [P].

    Source: domain.md §8.3, "3.3 pts each", "1 pt per 125 protected users".

    >>> each(3, Decimal("3.3")), each(250, 1, 125)
    (Decimal('9.9'), Decimal('2'))
    """
    return max(ZERO, Decimal(actual) * Decimal(points_each) / Decimal(per))


def best_of_types(points: Mapping[str, Decimal]) -> Best:
    """The single type with the most points, the first named of equals; never the sum.

    Source: domain.md §7.3, "the best single type wins per metric, never the sum".

    >>> best_of_types({"CPOR": Decimal("13.5"), "DPOR": Decimal(18)})
    Best(type='DPOR', points=Decimal('18'))
    """
    if not points:
        raise ValueError("best of no types")
    best = max(points, key=lambda name: points[name])
    return Best(best, points[best])


def added(points: Iterable[Decimal], max_points: Amount) -> Decimal:
    """The points of several parts together, never more than ``max_points``.

    Source: domain.md §13.10, Security sums its halves; §8.2: the thresholds of two markets, each
    by the part of its own that is reached [P].

    >>> added([Decimal(13), Decimal(9)], 20)
    Decimal('20')
    """
    return min(Decimal(max_points), sum(points, ZERO))


def percent_growth(
    parts: Iterable[Grown], percent: Amount, max_points: Amount, *, baseline_of: str = "before"
) -> Decimal:
    """The share of ``percent`` that all parts grew together; 0 where the baseline is not there.

    The baseline is there when the parts of it that each market has come to 1 [P]; ``baseline_of``
    says whether it is asked of the amount before or now. Growth from nothing, with a baseline now,
    is more than any percentage [P]. Source: domain.md §8.2, MAU growth; §8.3, 1 point per 1 %.

    >>> percent_growth([Grown(Decimal(400), Decimal(450), Decimal(250))], 25, 25)
    Decimal('12.5')
    """
    found = list(parts)
    before, now = (sum((getattr(one, name) for one in found), ZERO) for name in ("before", "now"))
    there = sum((getattr(one, baseline_of) / one.baseline for one in found), ZERO)
    if there < 1:
        return ZERO
    if before <= 0:
        return Decimal(max_points) if now > 0 else ZERO
    return linear((now - before) * _PERCENT / before, percent, max_points)


class Step(NamedTuple):
    """A band: from which earlier count on, and which growth (or for how long without) is enough."""

    at_least: Decimal
    percent: Decimal | None
    full_months: int | None


def banded(
    before: Decimal,
    now: Decimal,
    steps: Iterable[Step],
    max_points: Amount,
    months_reached: int | None,
) -> Decimal | None:
    """All points or none, by the band that the earlier count lies in; None where no rule is known.

    ``months_reached`` is how long ago the count of the highest band was reached; None for never.
    In a band without percentage all points are earned for ``full_months``; what comes then is not
    published. Source: domain.md §8.2, Consultant growth.

    >>> steps = [Step(Decimal(15), Decimal(35), None), Step(Decimal(50), None, 24)]
    >>> (
    ...     banded(Decimal(20), Decimal(27), steps, 15, None),
    ...     banded(Decimal(20), Decimal(26), steps, 15, None),
    ... )
    (Decimal('15'), Decimal('0'))
    """
    reached = [step for step in steps if before >= step.at_least or _full(step, now)]
    if not reached:
        return ZERO
    band = max(reached, key=lambda step: step.at_least)
    if band.percent is None:
        assert band.full_months is not None, "a band says either"
        within = months_reached is not None and months_reached < band.full_months
        return Decimal(max_points) if within else None
    enough = now * _PERCENT >= before * (_PERCENT + band.percent)
    return Decimal(max_points) if enough else ZERO


def _full(step: Step, now: Decimal) -> bool:
    """Who comes to the count of the highest band has it at once."""
    return step.full_months is not None and now >= step.at_least
