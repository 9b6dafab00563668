"""Killing `init` and `rebuild` at any point: the place is a whole ledger, or as it was before."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import BadInputError
from tests.interfaces.conftest import Run

ROUNDS = 200 if os.environ.get("LEDGER_SOAK") == "1" else 8
_PROGRAM = (sys.executable, "-m", "interfaces.cli.main")
_ROOT = Path(__file__).parents[3]


def _killed_after(seconds: float, *words: str) -> bool:
    """Run the program and kill it; whether it was still running then."""
    process = subprocess.Popen(
        [*_PROGRAM, *words],
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return running


def test_an_init_that_was_killed_is_simply_repeated(tmp_path: Path) -> None:
    """The folder is missing or a whole ledger; what lies beside is gone after the next init."""
    place, seed = tmp_path / "l", int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        _killed_after(chance.uniform(0.05, 0.6), "init", str(place))
        if place.exists():
            with Ledger.open(place) as whole:
                assert whole.head.position == 1, seed
            for file in place.iterdir():
                file.unlink()
            place.rmdir()
    with Ledger.create(place) as made:
        assert made.head.position == 1
    assert [each.name for each in tmp_path.iterdir()] == ["l"], seed


def test_a_rebuild_that_was_killed_leaves_a_ledger_that_answers(run: Run, ledger: Path) -> None:
    """Whatever stood before still stands, and the next rebuild is whole."""
    before = run("holders", "--json").out
    chance = random.Random(7)
    for _ in range(ROUNDS):
        words = ("rebuild", "--only", "index", "--only", "views", "--ledger", str(ledger))
        _killed_after(chance.uniform(0.1, 0.7), *words)
        assert run("holders", "--json").out == before
    assert run("rebuild", "--only", "index", "--only", "views").code == 0
    assert run("verify").code == 0


def test_a_disk_that_fills_while_a_ledger_is_made_leaves_nothing(tmp_path: Path) -> None:
    """A file may not grow beyond a few pages: an error that says so, and no folder."""
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "from interfaces.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    place = tmp_path / "l"
    command = [sys.executable, "-c", script, "init", str(place)]
    ended = subprocess.run(command, cwd=_ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 4, ended.stderr
    assert len(ended.stderr.splitlines()) == 2, ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_that_make_the_same_ledger_do_not_share_it(tmp_path: Path) -> None:
    """One of them makes it, the other finds it there."""
    place = tmp_path / "l"
    both = [
        subprocess.Popen([*_PROGRAM, "init", str(place)], cwd=_ROOT, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    codes = sorted(process.wait() for process in both)
    assert codes[0] == 0
    assert codes[1] in (2, 4)
    with closing(Ledger.open(place)) as made:
        assert made.head.position == 1
    with pytest.raises(BadInputError) as found:
        Ledger.create(place)
    assert found.value.code == "folder_not_empty"
    assert [each.name for each in tmp_path.iterdir()] == ["l"]
