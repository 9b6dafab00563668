"""The file of the current-state views (views.db): how it is opened, its tables, its checkpoint.

SQLite in WAL mode: one process writes at a time, and any number read a consistent state meanwhile
without waiting. What is visible is always whole: batches are transactions, and a rebuild works on
a file beside this one (``projections.runner``). Losing power can lose the last batches, which are
then folded again, never part of one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from ledger.errors import BusyError, DamagedError, StorageError
from projections import beside
from projections.record import Head

FORMAT = 11
"""Version of tables and wording; a file of another version is rebuilt, never migrated."""

_FOLDED = ("checkpoint", "holdings", "claims", "azure", "deadlines", "parties", "access", "figures")
_FOLD_INDEXES, _QUERY_INDEXES = "fold_indexes", "query_indexes"
_WAIT_SECONDS = 5.0
_LIVE = ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-32768", "temp_store=MEMORY")
# Nobody sees the file before it is whole, so nothing is spent on surviving a crash.
_BUILDING = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "locking_mode=EXCLUSIVE",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


def rebuild_advice(path: Path) -> str:
    """What to do about views that do not fit their log."""
    return f"Nothing is lost, the views follow from the log: run `attribution rebuild` ({path})."


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """What SQLite says about the file at ``path``, as an error of ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _named(error, path) from error


def _named(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(f"The views in {path} are being written by another process.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        message = f"The views in {path} are torn: {error}."
        return DamagedError(message, hint=rebuild_advice(path), code="views_torn")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        return StorageError(f"The views in {path} can't be written: {error}.")
    return error


def open_writing(path: Path) -> sqlite3.Connection:
    """A connection that feeds the views at ``path``, made with all tables when missing.

    Raises ``DamagedError`` for a file that is torn or of another format version.
    """
    with named_errors(path):
        views = connect_live(path)
        if _format(views) == 0:
            _create(views, (_FOLD_INDEXES, _QUERY_INDEXES))
        _require_format(views, path)
    return views


def connect_live(path: Path) -> sqlite3.Connection:
    """A connection to the file at ``path`` that may write, whatever the file holds."""
    return _connect(path, _LIVE)


def open_building(path: Path, *, apart: bool = False) -> sqlite3.Connection:
    """A connection that builds fresh views at ``path``, in a hurry and without indexes.

    ``apart``: its SQL runs in a process beside this one (``projections.beside``). That one waits
    for the folds more than they for it, so it keeps the indexes as the rows come.
    """
    with named_errors(path):
        views = beside.connect(path) if apart else _opened(path)
        _set(views, _BUILDING)
        _create(views, (_FOLD_INDEXES, _QUERY_INDEXES) if apart else ())
    return views


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that can only ask; never waits for the process that feeds.

    Raises ``DamagedError`` when there are no views at ``path`` yet, or not of this format.
    """
    if not path.exists():
        message = f"There are no views at {path}."
        raise DamagedError(message, hint=rebuild_advice(path), code="views_missing")
    with named_errors(path):
        views = _connect(path, ("query_only=ON", "cache_size=-16384"))
        _require_format(views, path)
    return views


@contextmanager
def snapshot(views: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Several questions to one state: what is fed meanwhile is not seen."""
    views.execute("BEGIN")
    try:
        yield views
    finally:
        views.execute("ROLLBACK")


def checkpoint(views: sqlite3.Connection) -> Head:
    """How far the views follow the log."""
    row = views.execute("SELECT position, commit_hash, recorded_at_us FROM checkpoint").fetchone()
    return Head(*row)


def advance(views: sqlite3.Connection, to: Head) -> None:
    """Move the checkpoint; belongs in the transaction that writes the rows up to there."""
    views.execute("UPDATE checkpoint SET position=?, commit_hash=?, recorded_at_us=?", to)


def index_for_folds(views: sqlite3.Connection) -> None:
    """Make the indexes by which folds find rows, where they are still missing."""
    _run(views, _FOLD_INDEXES)


def finish_building(views: sqlite3.Connection, *, apart: bool = False) -> None:
    """Close views that ``open_building`` opened, with the indexes questions need, ready for WAL."""
    if not apart:
        _run(views, _FOLD_INDEXES)
        _run(views, _QUERY_INDEXES)
    views.execute("PRAGMA locking_mode=NORMAL")
    views.execute("PRAGMA journal_mode=WAL")
    views.close()


def dump(views: sqlite3.Connection) -> Iterator[str]:
    """Every row of every table as a line of text, sorted: equal for equal views."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    for (table,) in views.execute(named).fetchall():
        yield from sorted(f"{table}\t{row!r}" for row in views.execute(f"SELECT * FROM {table}"))


def _connect(path: Path, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    views = _opened(path)
    _set(views, pragmas)
    return views


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
    )


def _set(views: sqlite3.Connection, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        views.execute(f"PRAGMA {pragma}")


def _format(views: sqlite3.Connection) -> int:
    found: int = views.execute("PRAGMA user_version").fetchone()[0]
    return found


def _require_format(views: sqlite3.Connection, path: Path) -> None:
    found = _format(views)
    if found != FORMAT:
        views.close()
        message = f"The views in {path} have format {found}, this version reads format {FORMAT}."
        raise DamagedError(message, hint=rebuild_advice(path), code="views_format")


def _create(views: sqlite3.Connection, more: tuple[str, ...]) -> None:
    views.execute("BEGIN IMMEDIATE")
    if _format(views) == 0:  # another process may have been quicker
        for name in (*_FOLDED, *more):
            _run(views, name)
        views.execute(f"PRAGMA user_version = {FORMAT}")
    views.execute("COMMIT")


def _run(views: sqlite3.Connection, name: str) -> None:
    script = files("projections.tables").joinpath(f"{name}.sql").read_text("utf-8")
    statement = ""
    for line in script.splitlines(keepends=True):  # executescript() would commit first
        statement += line
        if sqlite3.complete_statement(statement):
            views.execute(statement)
            statement = ""
