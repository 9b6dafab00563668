"""`attribution usage`: reports loaded, withdrawn, listed, and what they leave open."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, rows

LATER = ("--at", "2020-11-02T09:00:00Z")
KIND = ("--kind", "cpor_m365")
EXPORTED = ("--exported", "2020-11-01")


@pytest.mark.usefixtures("ledger")
def test_a_report_counts_once_however_often_it_is_loaded(run: Run, tmp_path: Path) -> None:
    """Loading the very file again changes nothing and says so."""
    path = tmp_path / "october.tsv"
    path.write_text(rows(("Teams", "2020-10-01", 60)))
    first = run("usage", "load", path, *KIND, *EXPORTED, *LATER, "--json").object
    assert (first["outcome"], first["statements"]) == ("loaded", 2)
    again = run("usage", "load", path, *KIND, *EXPORTED, *LATER, "--json").object
    assert (again["outcome"], again["position"]) == ("already_counted", first["position"])
    assert run("info", "--json").object["position"] == first["position"]


@pytest.mark.usefixtures("ledger")
def test_a_withdrawn_report_counts_no_longer_and_may_count_again(run: Run, files: Path) -> None:
    """Its withdrawal names a reason; loading the file again makes it count again."""
    ended = run("usage", "withdraw", "h-6", "--reason", "Wrong tenant.", *LATER, "--json")
    assert (ended.code, ended.object["outcome"]) == (0, "withdrawn")
    row = run("usage", "list", "--json").objects[-1]
    assert (row["report"], row["reason"]) == ("h-6", "Wrong tenant.")
    assert run("usage", "conflicts", "--json").objects == []
    again = run("usage", "withdraw", "h-6", "--reason", "Again.", *LATER)
    assert (again.code, "report_not_counted" in again.err) == (3, True)
    words = ("usage", "load", files / "autumn.tsv", *KIND, "--report", "h-6")
    assert run(*words, *EXPORTED, *LATER).code == 0
    assert len(run("usage", "conflicts", "--json").objects) == 2


def test_reports_conflicts_and_gaps_are_listed(reading: Run) -> None:
    """Which reports count, where two disagree, which month nobody stated."""
    assert [row["report"] for row in reading("usage", "list", "--json").objects] == ["h-5", "h-6"]
    conflicts = reading("usage", "conflicts", "--json").objects
    assert [(row["value"], row["stands"]) for row in conflicts] == [("50", False), ("55", True)]
    gaps = reading("usage", "gaps", "--metric", "m365.mau", "--json").objects
    assert [(row["workload"], row["from_month"], row["months"]) for row in gaps] == [
        ("exchange", "2020-07-01", 1)
    ]
    for noun in ("list", "conflicts", "gaps"):
        assert "h-6" in reading("usage", noun).out or noun == "gaps"


@pytest.mark.usefixtures("ledger")
def test_bad_rows_are_told_to_people_with_their_lines(run: Run, tmp_path: Path) -> None:
    """The rest of the file counts."""
    path = tmp_path / "october.tsv"
    path.write_text(rows(("Teams", "2020-10-01", 60), ("Teams", "2020-10-31", 60)))
    ended = run("usage", "load", path, *KIND, *EXPORTED, *LATER)
    assert ended.code == 0
    assert "october.tsv:3: Date = '2020-10-31'" in ended.out


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    "text,words,code",
    [
        ("WorkloadName\nTeams\n", EXPORTED, "report_missing_column"),
        ("", EXPORTED, "report_unreadable"),
        (rows(("Teams", "2020-10-01", 60)), (), "export_time_needed"),
        (rows(("Teems", "2020-10-01", 60)), EXPORTED, "report_without_rows"),
        (rows(("Teams", "2020-10-01", 60)), ("--exported", "2020-02-30"), "bad_moment"),
        (rows(("Teams", "2020-10-01", 60)), (*EXPORTED, "--kind", "cpor"), "unknown_report_kind"),
    ],
)
def test_a_file_that_is_no_such_report_loads_nothing(
    run: Run, tmp_path: Path, text: str, words: tuple[str, ...], code: str
) -> None:
    """Exit 2, named; the ledger is as it was."""
    path = tmp_path / "october.tsv"
    path.write_text(text)
    before = run("info", "--json").object["position"]
    ended = run("usage", "load", path, *KIND, *words, *LATER)
    assert (ended.code, ended.err.split(":")[0]) == (2, code), ended.err
    assert run("info", "--json").object["position"] == before


@pytest.mark.usefixtures("ledger")
def test_a_rule_refuses_a_load_and_nothing_counts(run: Run, tmp_path: Path) -> None:
    """An export in the future, an actor without the role: exit 3."""
    path = tmp_path / "october.tsv"
    path.write_text(rows(("Teams", "2020-10-01", 60)))
    words = ("usage", "load", path, *KIND, *LATER)
    assert run(*words, "--exported", "2021-01-01").code == 3
    assert run(*words, *EXPORTED, "--as", "a.anna").code == 3
    assert len(run("usage", "list", "--json").objects) == 2


def test_growth_is_credited_to_the_holder_of_the_slot(reading: Run) -> None:
    """Teams grew by 30 under its holder; Exchange by 10 across a gap, with nobody to credit."""
    words = ("growth", "--by", "workload,partner", "--metric", "m365.mau", "--kind", "CPOR")
    found = {(row["workload"], row["partner"]): row for row in reading(*words, "--json").objects}
    assert found["teams", "101"]["credited"] == "30"
    assert found["exchange", ""]["uncredited"] == "10"
    assert found["exchange", ""]["across_gap"] == "10"
    assert found["exchange", ""]["opening"] == "55"


def test_each_kind_of_association_is_credited_on_its_own(reading: Run) -> None:
    """The same growth stands beside the CPOR holder and beside the DPOR; people are told so."""
    words = ("growth", "--by", "kind,partner", "--metric", "m365.mau", "--workload", "teams")
    found = [(row["kind"], row["partner"], row["credited"]) for row in by_json(reading, words)]
    assert ("CPOR", "101", "30") in found
    assert ("DPOR", "201", "30") in found
    assert reading(*words).err == ""
    assert "--by kind" in reading("growth", *words[3:]).err


def by_json(reading: Run, words: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of an answer."""
    return reading(*words, "--json").objects


