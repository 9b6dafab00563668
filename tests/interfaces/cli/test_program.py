"""The real program, as a shell runs it: exit codes, pipes, following, another process at work."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import line, rows, write_lines
from tests.waiting import PATIENCE_SECONDS

PROGRAM = (sys.executable, "-m", "interfaces.cli.main")
LATER = "2020-11-02T09:00:00Z"


def organisation(number: int) -> dict[str, object]:
    """A line that registers one more organisation."""
    data = {"organisation": f"9{number:05d}", "name": "New", "country": "CZ"}
    return line("organisation.register", f"x-{number}", LATER, **data, domains=["new.example"])


def program(ledger: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    environment = {**os.environ, "ATTRIBUTION_LEDGER": str(ledger)}
    return subprocess.run(
        [*PROGRAM, *words], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("words", [(), ("holders",), ("claim", "list"), ("usage", "load")])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    """Help comes within 250 ms because neither schemas nor column stores are imported for it.

    Typer itself reads the options of a single command with pydantic, so that is there then.
    """
    heavy = {"chdb", "polars", "pyarrow", "cryptography", "rich", "orjson", "schemas.values"}
    heavy |= set() if words else {"pydantic"}
    script = (
        "import sys; from interfaces.cli.main import run;"
        f"code = run([*{words!r}, '--help']); found = {heavy!r} & set(sys.modules);"
        "sys.exit(str(found) if found else code)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert b"Usage: attribution" in ended.stdout


def test_the_exit_code_of_the_process_is_that_of_the_command(told: Path, tmp_path: Path) -> None:
    """Done 0, wrong use and no ledger 2, each with a sentence on stderr and nothing on stdout."""
    assert program(told, "holders", "--json").returncode == 0
    for words in (("holders", "--bogus"), ("nonsense",), ("claim",), ("level", "100")):
        ended = program(told, *words)
        assert (ended.returncode, ended.stdout) == (2, ""), ended
        assert ended.stderr.startswith("wrong_use: ")
    ended = program(tmp_path / "none", "info", "--json")
    assert (ended.returncode, json.loads(ended.stderr)["error"]) == (2, "no_ledger")


def test_a_trace_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    """People get the sentence; --debug adds where it happened."""
    assert "Traceback" not in program(tmp_path / "none", "info").stderr
    assert "Traceback" in program(tmp_path / "none", "info", "--debug").stderr


def test_a_pipe_gets_no_colour_no_cut_line_and_no_progress(told: Path) -> None:
    """Whole slots on one line each, nothing but the answer."""
    ended = program(told, "holders")
    assert "\x1b" not in ended.stdout
    assert ended.stderr == ""
    assert any(
        "teams" in row and "2020-07-08T09:00:00Z" in row for row in ended.stdout.splitlines()
    )


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.parametrize("what", ["submit", "usage load", "rebuild"])
def test_a_long_work_shows_how_far_it_is_on_a_terminal_and_nowhere_else(
    ledger: Path, tmp_path: Path, what: str, terminal: bool
) -> None:
    """A bar on the terminal of stderr, taken away at the end; a pipe gets neither bar nor code."""
    report = tmp_path / "oct.tsv"
    report.write_text(rows(("Teams", "2020-10-01", 50)))
    lines = write_lines(tmp_path / "lines.jsonl", *map(organisation, range(3)))
    load = ("--kind", "cpor_m365", "--exported", "2020-11-01", "--at", LATER)
    words, bar = {
        "submit": (("submit", str(lines), "--quiet"), "lines.jsonl"),
        "usage load": (("usage", "load", str(report), *load), "loading oct.tsv"),
        "rebuild": (("rebuild", "--only", "views"), "rebuilding views"),
    }[what]
    told = stderr_of(ledger, *words, terminal=terminal)
    assert (bar in told and "\x1b[2K" in told) == terminal, told
    assert terminal or "\x1b" not in told


def stderr_of(ledger: Path, *words: str, terminal: bool) -> str:
    """What the program writes to stderr, be it a terminal or a pipe; it has to end with 0."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    with os.fdopen(ours, "rb", buffering=0) as reading:
        with os.fdopen(theirs, "wb", buffering=0) as writing:
            # Wide enough that no name is cut, whatever surrounds the test.
            surroundings = {"TERM": "xterm", "COLUMNS": "400", "ATTRIBUTION_LEDGER": str(ledger)}
            process = subprocess.Popen(
                [*PROGRAM, *words],
                env={**os.environ, **surroundings},
                stdout=subprocess.DEVNULL,
                stderr=writing,
            )
        told = b""
        with suppress(OSError):  # a terminal that nobody writes to any more
            while part := reading.read(65_536):
                told += part
    assert process.wait() == 0, told
    return told.decode()


