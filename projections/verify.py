"""Checks the views against the log: made again beside, they must hold the same rows."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from ledger.errors import DamagedError
from projections import views as store
from projections.record import Head, Record, Source
from projections.runner import rebuild_file

Progress = Callable[[int], None]
"""Told the position reached."""


class _Upto:
    """A source that ends at a position."""

    def __init__(self, source: Source, head: Head) -> None:
        self._source, self._head = source, head

    def head(self) -> Head:
        return self._head

    def after(self, position: int, limit: int) -> Sequence[Record]:
        room = self._head.position - position
        return self._source.after(position, min(limit, room)) if room > 0 else ()

    def recorded_at_us(self, position: int) -> int:
        return self._source.recorded_at_us(position)


def verify_views(
    source: Source, path: Path, progress: Progress = lambda _: None
) -> tuple[int, int]:
    """Check every row of the views at ``path``; how many, and the position they stand at.

    They may be behind the log, which is no fault. Raises ``DamagedError`` with the first row that
    differs, or when they are ahead of the log or follow another one.
    """
    with closing(store.open_reading(path)) as views, store.snapshot(views):
        at = store.checkpoint(views)
        _require_same_log(source, at, path)
        with tempfile.TemporaryDirectory(dir=path.parent) as beside:
            again = Path(beside) / "views.db"
            rebuild_file(_Upto(source, at), again, progress=lambda position, _: progress(position))
            with closing(store.open_reading(again)) as made:
                return _same_rows(views, made, path), at.position


def _require_same_log(source: Source, at: Head, path: Path) -> None:
    head = source.head()
    found = next(iter(source.after(at.position - 1, 1)), None) if at.position else None
    if at.position and (found is None or found.commit_hash != at.commit_hash):
        raise DamagedError(
            f"The views in {path} stand at position {at.position} of another log than this one,"
            f" which ends at {head.position}.",
            hint=store.rebuild_advice(path),
            code="views_astray",
        )


def _same_rows(views: sqlite3.Connection, made: sqlite3.Connection, path: Path) -> int:
    """How many rows both hold, table by table in one order."""
    count = 0
    for table in _tables(made):
        order = ", ".join(name for _, name, *_ in made.execute(f"PRAGMA table_info({table})"))
        sql = f"SELECT * FROM {table} ORDER BY {order}"
        with store.named_errors(path):
            ours, theirs = views.execute(sql), made.execute(sql)
            while True:
                row, expected = ours.fetchone(), theirs.fetchone()
                if row != expected:
                    raise _differs(path, table, row, expected)
                if row is None:
                    break
                count += 1
    return count


def _tables(views: sqlite3.Connection) -> list[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    return [name for (name,) in views.execute(named)]


def _differs(path: Path, table: str, row: object, expected: object) -> DamagedError:
    return DamagedError(
        f"The views in {path} differ from the log: {table} holds {row}, the log gives {expected}.",
        hint=store.rebuild_advice(path),
        code="views_differ",
    )
