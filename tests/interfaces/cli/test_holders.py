"""`attribution holders`: who holds what, in two times."""

from __future__ import annotations

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, SUBSCRIPTION, TEAMS

DPOR = f"dpor:{SUBSCRIPTION}"


def test_holders_are_told_with_the_position_they_are_known_at(reading: Run) -> None:
    """Each row says slot, partner, interval and the event it rests on."""
    found = reading("holders", "--json").objects
    head = reading("info", "--json").object["position"]
    assert {(row["slot"], row["partner"]) for row in found} == {(TEAMS, "101"), (DPOR, "101")}
    assert {row["known_position"] for row in found} == {head}
    teams = next(row for row in found if row["slot"] == TEAMS)
    assert (teams["since"], teams["until"], teams["claim"]) == ("2020-07-08T09:00:00Z", None, "C-1")


def test_a_date_is_answered_as_known_then_and_as_known_now(reading: Run) -> None:
    """A DPOR change that was learned late is not known before, and is known for the date after."""
    asked = ("holders", "--slot", DPOR, "--effective", "2020-10-05", "--json")
    assert [row["partner"] for row in reading(*asked).objects] == ["101"]
    assert [row["partner"] for row in reading(*asked, "--known", "2020-10-10").objects] == ["201"]
    before = reading("log", "--type", "dpor.set", "--json").object["position"]
    by_position = reading(*asked, "--known", str(int(before) - 1)).objects
    assert [row["partner"] for row in by_position] == ["201"]


def test_a_date_means_its_end(reading: Run) -> None:
    """What began during a day is held on that date, and not on the day before."""
    asked = ("holders", "--slot", TEAMS, "--json", "--effective")
    assert len(reading(*asked, "2020-07-08").objects) == 1
    assert reading(*asked, "2020-07-08T08:59:59Z").objects == []
    assert reading(*asked, "2020-07-07").objects == []


def test_known_alone_means_effective_then_too(reading: Run) -> None:
    """The picture of that day, unless another date is asked for."""
    found = reading("holders", "--known", "2020-07-31", "--json").objects
    assert {(row["slot"], row["partner"]) for row in found} == {(TEAMS, "101"), (DPOR, "201")}


@pytest.mark.parametrize(
    "words,slots",
    [
        (("--tenant", CONTOSO.upper()), {TEAMS, DPOR}),
        (("--partner", "101"), {TEAMS, DPOR}),
        (("--kind", "cpor"), {TEAMS}),
        (("--subscription", SUBSCRIPTION), {DPOR}),
        (("--workload", "Teams"), {TEAMS}),
        (("--partner", "201"), set()),
    ],
)
def test_holders_are_filtered(reading: Run, words: tuple[str, ...], slots: set[str]) -> None:
    """By tenant, partner, kind, subscription and workload, however they are spelled."""
    found = reading("holders", "--json", *words)
    assert (found.code, {row["slot"] for row in found.objects}) == (0, slots)


def test_people_are_told_the_dates_even_when_nobody_holds_anything(reading: Run) -> None:
    """The answer names the instant and the position it stands for."""
    out = reading("holders", "--partner", "201").out
    head = reading("info", "--json").object["position"]
    assert f"as known at position {head}" in out
    assert "Nobody" in out


@pytest.mark.parametrize(
    "words",
    [
        ("--effective", "2020-02-30"),
        ("--effective", "yesterday"),
        ("--known", "2020-13-01"),
        ("--known", "99999"),
        ("--kind", "CPOOR"),
        ("--workload", "teems"),
    ],
)
def test_what_can_not_be_asked_is_named(reading: Run, words: tuple[str, str]) -> None:
    """Exit 2, with the value that was wrong and what to write."""
    ended = reading("holders", *words)
    assert ended.code == 2
    assert words[1] in ended.err
    assert len(ended.err.splitlines()) == 2