def test_a_reader_that_goes_away_is_no_fault(told: Path) -> None:
    """The program ends quietly when its pipe is closed."""
    words = f"{' '.join(PROGRAM)} log --ledger {told}; echo $? >&2"
    script = f"({words}) | head -n 0"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() in ("141", "0"), ended


def test_follow_tells_each_event_as_it_comes_and_ends_when_interrupted(
    ledger: Path, run: Run, tmp_path: Path
) -> None:
    """What another process writes is seen at once, in order, once."""
    words = [*PROGRAM, "log", "--follow", "--json", "--after", "20", "--ledger", str(ledger)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        watchdog = threading.Timer(PATIENCE_SECONDS, follower.kill)
        watchdog.start()
        seen = [json.loads(follower.stdout.readline())]
        for number in range(3):
            path = write_lines(tmp_path / "lines.jsonl", organisation(number))
            assert run("submit", path).code == 0
            seen.append(json.loads(follower.stdout.readline()))
        follower.send_signal(signal.SIGINT)
        assert follower.wait() == 130
        watchdog.cancel()
    assert [int(event["position"]) for event in seen] == [21, 22, 23, 24]


def test_standard_input_is_answered_line_by_line(ledger: Path) -> None:
    """Whoever sends commands one by one gets each outcome before the next."""
    words = [*PROGRAM, "submit", "-", "--json", "--ledger", str(ledger)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, text=True, **pipes) as process:  # type: ignore[call-overload]
        watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
        watchdog.start()
        for number in range(3):
            process.stdin.write(json.dumps(organisation(number)) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number + 1
        process.stdin.close()
        assert process.wait() == 0
        watchdog.cancel()


def test_a_ledger_that_another_process_holds_is_waited_for_then_named_busy(
    ledger: Path, run: Run, tmp_path: Path
) -> None:
    """Exit 5 after the wait; nothing is written."""
    path = write_lines(tmp_path / "lines.jsonl", organisation(1))
    with closing(sqlite3.connect(ledger / "chain.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        ended = run("submit", path)
        holder.execute("ROLLBACK")
    assert (ended.code, ended.err.split(":")[0]) == (5, "busy")
    assert run("submit", path).code == 0


def test_a_disk_that_is_full_refuses_and_leaves_the_ledger_whole(
    ledger: Path, tmp_path: Path
) -> None:
    """A limit on the size of files stands in for the disk; what was answered stays."""
    path = write_lines(tmp_path / "lines.jsonl", *map(organisation, range(3_000)))
    size = (ledger / "chain.db").stat().st_size // 1024 + 200
    submit = f"{' '.join(PROGRAM)} submit {path} --json --ledger {ledger}"
    script = f"trap '' XFSZ; ulimit -f {size}; {submit}"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 4, ended.stderr
    answered = [json.loads(each)["position"] for each in ended.stdout.splitlines()]
    assert program(ledger, "verify").returncode == 0
    head = json.loads(program(ledger, "info", "--json").stdout)["position"]
    assert max(answered, default=21) <= head
