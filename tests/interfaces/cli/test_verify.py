"""`attribution verify` and `rebuild`: damage is named and never mended by itself."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.interfaces.conftest import Run


def change(path: Path, sql: str) -> None:
    """Tamper with a file."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(sql)


def test_a_whole_ledger_is_told_to_be_whole_with_counts(reading: Run) -> None:
    """Chain, usage log and views, each with what was checked."""
    head = reading("info", "--json").object["position"]
    parts = {row["part"]: row for row in reading("verify", "--json").objects}
    assert {row["result"] for row in parts.values()} == {"ok"}
    assert parts["chain"]["events"] == head
    assert parts["usage"]["decisions"] == 2
    assert parts["usage"]["rows"] > 0
    assert reading("verify").out.splitlines()[-1] == "verify: ok"


TAMPERED = [
    ("chain.db", "UPDATE commits SET frame = frame || x'00' WHERE first = 14", "chain"),
    ("chain.db", "UPDATE commits SET frame = replace(frame, 'Alfa', 'Alfb')", "chain"),
    ("chain.db", "DELETE FROM event_tags WHERE tag = 'claim:C-1'", "chain"),
    ("chain.db", "DELETE FROM commits WHERE first = (SELECT max(first) FROM commits)", "chain"),
    (
        "usage.db",
        "DROP TRIGGER batches_stay; UPDATE batches SET arrow = zeroblob(length(arrow))",
        "usage",
    ),
    (
        "usage.db",
        "DROP TRIGGER batches_remain; DELETE FROM batches WHERE first_offset = 0",
        "usage",
    ),
    ("views.db", "UPDATE holdings SET partner = '201' WHERE kind LIKE 'CPOR%'", "views"),
    ("views.db", "DELETE FROM claims WHERE claim = 'C-2'", "views"),
    ("views.db", "UPDATE checkpoint SET commit_hash = 'ab'", "views"),
]


@pytest.mark.parametrize("file,sql,part", TAMPERED)
def test_damage_is_named_with_its_part_and_left_as_it_is(
    run: Run, ledger: Path, file: str, sql: str, part: str
) -> None:
    """Exit 4, what differs and what to do; the file's bytes are not touched."""
    change(ledger / file, sql)
    shutil.copy(ledger / file, ledger.parent / "as-it-was")
    ended = run("verify")
    assert ended.code == 4, ended
    assert f"{part}: damaged, " in ended.out
    assert ended.out.splitlines()[-1] == "verify: damaged"
    again = run("verify", "--json").objects
    (bad,) = [row for row in again if row["result"] == "damaged"]
    assert bad["message"]
    assert bad["hint"]
    assert dump(ledger / file) == dump(ledger.parent / "as-it-was")


def dump(path: Path) -> list[str]:
    """Every row that a file of SQLite holds."""
    with closing(sqlite3.connect(path)) as database:
        return [line for line in database.iterdump() if line.startswith("INSERT")]


def test_rebuild_makes_again_what_follows_from_the_logs(run: Run, ledger: Path) -> None:
    """Tampered views and a tampered index are whole again; the answers are those from before."""
    before = run("holders", "--json").out, run("growth", "--json").out
    change(ledger / "views.db", "UPDATE holdings SET partner = '201'")
    change(ledger / "chain.db", "DELETE FROM event_tags WHERE tag = 'claim:C-1'")
    ended = run("rebuild", "--json")
    head = run("info", "--json").object["position"]
    assert [(row["rebuilt"], row["position"]) for row in ended.objects] == [
        ("index", head),
        ("views", head),
        ("analytics", head),
    ]
    assert run("verify").code == 0
    assert (run("holders", "--json").out, run("growth", "--json").out) == before


def test_rebuild_replaces_views_that_are_torn(run: Run, ledger: Path) -> None:
    """Views that can't be opened are named with `rebuild` as advice, and rebuild helps."""
    (ledger / "views.db").write_bytes(b"torn" * 1000)
    ended = run("holders")
    assert ended.code == 4
    assert "attribution rebuild" in ended.err
    assert run("rebuild", "--only", "views").code == 0
    assert run("verify").code == 0


def test_a_ledger_of_a_newer_version_is_not_opened(run: Run, ledger: Path) -> None:
    """Exit 4, and upgrading as advice."""
    path = ledger / "ledger.toml"
    path.write_text(path.read_text().replace("format = 1", "format = 3"))
    for words in (("info",), ("verify",), ("holders",)):
        ended = run(*words)
        assert (ended.code, "newer" in ended.out + ended.err) == (4, True)
