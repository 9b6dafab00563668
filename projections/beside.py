"""A connection whose SQL runs in a process beside this one, so that a rebuild has two cores.

Folding is Python and writing is SQLite, and one process does one at a time. What changes rows is
sent without waiting and run in order; a question waits for what was sent before it. An error of a
statement is raised by a later call, as SQLite's own.
"""

from __future__ import annotations

import contextlib
import fcntl
import marshal
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

_PROGRAM = Path(__file__).with_name("beside_process.py")
_PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux, which Python has no name for everywhere
_STATEMENTS = 1_000


def worthwhile() -> bool:
    """Whether there is a second processor, and a Python to run on it."""
    own = getattr(os, "sched_getaffinity", None)  # what this process may use, where that is told
    processors = len(own(0)) if own else os.cpu_count() or 1
    return bool(sys.executable) and processors > 1


def connect(path: Path) -> sqlite3.Connection:
    """The file at ``path``, opened beside; for ``execute``, ``executemany`` and ``close`` only."""
    return cast("sqlite3.Connection", Beside(path))


class Beside:
    """What the folds use of a connection, sent to the other process."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-I", "-S", str(_PROGRAM), str(path)]
        # Our own program, by the Python that runs us.
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        told, answers = self._process.stdin, self._process.stdout
        assert told is not None
        assert answers is not None
        self._told, self._answers = told, answers
        # A batch fits into the pipe: one is run while the next is folded.
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._told, _SET_PIPE_SIZE, _PIPE_BYTES)
        self._statements: list[tuple[str, Any, bool]] = []

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Answer:
        """Run one statement; the rows of a question, and nothing of what changes rows."""
        self._statements.append((sql, tuple(values), False))
        if sql.lstrip().startswith(("SELECT", "PRAGMA")):
            return Answer(self._send(asked=True))
        if len(self._statements) >= _STATEMENTS:
            self._send(asked=False)
        return Answer([])

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Answer:
        """Run one statement for each row."""
        # Packed at once, so whoever goes on with the list changes nothing of it.
        self._statements.append((sql, rows if isinstance(rows, list) else list(rows), True))
        self._send(asked=False)
        return Answer([])

    def close(self) -> None:
        """Let the file go, when all that was sent is done."""
        try:
            if self._process.poll() is None and self._statements:
                self._send(asked=False)
        finally:
            with contextlib.suppress(BrokenPipeError):
                self._told.close()
            left = self._answers.read()
            self._answers.close()
            self._process.wait()
        if left:
            _raise(marshal.loads(left[4:]))  # noqa: S302  from our own child

    def _send(self, *, asked: bool) -> list[tuple[Any, ...]]:
        statements, self._statements = self._statements, []
        packed = marshal.dumps((statements, asked))
        try:
            self._told.write(len(packed).to_bytes(4, "big"))
            self._told.write(packed)
            self._told.flush()
        except BrokenPipeError:
            asked = True  # it ended: by an error, which waits to be read
        return self._answered() if asked else []

    def _answered(self) -> list[tuple[Any, ...]]:
        size = self._answers.read(4)
        if not size:
            raise sqlite3.OperationalError("the process that writes the views was ended")
        answer = marshal.loads(self._answers.read(int.from_bytes(size, "big")))  # noqa: S302  from our own child
        if answer[0] == "error":
            _raise(answer)
        found: list[tuple[Any, ...]] = answer[1]
        return found


class Answer:
    """The rows of a question, as a cursor gives them."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Each row that was not taken yet."""
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, None behind the last."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that were not taken yet."""
        return list(self._rows)


def _raise(answer: tuple[str, str, str, int]) -> NoReturn:
    _, name, message, code = answer
    error: sqlite3.Error = getattr(sqlite3, name)(message)
    error.sqlite_errorcode = code
    raise error
