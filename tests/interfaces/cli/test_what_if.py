"""`attribution what-if`: had an act been another, who would hold, reach and earn what, and why."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli import main
from tests.interfaces import rivals_story
from tests.interfaces.conftest import Ran, Run
from tests.waiting import PATIENCE_SECONDS, until

ROOT = Path(__file__).parents[3]
STORY = ROOT / "examples" / "five_partners"
CONTOSO = "11111111-1111-4111-8111-111111111111"
TEAMS, EXCHANGE, SHAREPOINT = (
    f"cpor:m365:{CONTOSO}:{workload}" for workload in ("teams", "exchange", "sharepoint")
)
DPOR = "dpor:36500000-0000-4000-8000-000000000001"
DURING = ROOT / "ledger" / "rules" / "policies"
REFUSED = 3


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of the five partners, told once and only read."""
    ledger = tmp_path_factory.mktemp("five") / "ledger"
    birth = ("--clock", "told", "--at", "2022-06-01T08:00:00Z")
    assert main.run(["init", str(ledger), *birth, "--json"]) == 0
    for name in ("1_who_there_is", "2_summer_2022", "3_to_winter_2024"):
        words = ["submit", str(STORY / f"{name}.jsonl"), "--quiet", "--json"]
        assert main.run([*words, "--ledger", str(ledger)]) in (0, REFUSED)
    assert main.run(["level", "400", *LEVEL, "--ledger", str(ledger), "--json"]) == 0
    return ledger


LEVEL = ("--programme", "modern_work_2023", "--month", "2023-12")


