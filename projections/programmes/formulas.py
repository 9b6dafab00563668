"""The formulas programmes name, as pure functions of exact numbers.

Amounts and points are ``Decimal``: the numbers of a published table come out as printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


class Best(NamedTuple):
    """The type that wins a metric, and its points."""

    type: str
    points: Decimal


def linear(actual: Decimal | int, threshold: Decimal | int, max_points: Decimal | int) -> Decimal:
    """The part of ``max_points`` that ``actual`` is of ``threshold``, never more, never below 0.

    Source: domain.md §8.3, "points = min(max, growth / threshold * max)". A decline earns 0 [P].

    >>> linear(2_000, 4_000, 30), linear(1_500, 1_000, 30), linear(-5, 1_000, 30)
    (Decimal('15'), Decimal('30'), Decimal('0'))
    """
    if threshold <= 0:
        raise ValueError(f"a threshold is above 0, not {threshold}")
    points = Decimal(actual) * Decimal(max_points) / Decimal(threshold)
    return min(Decimal(max_points), max(ZERO, points))


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
