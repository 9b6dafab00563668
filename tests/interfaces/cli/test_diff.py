"""`attribution diff`: what changed, and which event did it."""

from __future__ import annotations

import csv
import io

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, SUBSCRIPTION

DPOR = f"dpor:{SUBSCRIPTION}"


def test_a_late_fact_is_the_difference_of_two_dates_of_knowledge(reading: Run) -> None:
    """The DPOR change learned after 10 October: who, from when, by which event and actor."""
    asked = ("diff", "2020-10-10", "2020-12-31", "--slot", DPOR, "--json")
    (change,) = reading(*asked).objects
    event = reading("log", "--type", "dpor.set", "--json").object
    assert (change["about"], change["change"]) == ("holding", "moved")
    assert (change["before"]["partner"], change["after"]["partner"]) == ("201", "101")
    assert change["position"] == int(event["position"])
    assert (change["type"], change["actor"]) == (event["type"], event["actor"])
    assert "domain.md §6.1" in change["why"]


def test_a_claim_that_changed_is_told_with_each_step(reading: Run) -> None:
    """From submission to approval, each event with its actor and reason."""
    submitted, approved = (
        int(reading("log", "--type", each, "--claim", "C-1", "--json").object["position"])
        for each in ("claim.submitted", "claim.approved")
    )
    words = ("diff", str(submitted), str(approved), "--tenant", CONTOSO, "--json")
    claim = next(row for row in reading(*words).objects if row.get("claim") == "C-1")
    assert (claim["change"], claim["before"]["state"], claim["after"]["state"]) == (
        "changed",
        "submitted",
        "approved",
    )
    assert claim["steps"][-1]["position"] == approved
    assert all(step["actor"] and step["why"] for step in claim["steps"])


def test_filters_leave_what_they_name(reading: Run) -> None:
    """By kind no claim is shown but for CPOR; by partner none of others."""
    head = str(reading("info", "--json").object["position"])
    found = reading("diff", "0", head, "--kind", "DPOR", "--json").objects
    assert {row["kind"] for row in found} == {"DPOR"}
    found = reading("diff", "0", head, "--partner", "101", "--json").objects
    assert found
    assert all(
        "101" in (row["after"]["partner"], (row["before"] or {}).get("partner")) for row in found
    )


def test_dates_in_the_world_are_compared_at_one_knowledge(reading: Run) -> None:
    """The same two dates before and after the late fact was known."""
    asked = ("diff", "--effective", "2020-09-01", "2020-10-05", "--slot", DPOR, "--json")
    assert [row["change"] for row in reading(*asked).objects] == ["moved"]
    assert reading(*asked, "--known", "2020-10-10").objects == []


def test_people_and_spreadsheets_are_told_too(reading: Run) -> None:
    """A table for either sort of change, and flat columns."""
    head = str(reading("info", "--json").object["position"])
    out = reading("diff", "0", head).out
    assert "C-1" in out
    assert DPOR in out
    rows = list(csv.DictReader(io.StringIO(reading("diff", "0", head, "--csv").out)))
    assert {row["about"] for row in rows} == {"holding", "claim"}
    moved = next(row for row in rows if row["change"] == "moved")
    assert (moved["before_partner"], moved["after_partner"]) == ("201", "101")


@pytest.mark.parametrize(
    "words,code",
    [
        (("5", "3"), "bad_order"),
        (("5", "99999"), "position_ahead"),
        (("5", "6", "--known", "3"), "wrong_use"),
        (("--effective", "2021-01-01", "2020-01-01"), "bad_order"),
        (("5", "soon"), "bad_moment"),
    ],
)
def test_what_can_not_be_compared_is_named(reading: Run, words: tuple[str, ...], code: str) -> None:
    """Exit 2 with the reason."""
    ended = reading("diff", *words)
    assert (ended.code, ended.err.split(":")[0]) == (2, code)