@pytest.fixture
def asking(run: Run, story: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As ``run``, on the story."""
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(story))
    return run


def position(asking: Run, type_name: str, claim: str) -> int:
    """Where the first event of a type about a claim stands."""
    return int(
        asking("log", "--type", type_name, "--claim", claim, "--json").objects[0]["position"]
    )


def about(ran: Ran, what: str) -> list[dict[str, Any]]:
    """The rows of one sort of an answer."""
    assert ran.code == 0, ran.err
    return [row for row in ran.objects if row["about"] == what]


def held(ran: Ran) -> set[tuple[str, str, str | None, str | None]]:
    """Change and slot of each holding, and from when it is held before and after."""
    return {
        (
            row["change"],
            row["slot"],
            (row["before"] or {}).get("since"),
            (row["after"] or {}).get("since"),
        )
        for row in about(ran, "holding")
    }


def fates(ran: Ran) -> dict[str, str]:
    """What becomes of each event that is otherwise, by type and actor; a refusal by its code."""
    return {
        f"{row['type']} {row['actor']}": row["code"] or row["became"]
        for row in about(ran, "event")
        if row["became"] != "carried"
    }


def content(ledger: Path) -> dict[str, str]:
    """The hash of every file of the folder but what SQLite keeps beside open files."""
    return {
        str(file.relative_to(ledger)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(ledger.rglob("*"))
        if file.is_file() and "chdb" not in file.parts and not file.name.endswith(("-wal", "-shm"))
    }


def test_without_an_approval_nothing_that_rested_on_it_stands(asking: Run) -> None:
    """The holding is lost; consent, proof and arbitration are refused, each with its code."""
    approved = position(asking, "claim.approved", "D-1")
    ran = asking("what-if", "--without", str(approved), "--json")
    assert held(ran) == {("lost", TEAMS, "2022-09-01T10:00:00Z", None)}
    (lost,) = about(ran, "holding")
    assert (lost["position"], lost["became"]) == (approved, "left_out")
    assert fates(ran) == {
        "claim.approved.v1 r.rita": "left_out",
        "consent.confirmed.v1 contoso.admin": "wrong_state",
        "claim.proof_added.v1 d.dana": "wrong_state",
        "claim.submitted.v1 b.bara": "otherwise",
        "arbitration.decided.v1 r.rita": "not_contested",
    }
    carried = [row for row in about(ran, "event") if row["became"] == "carried"]
    assert {row["type"] for row in carried} == {"usage.report.loaded.v1"}
    assert all(row["why"] for row in carried)


def test_an_event_is_named_by_the_id_of_its_command_too(asking: Run) -> None:
    """The same answer; a name of no event is told so, and so is a position beyond the log."""
    approved = position(asking, "claim.approved", "D-1")
    row = asking("log", "--type", "claim.approved", "--claim", "D-1", "--json").objects[0]
    named = asking("what-if", "--without", row["commandid"], "--json")
    assert named.out == asking("what-if", "--without", str(approved), "--json").out
    for name, code in (("nothing-like-it", "unknown_event"), ("9999", "position_ahead")):
        ran = asking("what-if", "--without", name, "--json")
        assert (ran.code, code in ran.err) == (2, True)


def test_levels_and_earnings_of_a_month_follow_the_holdings(asking: Run) -> None:
    """Who loses the holding loses its points and lines, each explained by the event."""
    approved = position(asking, "claim.approved", "D-1")
    ran = asking("what-if", "--without", str(approved), "--month", "2023-12", "--json")
    (level,) = about(ran, "level")
    before = asking("level", "400", *LEVEL, "--json").object
    assert (level["programme"], level["organisation"]) == ("modern_work_2023", "400")
    assert (level["before"]["points"], level["after"]) == (before["points"], None)
    assert level["position"] == approved
    earned = about(ran, "earning")
    assert {(row["organisation"], row["claim"]) for row in earned} == {
        ("400", "D-1"),
        ("200", "B-1"),
    }
    reason = next(row for row in earned if row["what"] == "reason")
    assert (reason["before"], reason["after"]) == ("IVDMPN", "IVDPOE")
    assert all(row["position"] for row in earned)


def test_a_partner_narrows_the_answer(asking: Run) -> None:
    """Of the organisation or location named, and of nobody else."""
    approved = position(asking, "claim.approved", "D-1")
    words = ("--without", str(approved), "--month", "2023-12", "--json")
    for partner, organisations in (("400", {"400"}), ("401", {"400"}), ("200", {"200"})):
        ran = asking("what-if", partner, *words)
        rows = [row for row in ran.objects if row["about"] != "event"]
        assert {row["organisation"] for row in rows} == organisations


def test_without_the_customers_yes_silence_confirms(asking: Run) -> None:
    """The window lapses by itself in the scratch ledger, and the holding is as it was."""
    said = position(asking, "consent.confirmed", "D-1")
    ran = asking("what-if", "--without", str(said), "--json")
    assert held(ran) == set()
    lapsed = [row for row in about(ran, "event") if row["became"] == "lapsed"]
    assert [row["type"] for row in lapsed] == ["consent.passed.v1"]


def test_without_the_arbitration_that_it_lost_the_incumbent_holds_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The challenger holds nothing; the incumbent's holding has no end; and the act is named."""
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(tmp_path / "ledger"))
    file = rivals_story.write(tmp_path / "files")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    opened = {"command": "arbitration.open", "id": "h-5b", "at": "2020-08-04T10:00:00Z"}
    lines.insert(-1, {**lines[-1], **opened, "data": {"claim": "CLAIM-BETA"}})
    lines[-1] |= {"at": "2020-08-20T09:00:00Z"}
    lines[-1]["data"]["outcome"] = "challenger_wins"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("init", tmp_path / "ledger", "--clock", "told", "--at", rivals_story.BIRTH).code == 0
    assert run("submit", file, "--quiet").code == 0
    decided = int(run("log", "--type", "arbitration.decided", "--json").object["position"])
    rows = about(run("what-if", "--without", "h-6", "--json"), "holding")
    told = {row["partner"]: (row["change"], row["before"], row["after"]) for row in rows}
    since, until = "2020-07-08T09:00:00Z", "2020-08-20T09:00:00Z"
    assert told == {
        "alpha-one": (
            "other dates",
            {"since": since, "until": until},
            {"since": since, "until": None},
        ),
        "beta-one": ("lost", {"since": until, "until": None}, None),
    }
    assert {row["position"] for row in rows} == {decided}


def test_a_policy_of_explicit_consent_leaves_claims_without_a_yes_nothing(asking: Run) -> None:
    """A-1, which silence confirmed, holds nothing; D-1 holds from the customer's yes on."""
    ran = asking("what-if", "--policy", "EXPLICIT", "--json")
    assert held(ran) == {
        ("lost", EXCHANGE, "2022-07-15T14:00:00Z", None),
        ("lost", SHAREPOINT, "2022-07-15T14:00:00Z", None),
        ("other dates", TEAMS, "2022-09-01T10:00:00Z", "2022-09-05T15:00:00Z"),
    }
    assert fates(ran)["consent.passed.v1 clock"] == "not_lapsed"


