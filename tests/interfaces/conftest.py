"""Fixtures of the command line: a way to run it, and a small ledger to run it on."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from interfaces.cli import main
from tests.interfaces import small_story


class Ran(NamedTuple):
    """What a command line ended with."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects of an answer in JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        """The one object of an answer in JSON."""
        (found,) = self.objects
        return found


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _no_ledger_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds a ledger that its surroundings name."""
    monkeypatch.delenv("ATTRIBUTION_LEDGER", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `attribution` in this process, as a pipe sees it."""

    def ran(*words: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main.run([str(word) for word in words])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return ran


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small ledger, told once and only read; see ``ledger`` for one's own."""
    folder = tmp_path_factory.mktemp("told")
    story = small_story.write(folder / "files")
    ledger = folder / "ledger"
    words = ("init", str(ledger), "--clock", "told", "--at", small_story.BIRTH, "--json")
    assert main.run(words) == 0
    assert main.run(["submit", str(story), "--ledger", str(ledger), "--quiet", "--json"]) == 0
    assert main.run(["holders", "--ledger", str(ledger), "--json"]) == 0
    assert main.run(["verify", "--ledger", str(ledger), "--json"]) == 0
    return ledger


@pytest.fixture
def ledger(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small ledger, and the one that commands find without being told."""
    copy = tmp_path / "ledger"
    # An embedded ClickHouse is made again where it is asked for; its folder can't be copied.
    shutil.copytree(told, copy, ignore=shutil.ignore_patterns("analytics"))
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(copy))
    return copy


@pytest.fixture
def files(told: Path) -> Path:
    """The folder with the files of the small story."""
    return told.parent / "files"


@pytest.fixture
def reading(run: Run, told: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As ``run``, on the small ledger that is only read."""
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(told))
    return run
