"""Checks the log from its bytes alone: the chain, what the events say of themselves, the index.

Nothing is mended. Every commit is judged again from the first; the index is made again beside and
compared row by row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson

from ledger.errors import DamagedError
from ledger.folder import Folder
from ledger.log.chain import START, Accepted, Head, ledger_of
from ledger.log.database import Database
from ledger.log.index import DERIVED, Index, entries
from ledger.log.journal.sqlite import SqliteJournal
from schemas import catalogue
from schemas.envelope import Attributes
from schemas.time import from_iso

Progress = Callable[[Head], None]


class ChainReport(NamedTuple):
    """What was checked: how many commits and events, and the head they lead to."""

    commits: int
    events: int
    head: Head
    unknown_types: tuple[str, ...]


def verify_chain(folder: Folder, progress: Progress | None = None) -> ChainReport:
    """Check ``chain.db`` whole; raises ``DamagedError`` with the first place that does not fit.

    Types of a newer version are not read; the report names them.
    """
    database = Database(folder.chain)
    try:
        with tempfile.TemporaryDirectory(dir=folder.path) as beside:
            return _verify(database, folder, Path(beside) / "index.db", progress)
    finally:
        database.close()


def _verify(
    database: Database, folder: Folder, beside: Path, progress: Progress | None
) -> ChainReport:
    again = Database(beside, durable=False)
    index = Index(again)
    with database.errors():
        database.connection.execute("ATTACH ? AS again", (str(beside),))
    # One snapshot for log and index: a writer that goes on meanwhile changes neither.
    with database.snapshot():
        report = _read_again(database, folder, index, progress)
        again.close()
        _require_end(database, report.head)
        _compare_index(database)
    return report


def _read_again(
    database: Database, folder: Folder, index: Index, progress: Progress | None
) -> ChainReport:
    commits, head, told_us, unknown = 0, START, 0, set[str]()
    with index.database.transaction():
        for data, accepted in SqliteJournal(database).read():
            if commits == 0 and ledger_of(data) != folder.ledger:
                raise _damaged(1, f"it belongs to the ledger {ledger_of(data)}")
            told_us = _require_instant(accepted, told_us)
            unknown |= _require_events(accepted)
            index.apply(entries(accepted))
            commits, head = commits + 1, accepted.head
            if progress is not None:
                progress(head)
    return ChainReport(commits, head.position, head, tuple(sorted(unknown)))


def _require_instant(accepted: Accepted, before_us: int) -> int:
    first = accepted.frame.first
    try:
        told_us = from_iso(orjson.loads(accepted.frame.header)["recorded_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(first, f"its header gives no instant ({error})") from error
    if told_us < before_us:
        raise _damaged(first, "its instant lies before that of the commit before")
    return told_us


def _require_events(accepted: Accepted) -> set[str]:
    unknown = set()
    for position, event in enumerate(accepted.frame.events, start=accepted.frame.first):
        attributes = Attributes.from_bytes(event.attributes)
        if not catalogue.known(attributes.type):
            unknown.add(attributes.type)
            continue
        try:
            found = catalogue.decode(attributes.type, event.data)
        except ValueError as error:
            raise _damaged(position, f"its data does not fit {attributes.type}: {error}") from error
        if found.tags() != attributes.tags:
            raise _damaged(position, "its tags are not those its content gives")
    return unknown


def _require_end(database: Database, head: Head) -> None:
    indexed = database.connection.execute("SELECT max(position) FROM events").fetchone()[0] or 0
    if indexed > head.position:
        raise DamagedError(
            f"The index knows position {indexed}, the log ends at {head.position}:"
            " the log lost its end.",
            hint="Restore chain.db from a copy; nothing was mended.",
            code="log_truncated",
        )


def _compare_index(database: Database) -> None:
    for table in DERIVED:
        for left, right, what in (
            ("main", "again", "holds something the log does not give"),
            ("again", "main", "lacks something the log gives"),
        ):
            # Both names are ours.
            sql = f"SELECT * FROM {left}.{table} EXCEPT SELECT * FROM {right}.{table} LIMIT 1"  # noqa: S608
            with database.errors():
                row = database.connection.execute(sql).fetchone()
            if row is not None:
                raise DamagedError(
                    f"The index table {table} {what}: {row}.",
                    hint="Make the index again with `attribution rebuild`.",
                    code="index_differs",
                )


def _damaged(position: int, why: str) -> DamagedError:
    return DamagedError(
        f"The log is damaged at position {position}: {why}.",
        hint="Restore chain.db from a copy; nothing was mended.",
    )
