"""Checks the log from its bytes alone: the chain, what the events say of themselves, the index.

Nothing is mended. Every commit is judged again from the first; the index is made again beside and
compared row by row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import orjson

from ledger.errors import BadInputError, DamagedError
from ledger.folder import Folder, require_files
from ledger.log.chain import START, Accepted, Head, ledger_of
from ledger.log.database import Database
from ledger.log.frame import Unparsable, parse
from ledger.log.index import DERIVED, Index, entries
from ledger.log.journal.kafka import make_table
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
    require_files(folder.chain)
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
    SqliteJournal(again)
    if folder.log:
        make_table(again)
    index = Index(again)
    with database.errors():
        database.connection.execute("ATTACH ? AS again", (str(beside),))
    # One snapshot for log and index: a writer that goes on meanwhile changes neither.
    with database.snapshot():
        _require_file(database)
        require_genesis(database, folder)
        report = _read_again(database, index, progress)
        again.close()
        _require_end(database, report)
        _compare_schema(database)
        _compare_index(database)
    return report


def _read_again(database: Database, index: Index, progress: Progress | None) -> ChainReport:
    def indexed() -> Iterator[tuple[bytes, Accepted]]:
        for data, accepted in SqliteJournal(database).read():
            index.apply(entries(accepted))
            yield data, accepted

    with index.database.transaction():
        return read_all(indexed(), progress)


def read_all(
    accepted: Iterable[tuple[bytes, Accepted]], progress: Progress | None = None
) -> ChainReport:
    """Check what accepted commits say of themselves: their instants, and each event they hold.

    Raises ``DamagedError`` with the first position that does not fit.
    """
    commits, head, told_us, unknown = 0, START, 0, set[str]()
    for _, verdict in accepted:
        told_us = _require_instant(verdict, told_us)
        unknown |= _require_events(verdict)
        commits, head = commits + 1, verdict.head
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


def _require_file(database: Database) -> None:
    """The file's own trees agree: no index of it hides a row."""
    with database.errors():
        (found,) = database.connection.execute("PRAGMA main.integrity_check(1)").fetchone()
    if found != "ok":
        raise DamagedError(
            f"{database.path} is torn: {found}.",
            hint="Restore chain.db from a copy; nothing was mended.",
        )


def genesis_of(database: Database, log: str) -> tuple[str, Literal["real", "told"]]:
    """The ledger that a log's first commit names, and its kind of clock.

    Raises ``BadInputError`` (``no_ledger``) for a log that is empty, ``DamagedError`` for one that
    begins with something else.
    """
    with database.errors():
        row = database.connection.execute("SELECT frame FROM commits WHERE first = 1").fetchone()
    if row is None:
        raise BadInputError(
            f"There is no ledger on {log} yet.",
            hint=f"Make one with `attribution init {log}`.",
            code="no_ledger",
        )
    ledger, frame = ledger_of(row[0]), parse(row[0])
    clock = None if isinstance(frame, Unparsable) else _clock(frame.events[0].data)
    if ledger is None or clock is None:
        raise _damaged(1, "it is not the birth of a ledger")
    return ledger, clock


def _clock(data: bytes) -> Literal["real", "told"] | None:
    try:
        named = orjson.loads(data).get("clock")
    except (ValueError, AttributeError):
        return None
    return named if named in ("real", "told") else None


def require_genesis(database: Database, folder: Folder) -> Attributes:
    """The attributes of the first event, which names the folder's ledger and its kind of clock.

    Raises ``DamagedError``, with the code ``foreign_log`` where it names others.
    """
    with database.errors():
        row = database.connection.execute("SELECT frame FROM commits WHERE first = 1").fetchone()
    frame = parse(row[0]) if row else Unparsable("it is missing")
    if isinstance(frame, Unparsable):
        raise _damaged(1, frame.reason)
    named = ledger_of(row[0])
    event = frame.events[0]
    clock = orjson.loads(event.data).get("clock")
    if (named, clock) != (folder.ledger, folder.clock):
        raise DamagedError(
            f"chain.db belongs to the ledger {named} with a {clock} clock, the folder"
            f" {folder.path} says {folder.ledger} with a {folder.clock} clock.",
            hint="Put the files of one ledger together again; nothing was mended.",
            code="foreign_log",
        )
    return Attributes.from_bytes(event.attributes)


def _require_end(database: Database, report: ChainReport) -> None:
    head = report.head
    (kept,) = database.connection.execute("SELECT count(*) FROM commits").fetchone()
    if kept != report.commits:
        raise DamagedError(
            f"The table of commits has {kept} rows; {report.commits} follow one another.",
            hint="Restore chain.db from a copy; nothing was mended.",
        )
    indexed = database.connection.execute("SELECT max(position) FROM events").fetchone()[0] or 0
    if indexed > head.position:
        raise DamagedError(
            f"The index knows position {indexed}, the log ends at {head.position}:"
            " the log lost its end.",
            hint="Restore chain.db from a copy; nothing was mended.",
            code="log_truncated",
        )


def _compare_schema(database: Database) -> None:
    """Nothing was added to the file that acts by itself, no table is other than it seems."""
    with database.errors():
        strange = database.connection.execute(
            "SELECT type, name FROM (SELECT type, name, tbl_name, sql FROM main.sqlite_master"
            " EXCEPT SELECT type, name, tbl_name, sql FROM again.sqlite_master UNION ALL"
            " SELECT type, name, tbl_name, sql FROM (SELECT * FROM again.sqlite_master"
            " WHERE name NOT IN (SELECT name FROM main.sqlite_master))) LIMIT 1"
        ).fetchone()
    if strange is not None:
        raise DamagedError(
            f"chain.db has been rebuilt by another hand: the {strange[0]} {strange[1]} is not ours"
            " or is missing.",
            hint="Restore chain.db from a copy; nothing was mended.",
            code="schema_differs",
        )


def _compare_index(database: Database) -> None:
    for table in DERIVED:
        for left, right, what in (
            ("main", "again", "holds something the log does not give"),
            ("again", "main", "lacks something the log gives"),
        ):
            # Both names are ours.
            sql = f"SELECT * FROM {left}.{table} EXCEPT SELECT * FROM {right}.{table} LIMIT 1"
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
