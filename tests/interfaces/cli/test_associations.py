"""`attribution associations`: every kind, with intervals, in two times."""

from __future__ import annotations

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, SUBSCRIPTION

DPOR = f"dpor:{SUBSCRIPTION}"


def test_associations_are_listed_with_their_intervals_ended_ones_too(reading: Run) -> None:
    """A DPOR change leaves two rows: until then one partner, from then on the other."""
    found = reading("associations", "--slot", DPOR, "--json").objects
    spans = [(row["partner"], row["since"], row["until"]) for row in found]
    assert [partner for partner, *_ in spans] == ["201", "101"]
    assert spans[0][2] == spans[1][1]
    assert spans[1][2] is None


def test_a_period_leaves_those_that_stood_in_it(reading: Run) -> None:
    """An instant, a period, and both as known before a late fact came."""
    asked = ("associations", "--slot", DPOR, "--json")
    at = reading(*asked, "--effective", "2020-10-05").objects
    assert [row["partner"] for row in at] == ["101"]
    earlier = reading(*asked, "--until", "2020-08-01").objects
    assert [row["partner"] for row in earlier] == ["201"]
    later = reading(*asked, "--from", "2021-01-01").objects
    assert [row["partner"] for row in later] == ["101"]
    known = reading(*asked, "--effective", "2020-10-05", "--known", "2020-10-10").objects
    assert [row["partner"] for row in known] == ["201"]


@pytest.mark.parametrize(
    "words", [("--tenant", CONTOSO), ("--kind", "DPOR"), ("--partner", "101"), ("--claim", "C-1")]
)
def test_associations_are_filtered(reading: Run, words: tuple[str, str]) -> None:
    """Every row has what was asked for."""
    found = reading("associations", "--json", *words).objects
    assert found
    assert {row[words[0].removeprefix("--")] for row in found} == {words[1]}


def test_an_instant_and_a_period_together_are_wrong_use(reading: Run) -> None:
    """One or the other."""
    words = ("associations", "--effective", "2020-10-05", "--from", "2020-10-01")
    assert reading(*words).code == 2
