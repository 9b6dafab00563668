"""`attribution submit FILE.csv` and `--dry-run`: many commands from one table, and a rehearsal."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from interfaces.bulk.csv_rows import template
from interfaces.bulk.names import named, names
from tests.interfaces.conftest import Ran, Run
from tests.interfaces.small_story import claim

AT = "2021-02-01T09:00:00Z"


@pytest.fixture
def user(run: Run, ledger: Path) -> str:
    """Somebody who may claim for location 101 from AT on."""
    del ledger
    granted = run("log", "--type", "role.granted", "--json").objects
    return next(
        str(each["data"]["grantee"])
        for each in granted
        if each["data"].get("location") == "101" and each["data"]["role"] == "incentive_admin"
    )


def flat(data: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """A command's data as cells."""
    found: dict[str, str] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for inner in value[0]:
                found[f"{prefix}{name}.{inner}"] = ";".join(each[inner] for each in value)
        else:
            found[prefix + name] = ";".join(value) if isinstance(value, list) else str(value)
    return found


def table(rows: list[dict[str, str]], separator: str = ",", end: str = "\n") -> bytes:
    """A CSV of the rows."""
    text = io.StringIO()
    header = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, header, delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def row(user: str, name: str, workload: str = "intune", **more: str) -> dict[str, str]:
    """One claim as cells."""
    told = flat(claim(name, workload=workload)) | {"actor": user, "at": AT, "id": name}
    told["proof.acknowledged_on"] = "2021-01-15"
    return told | more


def submitted(run: Run, tmp_path: Path, content: bytes, *words: str) -> Ran:
    """The file submitted as claims."""
    file = tmp_path / "claims.csv"
    file.write_bytes(content)
    return run("submit", file, "--command", "claim.submit", "--json", *words)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_become_claims_in_every_dialect(
    run: Run, user: str, tmp_path: Path, separator: str, end: str
) -> None:
    """A BOM, any separator, either end of line, a quoted title with all of them."""
    title = 'Contoso, "Intune"; phase 1'
    content = b"\xef\xbb\xbf" + table([row(user, "N-1", title=title)], separator, end)
    ended = submitted(run, tmp_path, content)
    assert (ended.code, [each["result"] for each in ended.objects]) == (0, ["accepted"])
    shown = run("claim", "show", "N-1", "--json").object
    assert (shown["title"], shown["slots"][0]["workload"]) == (title, "intune")


def test_a_wrong_row_is_named_by_line_column_and_value_and_the_others_go_on(
    run: Run, user: str, tmp_path: Path
) -> None:
    """What can't be read, what the rules refuse, what is fine."""
    rows = [
        row(user, "N-1"),
        row(user, "N-2", location="a b"),
        row(user, "N-1", id="again"),
        row(user, "N-4", workload="yammer", **{"proof.documents.title": "A;B"}),
        row(user, "N-5", workload="yammer", acknowledged="perhaps"),
        row(user, "N-6", workload="yammer", acknowledged="TRUE"),
    ]
    ended = submitted(run, tmp_path, table(rows))
    found = ended.objects
    assert [each["line"] for each in found] == [2, 3, 4, 5, 6, 7]
    assert [each["result"] for each in found] == [
        *("accepted", "unreadable", "refused", "unreadable", "unreadable", "accepted")
    ]
    assert (found[1]["field"], json.loads(found[1]["value"])) == ("location", "a b")
    assert found[1]["hint"]
    assert "proof.documents.sha256 has 1" in found[3]["message"]
    assert (found[4]["field"], found[4]["value"]) == ("acknowledged", '"perhaps"')
    assert ended.code == 2


def test_repeating_a_file_changes_nothing_with_ids_or_without(
    run: Run, user: str, tmp_path: Path
) -> None:
    """Without a column id the row itself gives it."""
    rows = [row(user, "N-1"), row(user, "N-2", workload="yammer")]
    for each in rows:
        del each["id"]
    first = submitted(run, tmp_path, table(rows)).objects
    again = submitted(run, tmp_path, table(rows[::-1])).objects
    assert [each["result"] for each in first] == ["accepted", "accepted"]
    assert [each["result"] for each in again] == ["repeated", "repeated"]
    assert [each["position"] for each in again] == [each["position"] for each in first][::-1]


def test_a_row_over_several_lines_and_a_torn_one_are_told_where_they_begin(
    run: Run, user: str, tmp_path: Path
) -> None:
    """Quotes that do not pair spoil their own row only."""
    good = row(user, "N-2", workload="yammer")
    content = table([row(user, "N-1", title="two\nlines"), good])
    lines = content.splitlines(keepends=True)
    torn = b"".join([*lines[:3], b'"x"y,\n', lines[3]])
    found = submitted(run, tmp_path, torn).objects
    assert [(each["line"], each["result"]) for each in found] == [
        (2, "unreadable"),
        (4, "unreadable"),
        (5, "accepted"),
    ]
    assert found[0]["field"] == "title"
    assert found[1]["error"] == "malformed_line"


def test_bytes_that_are_no_utf8_are_named_by_their_column(
    run: Run, user: str, tmp_path: Path
) -> None:
    """The old code page of a spreadsheet, and a file in UTF-16."""
    rows = [row(user, "N-1", title="Nováková"), row(user, "N-2", workload="yammer")]
    content = table(rows).decode().encode("cp1250")
    first, second = submitted(run, tmp_path, content).objects
    assert (first["field"], first["result"]) == ("title", "unreadable")
    assert "UTF-8" in first["message"] + first["hint"]
    assert second["result"] == "accepted"
    wide = submitted(run, tmp_path, table(rows).decode().encode("utf-16"))
    assert (wide.code, "UTF-16" in wide.err) == (2, True)


