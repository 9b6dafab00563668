"""The other process of a rebuild: runs SQL on one file, as told through a pipe.

Run as a file of its own, by ``projections.beside``, so that it starts in a few milliseconds: it
imports nothing of the project. A message is its length (4 bytes) and, by ``marshal``, statements in
order; an answer comes only to one whose last statement is asked, and to the first that fails.
"""

from __future__ import annotations

import marshal
import signal
import sqlite3
import sys
from typing import Any, BinaryIO


def serve(path: str, told: BinaryIO, answers: BinaryIO) -> None:
    """Run what is told until the pipe ends; what was not committed by then is lost."""
    views = sqlite3.connect(path, isolation_level=None)
    while size := told.read(4):
        statements, asked = marshal.loads(told.read(int.from_bytes(size, "big")))  # noqa: S302  from our own parent
        try:
            found = [run(views, *statement) for statement in statements][-1]
            answer: tuple[Any, ...] = ("rows", found.fetchall() if asked else None)
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            answer, asked = ("error", type(error).__name__, str(error), code), True
        if asked:
            packed = marshal.dumps(answer)
            answers.write(len(packed).to_bytes(4, "big") + packed)
            answers.flush()
        if answer[0] == "error":
            return
    views.close()


def run(views: sqlite3.Connection, sql: str, values: Any, many: bool) -> sqlite3.Cursor:  # noqa: FBT001  as it came
    """One statement, for one row of values or for many."""
    return views.executemany(sql, values) if many else views.execute(sql, values)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when it is over
    serve(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
