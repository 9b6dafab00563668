"""`attribution submit`: one outcome a line, bad lines named, the others decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.rules.programmes.files import builtin_text
from tests.interfaces.conftest import Ran, Run
from tests.interfaces.small_story import CONTOSO, by, claim, line, rows, write_lines

pytestmark = pytest.mark.usefixtures("ledger")

LATER = "2020-11-02T09:00:00Z"
GOOD = line("organisation.register", "x-good", LATER, organisation="900", name="New", country="CZ")
GOOD["data"]["domains"] = ["new.example"]


def submitted(run: Run, folder: Path, *lines: dict[str, Any] | str) -> Ran:
    """What comes of these lines."""
    return run("submit", write_lines(folder / "lines.jsonl", *lines), "--json")


def test_each_line_is_answered_with_its_position_and_event(run: Run, tmp_path: Path) -> None:
    """An accepted line names the event it led to, at the ledger's new end."""
    ended = submitted(run, tmp_path, GOOD)
    assert (ended.code, ended.object["result"]) == (0, "accepted")
    assert ended.object["type"] == "organisation.registered.v1"
    assert ended.object["position"] == run("info", "--json").object["position"]


def test_repeating_a_whole_story_changes_nothing(run: Run, files: Path) -> None:
    """Every line, usage reports included, is answered with the event it led to the first time."""
    before = run("log", "--json").out
    ended = run("submit", files / "story.jsonl", "--json")
    assert ended.code == 0
    assert {told["result"] for told in ended.objects} == {"repeated"}
    assert run("log", "--json").out == before


BAD_LINES: list[tuple[str, dict[str, Any] | str, str, str, str]] = [
    ("a line that is no JSON", '{"command": ', "malformed_line", "", "no JSON"),
    ("a line that is no object", "[1, 2]", "malformed_line", "", "object"),
    ("a line that is not UTF-8", '"\udcff"', "malformed_line", "", ""),
    ("a line without an id", {"command": "claim.submit"}, "missing_field", "id", "id of its own"),
    (
        "an unknown command",
        line("claim.sumbit", "x", LATER),
        "unknown_command",
        "command",
        "claim.submit",
    ),
    (
        "an internal command",
        line("clock.lapse", "x", LATER, claim="C-1", name="answer"),
        "unknown_command",
        "command",
        "",
    ),
    (
        "an unknown field",
        line("claim.start_review", "x", LATER, claim="C-1", clam="C-2"),
        "unknown_field",
        "data.clam",
        "claim",
    ),
    (
        "an unknown field of the line",
        {**line("claim.start_review", "x", LATER, claim="C-1"), "when": LATER},
        "unknown_field",
        "when",
        "at",
    ),
    (
        "a nested unknown field",
        line("claim.submit", "x", LATER, **{**claim("C-9"), "proof": {"document": []}}),
        "missing_field",
        "data.proof.documents",
        "",
    ),
    (
        "a number where text belongs",
        line("claim.start_review", "x", LATER, claim=17),
        "bad_value",
        "data.claim",
        "C-1",
    ),
    (
        "text where a truth value belongs",
        line("claim.submit", "x", LATER, **{**claim("C-9"), "payment_opt_out": "yes"}),
        "bad_value",
        "data.payment_opt_out",
        "",
    ),
    (
        "a date that does not exist",
        line("customer.register", "x", LATER, since="2020-02-30", tenant=CONTOSO[:-1] + "2"),
        "bad_value",
        "data.since",
        "2020-07-03",
    ),
    (
        "an instant without a time zone",
        line("claim.start_review", "x", "2020-11-02T09:00:00", claim="C-1"),
        "bad_value",
        "at",
        "2020-07-03T09:00:00Z",
    ),
    (
        "a number for an instant",
        {**line("claim.start_review", "x", claim="C-1"), "at": 1604307600},
        "bad_value",
        "at",
        "",
    ),
    (
        "an unknown word",
        line("claim.submit", "x", LATER, **{**claim("C-9"), "activity": "usge"}),
        "bad_value",
        "data.activity",
        "usage",
    ),
    (
        "an actor with a line break",
        {**line("claim.start_review", "x", LATER, claim="C-1"), "actor": "a\nb"},
        "bad_value",
        "actor",
        "",
    ),
    (
        "data that is no object",
        {**line("claim.start_review", "x", LATER), "data": []},
        "bad_value",
        "data",
        "",
    ),
    (
        "a control character",
        line("claim.submit", "x", LATER, **{**claim("C-9"), "title": "a\x1b[31mb"}),
        "bad_value",
        "data.title",
        "",
    ),
    (
        "a claim without any field",
        line("claim.submit", "x", LATER),
        "missing_field",
        "data.claim",
        "C-1",
    ),
]


