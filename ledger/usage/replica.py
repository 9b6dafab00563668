"""A node's ``usage.db``: the rows that count, in the order in which they came to count.

The same file as that of one machine, with tables that say which cut of the topic lies where. Nodes
hold the same rows at the same places, for both follow from the decisions alone. It can be thrown
away: it is filled again from the topic (ADR 0013).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from ledger.usage.batches import Encoded
from ledger.usage.decisions import Decided
from ledger.usage.log import (
    EVERYTHING,
    Batch,
    Cut,
    DamagedUsageError,
    Digest,
    Wanted,
    verify,
)
from ledger.usage.sqlite_log import FORMAT, MOVED_FORMAT, SqliteUsageLog, insert

_SCHEMA = """
CREATE TABLE IF NOT EXISTS origin (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    topic    TEXT NOT NULL              -- the topic's own id
) STRICT;
CREATE TABLE IF NOT EXISTS held (
    position INTEGER PRIMARY KEY,       -- of the decision; every one up to the last is held
    attempt  TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS cuts (
    partition    INTEGER NOT NULL,      -- where the rows lie in the topic ...
    first_offset INTEGER NOT NULL,
    end_offset   INTEGER NOT NULL,
    records      INTEGER NOT NULL,
    first        INTEGER NOT NULL,      -- ... and here
    count        INTEGER NOT NULL,
    PRIMARY KEY (partition, first_offset)
) STRICT;
CREATE TABLE IF NOT EXISTS taken (
    partition INTEGER PRIMARY KEY       -- rows kept for a decision lie in it
) STRICT;
"""


class HeldCut(NamedTuple):
    """What a decision counts in one partition, to be kept."""

    cut: Cut
    records: int
    batches: Iterable[Encoded]


class Replica:
    """The rows that count, in the file at ``path``; several processes of a node may hold it."""

    def __init__(self, path: Path, layout: int = FORMAT) -> None:
        self.path = path
        self._file = SqliteUsageLog(path, layout)
        with self._file.connection() as connection:
            known = connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'taken'"
            ).fetchone()
            if known is None:
                connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")

    def held_to(self) -> tuple[int, str]:
        """The last decision whose rows are held, and its attempt; 0 for none."""
        with self._file.connection() as connection:
            row = connection.execute(
                "SELECT position, attempt FROM held ORDER BY position DESC LIMIT 1"
            ).fetchone()
        return (row[0], row[1]) if row else (0, "")

    def keep(self, entry: Decided, cuts: Sequence[HeldCut]) -> None:
        """Keep what a decision counts, whole or not at all; once, whoever else does the same."""
        with self._file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            last = connection.execute("SELECT max(position) FROM held").fetchone()[0] or 0
            if last < entry.position:
                for cut, records, batches in sorted(cuts, key=lambda it: it.cut.partition):
                    first = insert(connection, entry.decision.attempt, batches)
                    _note(connection, cut, records, first)
                    _take(connection, cut)
                connection.execute(
                    "INSERT INTO held VALUES (?, ?)", (entry.position, entry.decision.attempt)
                )
            connection.execute("COMMIT")

    def append(self, attempt: str, batches: Sequence[Encoded], digest: Digest) -> Cut:
        """Append rows of this house's own, in the partition that no row moved here lies in."""
        with self._file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            (partition,) = connection.execute(
                "SELECT coalesce(max(partition) + 1, 0) FROM taken"
            ).fetchone()
            (begin,) = connection.execute(
                "SELECT coalesce(max(end_offset), 0) FROM cuts WHERE partition = ?", (partition,)
            ).fetchone()
            first = insert(connection, attempt, batches)
            cut = Cut(partition, begin, begin + digest.count, digest.count, digest.hex())
            _note(connection, cut, digest.count, first)
            connection.execute("COMMIT")
        self._file.read_back(first, batches)
        return cut

    def lies(self, cut: Cut) -> bool:
        """Whether it is known where the rows of a cut lie."""
        with self._file.connection() as connection:
            found = connection.execute(
                "SELECT 1 FROM cuts WHERE (partition, first_offset, end_offset, count)"
                " = (?, ?, ?, ?)",
                (cut.partition, cut.first_offset, cut.end_offset, cut.count),
            ).fetchone()
        return found is not None

    def records(self) -> int:
        """How many records of the topic the rows held here came in."""
        with self._file.connection() as connection:
            return int(
                connection.execute("SELECT coalesce(sum(records), 0) FROM cuts").fetchone()[0]
            )

    def read(self, after_offset: int, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """The batches that begin after an offset of this file, in order."""
        return self._file.read(after_offset, wanted)

    def read_cut(self, cut: Cut, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """The batches that a cut of the topic names, in order."""
        with self._file.connection() as connection:
            row = connection.execute(
                "SELECT first, count FROM cuts"
                " WHERE partition = ? AND first_offset = ? AND end_offset = ?",
                (cut.partition, cut.first_offset, cut.end_offset),
            ).fetchone()
        if row is None:
            raise DamagedUsageError(
                f"This node does not hold the usage rows {cut.first_offset} to {cut.end_offset - 1}"
                f" of partition {cut.partition}.",
                hint="Run `attribution rebuild --only usage` on this node.",
            )
        return self._file.read_span(row[0], row[0] + row[1], wanted)

    def end_offset(self) -> int:
        """The offset the next row gets in this file."""
        return self._file.end_offset()

    def origin(self, topic: str) -> str:
        """The id of the topic that this file follows: what it was first told."""
        with self._file.connection() as connection:
            connection.execute("INSERT OR IGNORE INTO origin VALUES (1, ?)", (topic,))
            found: str = connection.execute("SELECT topic FROM origin").fetchone()[0]
        return found


def _note(connection: sqlite3.Connection, cut: Cut, records: int, first: int) -> None:
    """Say where the rows of a cut lie; what never counted may have had its place."""
    connection.execute(
        "INSERT OR REPLACE INTO cuts VALUES (?, ?, ?, ?, ?, ?)",
        (cut.partition, cut.first_offset, cut.end_offset, records, first, cut.count),
    )


def _take(connection: sqlite3.Connection, cut: Cut) -> None:
    connection.execute("INSERT OR IGNORE INTO taken VALUES (?)", (cut.partition,))


def turn_into_moved(path: Path, decided: Sequence[Decided]) -> None:
    """Make the usage log of a folder one whose cuts come from another house; made if missing.

    What a folder's own file holds of these decisions, from the first on, stays where it lies. Whole
    or not at all.
    """
    plain = SqliteUsageLog(path)
    held = list(takewhile(lambda entry: _holds(plain, entry), decided))
    with plain.connection() as connection:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA}")
        for entry in held:
            for cut in entry.decision.cut:
                _note(connection, cut, cut.count, cut.first_offset)
                _take(connection, cut)
            connection.execute(
                "INSERT INTO held VALUES (?, ?)", (entry.position, entry.decision.attempt)
            )
        connection.execute(f"PRAGMA user_version = {MOVED_FORMAT}")
        connection.execute("COMMIT")


def _holds(plain: SqliteUsageLog, entry: Decided) -> bool:
    try:
        for cut in entry.decision.cut:
            verify(plain, cut)
    except DamagedUsageError:
        return False
    return True


def forget(path: Path) -> None:
    """Throw a replica away, with the files that SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
