"""`attribution init`: a new ledger, or nothing."""

from __future__ import annotations

from pathlib import Path

from tests.interfaces.conftest import Run


def test_init_makes_a_ledger_that_info_then_describes(run: Run, tmp_path: Path) -> None:
    """The new ledger has its birth as its only event, and the operator that was named."""
    made = run("init", tmp_path / "l", "--operator", "o.olga", "--json")
    assert made.code == 0, made.err
    found = run("info", "--ledger", tmp_path / "l", "--json").object
    assert found["ledger"] == made.object["ledger"]
    assert (found["clock"], found["operator"], found["position"]) == ("real", "o.olga", 1)
    assert found["events"] == {"ledger.created.v1": 1}


def test_init_leaves_a_folder_with_something_in_it_alone(run: Run, tmp_path: Path) -> None:
    """An existing folder is named and kept as it was."""
    (tmp_path / "mine.txt").write_text("mine")
    ended = run("init", tmp_path)
    assert ended.code == 2
    assert "folder_not_empty" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_told_clock_needs_the_instant_of_birth(run: Run, tmp_path: Path) -> None:
    """Without --at, or with one that does not exist, nothing is made."""
    assert run("init", tmp_path / "l", "--clock", "told").code == 2
    ended = run("init", tmp_path / "l", "--clock", "told", "--at", "2020-02-30T09:00:00Z")
    assert ended.code == 2
    assert "2020-02-30T09:00:00Z" in ended.err
    assert not (tmp_path / "l").exists()


def test_a_ledger_that_is_not_there_is_named_with_what_to_do(run: Run, tmp_path: Path) -> None:
    """Every command says where it looked, and how to make one."""
    ended = run("info", "--ledger", tmp_path / "none")
    assert ended.code == 2
    assert str(tmp_path / "none") in ended.err
    assert "attribution init" in ended.err