@pytest.mark.parametrize(
    "header,says",
    [
        (b"claim,titel,location", "title"),
        (b"claim,claim", "twice"),
        (b"", "no header"),
    ],
)
def test_a_wrong_header_stops_before_the_first_row(
    run: Run, ledger: Path, tmp_path: Path, header: bytes, says: str
) -> None:
    """Near names are offered."""
    assert ledger.exists()
    ended = submitted(run, tmp_path, header + b"\nC-1,x,101\n")
    assert ended.code == 2
    assert json.loads(ended.err)["error"] == "bad_header"
    assert says in ended.err


def test_rows_of_several_commands_say_which_they_are(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """By a column; a cell of another command's field is refused."""
    assert ledger.exists()
    file = tmp_path / "facts.csv"
    file.write_text(
        "command,id,at,organisation,location,name,country,domains\n"
        f"organisation.register,o1,{AT},900,,Nine,CZ,nine.example;ninth.example\n"
        f"location.register,o2,{AT},900,901,Nine West,CZ,\n"
        f"organisation.register,o3,{AT},910,911,Ten,CZ,ten.example\n"
        f"organisation.registr,o4,{AT},920,,Eleven,CZ,\n"
    )
    found = run("submit", file, "--json").objects
    assert [each["result"] for each in found] == [
        *("accepted", "accepted", "unreadable", "unreadable")
    ]
    assert (found[2]["field"], found[3]["error"]) == ("location", "unknown_command")


@pytest.mark.parametrize("name", names())
def test_the_template_of_every_command_is_read_back_as_its_example(name: str) -> None:
    """Header and row, for each command there is."""
    from interfaces.bulk import csv_columns
    from interfaces.csv_file import cell, plain

    model = named(name).model
    columns = {one.name: one for one in csv_columns.columns_of(model)}
    header, example = template(name)
    assert set(header) - {"id", "actor", "at"} == set(columns)
    cells = {
        columns[each]: plain(cell(example[each]))
        for each in header
        if each in columns and cell(example.get(each))
    }
    read = model.model_validate_json(json.dumps(csv_columns.data_of(cells)), strict=True)
    assert read == model.model_validate_json(json.dumps(named(name).example))


def test_a_dry_run_says_what_each_line_would_do_and_leaves_every_file_as_it_was(
    run: Run, user: str, ledger: Path, tmp_path: Path
) -> None:
    """Each line on top of those before it; then the real run says the same."""
    rows = [
        row(user, "N-1"),
        row(user, "N-1", id="twice"),
        row(user, "N-2", workload="intune"),
        row(user, "N-3", workload="yammer", location="a b"),
        row(user, "N-1"),
    ]
    before = _bytes(ledger)
    rehearsed = submitted(run, tmp_path, table(rows), "--dry-run")
    assert _bytes(ledger) == before
    assert all(each["dry_run"] for each in rehearsed.objects)
    done = submitted(run, tmp_path, table(rows))
    same = ("line", "id", "result", "type", "error", "field", "position")
    assert [[each.get(name) for name in same] for each in rehearsed.objects] == [
        [each.get(name) for name in same] for each in done.objects
    ]
    assert {each["result"] for each in done.objects} == {
        *("accepted", "refused", "unreadable", "repeated")
    }


def test_a_dry_run_takes_lines_of_json_and_leaves_usage_reports_alone(
    run: Run, ledger: Path, tmp_path: Path, files: Path
) -> None:
    """A report is not read; what would come is told of the other lines."""
    report = next(iter(sorted(files.glob("*.tsv"))))
    (tmp_path / report.name).write_bytes(report.read_bytes())
    lines = [
        {
            "command": "organisation.register",
            "id": "o1",
            "at": AT,
            "data": {"organisation": "900", "name": "Nine", "country": "CZ", "domains": []},
        },
        {
            "command": "usage.load",
            "id": "u1",
            "at": AT,
            "data": {"file": report.name, "kind": "cpor_m365", "exported": "2021-01-20"},
        },
    ]
    file = tmp_path / "more.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    before = _bytes(ledger)
    found = run("submit", file, "--dry-run", "--json").objects
    assert [each["result"] for each in found] == ["accepted", "unchecked"]
    assert _bytes(ledger) == before


def test_a_dry_run_works_on_a_real_clock(run: Run, tmp_path: Path) -> None:
    """The machine's own instant, once for all lines."""
    ledger = tmp_path / "real"
    assert run("init", ledger).code == 0
    file = tmp_path / "o.csv"
    file.write_text("id,organisation,name,country\no1,900,Nine,CZ\no2,900,Nine,CZ\n")
    before = _bytes(ledger)
    words = ("--command", "organisation.register", "--dry-run", "--json", "--ledger", ledger)
    found = run("submit", file, *words).objects
    assert [each["result"] for each in found] == ["accepted", "refused"]
    assert _bytes(ledger) == before


def _bytes(ledger: Path) -> dict[str, str]:
    """What lies in the files of truth; the log's own journals are empty when nobody writes."""
    return {
        name: hashlib.sha256((ledger / name).read_bytes()).hexdigest()
        for name in ("chain.db", "keys.db", "usage.db", "ledger.toml")
        if (ledger / name).exists()
    } | {each.name: "" for each in ledger.iterdir() if each.name.endswith("-wal")}