def test_a_policy_that_was_in_force_all_the_time_changes_nothing(asking: Run) -> None:
    """P2023, adopted after all claims, is passed over: only its own adoption is otherwise."""
    ran = asking("what-if", "--policy", "P2020", "--json")
    assert held(ran) == set()
    assert fates(ran) == {"policy.adopted.v1 operator": "left_out"}


def test_a_file_is_a_policy_too(asking: Run) -> None:
    """The same as by its name; what is no policy is named by its line."""
    by_file = asking("what-if", "--policy", DURING / "explicit.toml", "--json")
    assert held(by_file) == held(asking("what-if", "--policy", "EXPLICIT", "--json"))
    assert asking("what-if", "--policy", "NOSUCH", "--json").code == 2


def test_an_answer_that_comes_too_late_is_refused(asking: Run) -> None:
    """Shifted behind its deadline, the resubmission is refused and the claim lapsed before it."""
    answered = position(asking, "claim.resubmitted", "D-1")
    ran = asking("what-if", "--shift", str(answered), "2022-09-15", "--json")
    assert held(ran) == {("lost", TEAMS, "2022-09-01T10:00:00Z", None)}
    assert fates(ran)["claim.resubmitted.v1 d.dana"] == "answer_late"
    assert fates(ran)["claim.lapsed.v1 clock"] == "lapsed"


def test_a_later_approval_moves_the_window_and_the_growth(asking: Run) -> None:
    """Held from then on; the window closes later; what grew before is credited to nobody."""
    approved = position(asking, "claim.approved", "A-1")
    words = ("--shift", str(approved), "2022-08-30", "--month", "2022-12", "--json")
    ran = asking("what-if", *words)
    assert {row[2:] for row in held(ran)} == {("2022-07-15T14:00:00Z", "2022-08-30T14:00:00Z")}
    assert fates(ran)["consent.passed.v1 clock"] == "otherwise"
    (level,) = about(ran, "level")
    assert float(level["after"]["points"]) < float(level["before"]["points"])


def test_a_back_dated_fact_keeps_its_record_and_takes_another_date(asking: Run) -> None:
    """The DPOR change, recorded on 16 January, was true from the 9th instead of the 2nd."""
    row = asking("log", "--type", "dpor.set", "--json").objects[-1]
    ran = asking("what-if", "--shift", row["position"], "2023-01-09T00:00:00Z", "--json")
    changed = {
        (each["partner"], (each["before"] or {}).get("until"), (each["after"] or {}).get("since"))
        for each in about(ran, "holding")
        if each["slot"] == DPOR
    }
    assert ("101", None, "2023-01-09T00:00:00Z") in changed
    (event,) = [each for each in about(ran, "event") if each["type"] == "dpor.set.v1"]
    assert event["why"].endswith("effective_at.")


def test_its_own_date_changes_nothing(asking: Run) -> None:
    """Everything after it is decided again, and all of it comes to the same."""
    adopted = asking("log", "--type", "policy.adopted", "--json").objects[0]
    first = int(adopted["position"]) + 1
    event = asking("log", "--json").objects[first - 1]
    assert int(event["position"]) == first
    ran = asking("what-if", "--shift", str(first), event["effectiveat"][:10], "--json")
    assert held(ran) == set()
    assert fates(ran) == {}


def test_what_can_not_be_supposed_is_said(asking: Run) -> None:
    """The birth, what time did, a usage load; two suppositions at once; rates without a month."""
    usage = asking("log", "--type", "usage.report.loaded", "--json").objects[0]["position"]
    lapse = asking("log", "--type", "consent.passed", "--json").objects[0]["position"]
    for at in ("1", usage, lapse):
        ran = asking("what-if", "--without", at, "--json")
        assert (ran.code, "not_supposable" in ran.err) == (2, True)
    policy = asking("log", "--type", "policy.adopted", "--json").objects[0]["position"]
    assert "not_supposable" in asking("what-if", "--shift", policy, "2022-07-01", "--json").err
    assert asking("what-if", "--without", "30", "--policy", "P2023").code == 2
    assert asking("what-if", "--without", "30", "--rates", "r.toml").code == 2
    assert asking("what-if", "--without", "30", "--known", "20").code == 2
    assert asking("what-if", "--shift", "30", "someday").code == 2


