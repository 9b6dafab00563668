"""`attribution claim` and `attribution deadlines`: claims, their history, what is awaited."""

from __future__ import annotations

from pathlib import Path

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, EXCHANGE, TEAMS


def test_claims_are_listed_newest_first_and_filtered(reading: Run) -> None:
    """By tenant, state, slot; what is contested apart."""
    assert [row["claim"] for row in reading("claim", "list", "--json").objects] == ["C-2", "C-1"]
    asked = {
        ("--state", "approved"): ["C-1"],
        ("--slot", EXCHANGE): ["C-2"],
        ("--tenant", CONTOSO): ["C-2", "C-1"],
        ("--partner", "201"): [],
        ("--contested",): [],
    }
    for words, claims in asked.items():
        found = reading("claim", "list", "--json", *words)
        assert [row["claim"] for row in found.objects] == claims


def test_a_claim_is_shown_slot_by_slot_without_its_contacts(reading: Run) -> None:
    """State, consent and outcome of each slot; nothing of the people."""
    found = reading("claim", "show", "C-1", "--json").object
    assert (found["state"], found["consent"], found["organisation"]) == (
        "approved",
        "passed",
        "100",
    )
    assert [(slot["slot"], slot["outcome"]) for slot in found["slots"]] == [(TEAMS, "held")]
    assert "jana" not in reading("claim", "show", "C-1").out.lower()


def test_a_history_tells_each_step_with_who_and_why(reading: Run) -> None:
    """In order of position, and only what was known when that is asked."""
    steps = reading("claim", "history", "C-1", "--json").objects
    assert [step["actor"] for step in steps] == ["a.anna", "r.rita", "r.rita", "clock"]
    assert all(step["what"] and step["recorded_at"] for step in steps)
    early = reading("claim", "history", "C-1", "--known", "2020-07-07", "--json").objects
    assert early == steps[:2]
    assert steps[0]["what"] in reading("claim", "history", "C-1").out


def test_a_claim_that_is_not_there_is_named_with_near_ones(reading: Run) -> None:
    """For show and history alike; exit 2."""
    for verb in ("show", "history"):
        ended = reading("claim", verb, "C-11")
        assert ended.code == 2
        assert "C-11" in ended.err
        assert "C-1" in ended.err.splitlines()[1]


def test_deadlines_tell_what_is_awaited_and_what_is_overdue(
    run: Run, ledger: Path, reading: Run
) -> None:
    """A promised day that has passed is overdue; it awaits an act, so nothing lapsed."""
    assert reading("deadlines", "--json").objects == []
    (overdue,) = reading("deadlines", "--overdue", "--json").objects
    assert (overdue["claim"], overdue["name"], overdue["effect"]) == ("C-2", "review", False)
    assert reading("deadlines", "--overdue", "--until", "2020-07-31", "--json").objects == []
    assert "Nothing is awaited" in run("deadlines").out
    assert ledger.is_dir()


def test_the_clock_records_what_is_due_and_nothing_twice(run: Run, ledger: Path) -> None:
    """On a told clock it needs the instant; a ledger with nothing due stays as it is."""
    before = run("info", "--json").object["position"]
    assert run("clock").code == 3
    assert run("clock", "--at", "2020-10-21T09:00:00Z", "--json").object["recorded"] == 0
    assert run("info", "--json").object["position"] == before
    assert ledger.is_dir()


def test_claims_are_told_as_they_stood_at_a_position(reading: Run) -> None:
    """List, one claim and deadlines, before and after its approval; both answers stay."""
    approved = reading("log", "--type", "claim.approved", "--claim", "C-1", "--json").object
    before = str(int(approved["position"]) - 1)
    (then,) = [
        row
        for row in reading("claim", "list", "--known", before, "--json").objects
        if row["claim"] == "C-1"
    ]
    assert then["state"] != "approved"
    shown = reading("claim", "show", "C-1", "--known", before, "--json").object
    assert (shown["state"], shown["slots"][0]["outcome"]) == (then["state"], "asked")
    awaited = reading("deadlines", "--known", before, "--json").objects
    assert {row["claim"] for row in awaited} >= {"C-1"}
    now = reading("claim", "show", "C-1", "--json").object
    assert (now["state"], now["slots"][0]["outcome"]) == ("approved", "held")


def test_a_claim_that_was_not_yet_submitted_is_not_known_then(reading: Run) -> None:
    """The error names the position from which it is."""
    ended = reading("claim", "show", "C-1", "--known", "1")
    assert (ended.code, "claim_not_yet_known" in ended.err) == (2, True)
    assert reading("claim", "list", "--known", "1", "--json").objects == []


def test_a_history_ends_where_effective_time_does(reading: Run) -> None:
    """Steps that were true by a date."""
    whole = reading("claim", "history", "C-1", "--json").objects
    part = reading("claim", "history", "C-1", "--effective", "2020-07-07", "--json").objects
    assert 0 < len(part) < len(whole)
    assert part == whole[: len(part)]


def test_lists_come_as_csv(reading: Run) -> None:
    """A header and a line a row, for a spreadsheet."""
    lines = reading("claim", "list", "--csv").out.splitlines()
    assert lines[0].startswith("claim,state,consent,partner")
    assert len(lines) == 1 + len(reading("claim", "list", "--json").objects)
    assert reading("claim", "list", "--csv", "--json").code == 2


def test_a_deadline_of_an_unknown_name_is_answered_with_near_ones(reading: Run) -> None:
    """Nothing found and nothing known by that name are two answers."""
    found = reading("deadlines", "--name", "enrolment")
    assert found.code == 2
    assert "unknown_deadline" in found.err
    assert "enrolment_term" in found.err
    assert reading("deadlines", "--name", "anniversary").code == 0
