"""The formulas of domain.md §8.3, by its test vectors and at their edges."""

from __future__ import annotations

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.programmes import formulas
from projections.programmes.formulas import (
    Grown,
    Step,
    added,
    banded,
    best_of_types,
    each,
    linear,
    percent_growth,
)

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


@pytest.mark.parametrize(
    "actual, points_each, per, points",
    [
        (6, "3.3", 1, "19.8"),  # §8.3 Security: 3.3 pts each
        (7, "3.3", 1, "23.1"),  # capped at 20 where it is added
        (125, "1", 125, "1"),  # §8.3: 1 pt per 125 protected users
        (124, "1", 125, "0.992"),
        (1250, "1", 1250, "1"),  # §8.3: or per 1,250 USD
        (0, "4", 1, "0"),
        (-2, "4", 1, "0"),
    ],
)
def test_so_many_points_each(actual: int, points_each: str, per: int, points: str) -> None:
    """Parts of the number are counted, and a decline earns nothing."""
    assert each(actual, Decimal(points_each), per) == Decimal(points)


@given(st.lists(st.decimals(0, 30, places=2), max_size=4), positive)
def test_added_points_are_the_sum_up_to_the_most(points: list[Decimal], most: int) -> None:
    """Security sums its halves (§13.10), never beyond the metric's points."""
    assert added(points, most) == min(sum(points), most)


def grown(before: int, now: int, baseline: int) -> Grown:
    """A part that grew."""
    return Grown(Decimal(before), Decimal(now), Decimal(baseline))


@pytest.mark.parametrize(
    "before, now, baseline, points",
    [
        (250, 312, 250, "24.8"),  # 24.8 % of 25 % are 24.8 points
        (250, 313, 250, "25"),  # 25.2 %, capped
        (249, 400, 250, "0"),  # under the baseline nothing counts (§8.2)
        (250, 250, 250, "0"),
        (250, 200, 250, "0"),
        (400, 450, 250, "12.5"),
        (0, 500, 250, "0"),
    ],
)
def test_growth_in_per_cent_counts_from_the_baseline_on(
    before: int, now: int, baseline: int, points: str
) -> None:
    """25 % earn all 25 points, in proportion below, nothing under the baseline (§8.2)."""
    assert percent_growth([grown(before, now, baseline)], 25, 25) == Decimal(points)


@pytest.mark.parametrize(
    "before, now, points",
    [(0, 1000, "20"), (0, 999, "0"), (5000, 999, "0"), (1000, 1100, "10"), (1000, 1300, "20")],
)
def test_a_baseline_of_now_is_asked_of_the_months_now(before: int, now: int, points: str) -> None:
    """§8.3 Azure: TTM consumption of at least 1,000 USD; from nothing is more than any per cent."""
    found = percent_growth([grown(before, now, 1000)], 20, 20, baseline_of="now")
    assert found == Decimal(points)


def test_two_markets_reach_a_baseline_together() -> None:
    """Each by the part of its own; the growth is of all users together [P]."""
    below = [grown(125, 150, 250), grown(60, 80, 150)]
    assert percent_growth(below, 25, 25) == 0
    there = [grown(125, 150, 250), grown(75, 100, 150)]
    assert percent_growth(there, 25, 25) == 25


DEVELOPED = [
    Step(Decimal(15), Decimal(35), None),
    Step(Decimal(30), Decimal(25), None),
    Step(Decimal(50), None, 24),
]


@pytest.mark.parametrize(
    "before, now, reached, points",
    [
        (14, 40, None, 0),  # under every band
        (15, 20, None, 0),  # +33 %
        (20, 27, None, 15),  # +35 % exactly
        (29, 39, None, 0),  # +34.5 %
        (29, 40, None, 15),
        (30, 37, None, 0),  # +23 %
        (32, 40, None, 15),  # +25 % exactly
        (49, 50, 0, 15),  # has come to 50
        (50, 50, 12, 15),
        (60, 45, 23, 15),  # full for 24 months, whatever becomes of it
        (50, 60, 24, None),  # what counts then is not published
    ],
)
def test_consultant_growth_is_all_or_nothing(
    before: int, now: int, reached: int | None, points: int | None
) -> None:
    """Baseline 15-29: +35 %, 30-49: +25 %, from 50 on full for 24 months (§8.2)."""
    assert banded(Decimal(before), Decimal(now), DEVELOPED, 15, reached) == points


def test_the_examples_of_the_formulas_hold() -> None:
    """Docstrings tell the truth."""
    assert doctest.testmod(formulas).failed == 0