def test_another_programme_of_levels_is_compared_for_everybody(asking: Run, tmp_path: Path) -> None:
    """A threshold that is ten times as high: fewer points for who had any, by that file."""
    text = asking("programme", "show", "modern_work_2023", "--toml").out
    same = tmp_path / "same.toml"
    same.write_text(text)
    words = ("--month", "2023-12", "--json")
    assert asking("what-if", "--programme", same, *words).objects == []
    mine = tmp_path / "mine.toml"
    mine.write_text(_higher(text))
    rows = asking("what-if", "--programme", mine, *words).objects
    assert {row["organisation"] for row in rows} >= {"400"}
    assert all(float(row["after"]["points"]) < float(row["before"]["points"]) for row in rows)
    alone = asking("what-if", "400", "--programme", mine, *words).objects
    assert [row["organisation"] for row in alone] == ["400"]


def _higher(text: str) -> str:
    """The programme with every threshold ten times as high."""
    return re.sub(r"^(value = )(\d+)$", r"\g<1>\g<2>0", text, flags=re.MULTILINE)


def test_a_wrong_rate_file_is_named_before_anything_is_decided(asking: Run, tmp_path: Path) -> None:
    """Which amounts a right one gives is told in the scenarios of domain.md §8.4."""
    rates = tmp_path / "rates.toml"
    rates.write_text("rates = 7\n")
    words = ("what-if", "--without", "30", "--month", "2023-12", "--json")
    ran = asking(*words, "--rates", rates)
    assert (ran.code, "bad_rates" in ran.err) == (2, True)


def test_the_ledger_is_the_same_to_the_byte_and_nothing_is_left(
    asking: Run, story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Log, keys, usage and views are as before; the folder for temporary files is empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = content(story)
    assert {"chain.db", "keys.db", "usage.db", "views.db"} <= before.keys()
    for words in (("--without", "30", "--month", "2023-12"), ("--policy", "EXPLICIT")):
        assert asking("what-if", *words, "--json").code == 0
    assert content(story) == before
    assert list(tmp_path.iterdir()) == []
    told = asking("what-if", "--without", "9999")
    assert (told.code, list(tmp_path.iterdir())) == (2, [])


def test_tables_and_spreadsheets_tell_the_same(asking: Run) -> None:
    """People read before and after in words, with what was carried over; CSV has a column each."""
    words = ("what-if", "--without", str(position(asking, "claim.approved", "D-1")))
    shown = asking(*words, "--month", "2023-12").out
    assert "from 2022-09-01T10:00:00Z" in shown
    assert "13 usage.report.loaded.v1 carried over and not decided again" in shown
    assert "wrong_state" in shown
    head, *rows = asking(*words, "--csv").out.splitlines()
    assert {"about", "before_since", "position", "code"} <= set(head.split(","))
    assert any(row.startswith("holding,lost,") for row in rows)


def test_only_who_sees_everybody_may_ask(asking: Run) -> None:
    """A partner's own user is told nothing of acts of others."""
    ran = asking("what-if", "--without", "30", "--as", "a.anna", "--json")
    assert (ran.code, "not_visible" in ran.err) == (REFUSED, True)
    assert "everybody's acts" in ran.err


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files of a program's own."""
    place = tmp_path / "temporary"
    place.mkdir()
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_scratch_folder(story: Path, temporary: Path, sent: int) -> None:
    """Interrupted while it works, the program takes its folder with it."""
    program = (sys.executable, "-m", "interfaces.cli.main", "what-if", "--policy", "EXPLICIT")
    process = subprocess.Popen(
        [*program, "--month", "2023-12"],
        cwd=ROOT,
        env={**os.environ, "ATTRIBUTION_LEDGER": str(story), "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    scratch = "attribution-what-if-*/ledger/ledger.toml"
    until(lambda: list(temporary.glob(scratch)) or process.poll() is not None, "it works")
    assert process.poll() is None, "it ended before it was interrupted"
    process.send_signal(sent)
    assert process.wait(PATIENCE_SECONDS) != 0
    assert list(temporary.iterdir()) == []