@pytest.mark.parametrize(
    "bad,code,field,advice", [each[1:] for each in BAD_LINES], ids=[each[0] for each in BAD_LINES]
)
def test_what_is_wrong_with_a_line_is_named_and_the_others_go_on(
    run: Run,
    tmp_path: Path,
    bad: dict[str, Any] | str,
    code: str,
    field: str,
    advice: str,
) -> None:
    """File, line, field, value and what to do next; nothing of it is written; exit 2."""
    path = tmp_path / "lines.jsonl"
    text = bad if isinstance(bad, str) else json.dumps(bad)
    path.write_bytes(f"{text}\n{json.dumps(GOOD)}\n".encode("utf-8", "surrogateescape"))
    before = run("info", "--json").object["position"]
    ended = run("submit", path, "--json")
    assert ended.code == 2
    refused, accepted = ended.objects
    problems = [refused, *refused.get("more", [])]
    found = [told for told in problems if (told["error"], told["field"]) == (code, field)]
    assert found, problems
    assert advice in found[0]["message"] + found[0]["hint"]
    assert found[0]["message"]
    assert found[0]["hint"]
    assert (refused["file"], refused["line"], refused["result"]) == (str(path), 1, "unreadable")
    assert (accepted["line"], accepted["position"]) == (2, before + 1)


REFUSED = [
    (
        "a tenant that does not match its domain",
        by("a.anna", line("claim.submit", "x", LATER, **{**claim("C-9"), "domain": "b.example"})),
    ),
    (
        "a future effective date",
        by(
            "contoso.admin",
            line(
                "dpor.set",
                "x",
                LATER,
                subscription="36500000-0000-4000-8000-000000000001",
                location="201",
                effective_at="2021-01-01T00:00:00Z",
            ),
        ),
    ),
    ("an actor without the role", by("b.bert", line("claim.submit", "x", LATER, **claim("C-9")))),
    (
        "an instant before the last",
        line("claim.start_review", "x", "2020-07-01T09:00:00Z", claim="C-1"),
    ),
    ("no instant on a told clock", line("claim.start_review", "x", claim="C-2")),
    ("another command under a used id", line("claim.start_review", "w-c", LATER, claim="C-1")),
]