def test_growth_is_pinned_to_what_was_known(reading: Run) -> None:
    """Before the second report only the openings were known."""
    words = ("growth", "--by", "workload", "--metric", "m365.mau", "--json")
    known = reading(*words, "--known", "2020-09-30").objects
    assert {(row["workload"], row["opening"]) for row in known} == {
        ("teams", "10"),
        ("exchange", "50"),
    }
    position = str(known[0]["known_position"])
    assert reading(*words, "--known", position).objects == known


def test_growth_is_filtered_by_months_tenant_and_kind(reading: Run) -> None:
    """What is left out does not count; an unknown word is named."""
    words = ("growth", "--metric", "m365.mau", "--workload", "Teams", "--tenant", CONTOSO)
    found = reading(*words, "--from", "2020-09", "--to", "2020-09", "--kind", "CPOR", "--json")
    assert [(row["month"], row["credited"]) for row in found.objects] == [("2020-09-01", "15")]
    assert "credited" in reading(*words).out
    for bad in (("--by", "moon"), ("--from", "2020-13"), ("--metric", "m365.mua")):
        ended = reading("growth", *bad)
        assert (ended.code, bad[1] in ended.err) == (2, True), ended.err


def test_a_level_tells_every_input_that_decided(reading: Run) -> None:
    """For an organisation and for a location; a class without figures is not decided by zero."""
    words = ("level", "100", "--programme", "modern_work_2023", "--month", "2020-09")
    found = reading(*words, "--json").object
    assert (found["scope"], found["adopted_at"]) == ("organisation", None)
    metrics = {row["metric"]: row for row in found["classes"][0]["metrics"]}
    assert metrics["usage_growth"]["status"] == "scored"
    assert metrics["deployments"]["status"] == "incomplete"
    assert metrics["deployments"]["why"] == "no report for m365.mau in 2019-09"
    assert "usage_growth" in reading(*words).out
    assert reading("level", "101", *words[2:], "--json").object["scope"] == "location"
    for bad in (("level", "999", *words[2:]), (*words[:2], "--programme", "x", *words[4:])):
        assert reading(*bad).code == 2


def test_analytics_that_another_process_holds_are_named_busy(run: Run, ledger: Path) -> None:
    """Exit 5 after a short wait, with what to do; the other questions are answered meanwhile."""
    (ledger / "analytics").mkdir()
    with (ledger / "analytics" / "owner").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = run("growth")
        assert (ended.code, ended.err.split(":")[0]) == (5, "analytics_busy")
        assert run("holders").code == 0
    assert run("growth").code == 0
