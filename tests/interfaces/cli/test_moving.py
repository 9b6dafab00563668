"""Moving a ledger that counts usage: from folder to folder, and nowhere else yet."""

from __future__ import annotations

from pathlib import Path

from tests.interfaces.conftest import Run

GROWTH = ("growth", "--by", "partner", "--json")


def test_a_copy_answers_as_the_ledger_it_is_of(run: Run, ledger: Path, tmp_path: Path) -> None:
    """Holders and growth the same; whole by `verify`; its keys are its owner's alone."""
    made = run("copy", str(ledger), str(tmp_path / "copy"), "--json")
    assert made.code == 0, made.err
    assert run("verify", "--ledger", str(tmp_path / "copy")).code == 0
    for question in (("holders", "--json"), GROWTH):
        there = run(*question, "--ledger", str(tmp_path / "copy"))
        assert there.code == 0
        assert there.out == run(*question, "--ledger", str(ledger)).out
    assert (tmp_path / "copy" / "keys.db").stat().st_mode & 0o077 == 0


def test_a_ledger_that_counts_usage_is_not_moved_half(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """Neither to Kafka nor into an archive: refused before anything is asked or written."""
    to_kafka = run("copy", str(ledger), "kafka://127.0.0.1:1/x", "--json")
    archived = run("export", "log", str(tmp_path / "log.tar"), "--ledger", str(ledger), "--json")
    for refused in (to_kafka, archived):
        assert (refused.code, '"usage_not_moved"' in refused.err) == (2, True), refused.err
    assert not (tmp_path / "log.tar").exists()