@pytest.mark.parametrize("bad", [each[1] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_a_refusal_says_why_and_what_to_do_and_ends_with_3(
    run: Run, tmp_path: Path, bad: dict[str, Any]
) -> None:
    """Nothing is appended for the refused line; the next one is decided."""
    before = run("info", "--json").object["position"]
    ended = submitted(run, tmp_path, bad, GOOD)
    assert ended.code == 3
    refused, accepted = ended.objects
    assert (refused["result"], accepted["position"]) == ("refused", before + 1), refused
    assert refused["as_of"] == before, "up to there the refusal is true"
    assert refused["message"]
    assert refused["hint"]


@pytest.mark.parametrize(
    "bad,field,value",
    [
        (REFUSED[0][1], "data.domain", '"b.example"'),
        (REFUSED[1][1], "data.effective_at", '"2021-01-01T00:00:00Z"'),
    ],
    ids=["tenant and domain", "future date"],
)
def test_a_refusal_about_a_field_names_it_with_its_value(
    run: Run, tmp_path: Path, bad: dict[str, Any], field: str, value: str
) -> None:
    """File, line, field, value and what to do next, as for a line that can't be read."""
    told = submitted(run, tmp_path, GOOD, bad).objects[1]
    assert (told["file"], told["line"]) == (str(tmp_path / "lines.jsonl"), 2)
    assert (told["field"], told["value"], bool(told["hint"])) == (field, value, True)


def test_commands_come_from_standard_input_with_defaults_from_options(run: Run) -> None:
    """`-` reads the pipe; --at and --as stand in where a line does not say."""
    told = {"command": "organisation.register", "id": "x-1", "data": GOOD["data"]}
    text = json.dumps(told).encode()
    ended = run("submit", "-", "--at", LATER, "--as", "operator", "--json", stdin=text)
    assert (ended.code, ended.object["result"]) == (0, "accepted"), ended
    ended = run("submit", "-", "--at", LATER, "--as", "nobody", "--json", stdin=b"\n" + text)
    assert (ended.code, ended.object["error"], ended.object["line"]) == (3, "not_permitted", 2)


def test_a_content_file_is_read_beside_the_file_of_commands(run: Run, tmp_path: Path) -> None:
    """A programme of one's own, in TOML, is embedded in the event that adopts it."""
    text = builtin_text("modern_work_2023").replace(
        'title = "Solutions', 'title = "My solutions', 1
    )
    (tmp_path / "mine.toml").write_text(text)
    told = line("programme.adopt", "x", LATER, programme="mine", file="mine.toml")
    assert submitted(run, tmp_path, told).code == 0
    data = run("log", "--type", "programme", "--json").object["data"]
    assert data["programme"] == "mine"
    assert data["content"]["title"] == "My solutions Partner for Modern Work"
    assert data["content"]["valid_from"] == "2023-10-01"


def test_a_wrong_programme_file_is_named_by_its_line_and_adopts_nothing(
    run: Run, tmp_path: Path
) -> None:
    """Line, key, value and what is allowed."""
    text = builtin_text("modern_work_2023").replace("max_points = 20", "max_points = 0", 1)
    (tmp_path / "mine.toml").write_text(text)
    told = line("programme.adopt", "x", LATER, file="mine.toml")
    ended = submitted(run, tmp_path, told)
    number = text[: text.index("max_points = 0")].count("\n") + 1
    said = f"mine.toml, line {number}: metric.0.max_points is 0: must be a number above 0"
    assert (ended.code, said in str(ended.objects)) == (2, True), ended.objects
    assert run("log", "--type", "programme", "--json").objects == []


def test_a_programme_that_ships_is_adopted_by_its_name(run: Run, tmp_path: Path) -> None:
    """`builtin` embeds the shipped file, as it does for policies and calendars."""
    told = line("programme.adopt", "x", LATER, builtin="modern_work_2023")
    assert submitted(run, tmp_path, told).object["position"] > 0
    content = run("log", "--type", "programme", "--json").object["data"]["content"]
    assert content["id"] == "modern_work_2023"
    wrong = line("programme.adopt", "y", LATER, builtin="modern_work")
    assert "modern_work_2023" in submitted(run, tmp_path, wrong).object["hint"]


@pytest.mark.parametrize("name", ["/etc/hostname", "../secret.toml", "none.toml"])
def test_a_file_outside_the_folder_of_the_commands_is_not_read(
    run: Run, tmp_path: Path, name: str
) -> None:
    """Lines of commands may come from others; they reach no file but those beside them."""
    (tmp_path / "secret.toml").write_text("secret = 1\n")
    (tmp_path / "in").mkdir()
    told = line("programme.adopt", "x", LATER, programme="mine", file=name)
    ended = submitted(run, tmp_path / "in", told)
    assert (ended.code, ended.object["error"]) == (2, "bad_reference")
    assert ended.object["field"] == "data.file"


def test_usage_reports_are_withdrawn_by_id_or_by_file(run: Run, files: Path) -> None:
    """A withdrawn report counts no longer; withdrawing it again under a new id is refused."""
    by_file = line("usage.withdraw", "x-1", LATER, file="july.tsv", reason="Wrong tenant.")
    by_id = line("usage.withdraw", "x-2", LATER, report="h-6", reason="Wrong tenant.")
    again = line("usage.withdraw", "x-3", LATER, report="h-6", reason="Wrong tenant.")
    ended = submitted(run, files, by_file, by_id, again, by_id)
    assert [told["result"] for told in ended.objects] == [
        "accepted",
        "accepted",
        "refused",
        "repeated",
    ]
    assert all(row["withdrawn_at"] for row in run("usage", "list", "--json").objects)


def test_a_report_that_can_not_be_read_does_not_stop_the_lines_after_it(
    run: Run, tmp_path: Path
) -> None:
    """A missing column is the line's own problem."""
    (tmp_path / "bad.tsv").write_text("WorkloadName\tDate\nTeams\t2020-07-01\n")
    told = line("usage.load", "x", LATER, file="bad.tsv", kind="cpor_m365", exported="2020-10-01")
    ended = submitted(run, tmp_path, told, GOOD)
    assert ended.code == 2
    assert [told["result"] for told in ended.objects] == ["unreadable", "accepted"]
    assert "CustomerTenantId" in ended.objects[0]["message"]


def test_refused_rows_of_a_report_are_listed_with_their_lines(run: Run, tmp_path: Path) -> None:
    """The good rows count; each bad one is told with file, line, field, value and what to do."""
    text = rows(("Teams", "2020-10-01", 50), ("Teems", "2020-10-01", 5))
    (tmp_path / "oct.tsv").write_text(text)
    told = line("usage.load", "x", LATER, file="oct.tsv", kind="cpor_m365", exported="2020-11-01")
    found = submitted(run, tmp_path, told).object
    assert (found["result"], found["statements"], found["rejected_rows"]) == ("accepted", 2, 1)
    bad = found["rejected"][0]
    assert (bad["file"], bad["line"], bad["value"]) == ("oct.tsv", 3, "Teems")
    told["id"] = "y"
    human = run("submit", write_lines(tmp_path / "again.jsonl", told))
    assert "(repeated)" in human.out


def test_people_get_one_line_an_outcome_and_a_summary(run: Run, tmp_path: Path) -> None:
    """Outcomes go to stdout, the summary to stderr; --quiet leaves what failed."""
    path = write_lines(tmp_path / "lines.jsonl", GOOD, "{", GOOD)
    ended = run("submit", path)
    first, second, third = ended.out.splitlines()
    assert first.startswith(f"{path}:1  x-good  ")
    assert second.startswith(f"{path}:2  -  unreadable  malformed_line: ")
    assert third.endswith("(repeated)")
    assert "1 accepted, 1 repeated, 1 unreadable" in ended.err
    assert run("submit", path, "--quiet").out.splitlines() == [second]


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    """Wrong use, exit 2, with the path."""
    ended = run("submit", tmp_path / "none.jsonl")
    assert (ended.code, str(tmp_path / "none.jsonl") in ended.err) == (2, True)


def test_what_a_line_holds_never_steers_the_terminal(run: Run, tmp_path: Path) -> None:
    """Control characters and markup of a bad line are shown, not sent."""
    bad = {"command": "\x1b[31m[red]x\x9b[/red]", "id": "x", "data": {}}
    for words in ((), ("--json",)):
        out = run("submit", write_lines(tmp_path / "lines.jsonl", bad), *words).out
        assert not {"\x1b", "\x9b"} & set(out)
        assert "[red]" in out
