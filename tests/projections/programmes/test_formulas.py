"""The formulas of domain.md §8.3, by its test vectors and at their edges."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.programmes.formulas import best_of_types, linear

amounts = st.integers(-10_000, 10_000)
positive = st.integers(1, 10_000)


@pytest.mark.parametrize(
    "actual, threshold, max_points, points",
    [
        (2_000, 4_000, 30, "15"),  # §8.3: DPOR 2,000
        (1_500, 1_000, 30, "30"),  # §8.3: CPOR 1,500 = 45, capped
        (4, 10, 25, "10"),  # §8.3: deployments DPOR 4
        (3, 5, 25, "15"),  # §8.3: deployments CPOR 3
        (150_000, 300_000, 10, "5"),  # §8.2: 150k of 300k
        (100, 500, 30, "6.0"),  # §15 S12
        (70, 500, 30, "4.2"),  # §15 S12, restated
        (0, 500, 30, "0"),
        (-40, 500, 30, "0"),
        (500, 500, 30, "30"),
        (499, 500, 30, "29.94"),
        (1, 3, 10, "3.333333333333333333333333333"),
    ],
)
def test_points_are_the_share_of_the_threshold_capped(
    actual: int, threshold: int, max_points: int, points: str
) -> None:
    """min(max, growth / threshold * max), and never below zero."""
    assert linear(actual, threshold, max_points) == Decimal(points)


@given(actual=amounts, more=st.integers(0, 1_000), threshold=positive, max_points=positive)
def test_more_growth_never_earns_less(
    actual: int, more: int, threshold: int, max_points: int
) -> None:
    """Points rise with the figure, between none and all."""
    points = linear(actual, threshold, max_points)
    assert 0 <= points <= max_points
    assert linear(actual + more, threshold, max_points) >= points
    assert (points == max_points) == (actual >= threshold)


@pytest.mark.parametrize("threshold", [0, -1])
def test_a_threshold_that_is_not_above_zero_is_an_error(threshold: int) -> None:
    """Dividing by nothing has no answer."""
    with pytest.raises(ValueError, match=str(threshold)):
        linear(1, threshold, 30)


@given(st.dictionaries(st.text(max_size=3), st.decimals(0, 30, places=2), min_size=1))
def test_the_best_type_wins_and_nothing_is_added(points: dict[str, Decimal]) -> None:
    """The metric is the maximum over types, with its name; the first named of equals."""
    best = best_of_types(points)
    assert best.points == max(points.values())
    assert best.type == next(name for name, value in points.items() if value == best.points)


def test_the_best_of_no_types_is_an_error() -> None:
    """No points are not zero points."""
    with pytest.raises(ValueError, match="no types"):
        best_of_types({})
