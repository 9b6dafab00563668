"""The bare durable insert: the very rows that the ledger kept, put into files like its own.

What SQLite alone costs, with the same tables, pragmas and transactions: the limit of any ledger
that keeps these rows on this disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from bench.blocks import Pace, pace
from ledger.app import Ledger
from ledger.log.database import Database
from ledger.log.index import Index
from ledger.log.journal.sqlite import SqliteJournal
from ledger.privacy.keys import KeyStore

_CHAIN = {
    "commits": "first",
    "events": "position",
    "event_tags": "position",
    "commands": "position",
    "timers": "position",
}
"""Tables of chain.db, and the column by which their rows belong to a decision."""


class Rows(NamedTuple):
    """Rows of one durable transaction, table by table."""

    chain: tuple[tuple[str, list[tuple[Any, ...]]], ...]
    persons: list[tuple[Any, ...]]


class BareFiles:
    """Files with the tables and pragmas of a ledger's chain.db and keys.db, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._chain = Database(folder / "chain.db")
        SqliteJournal(self._chain)
        Index(self._chain)
        KeyStore(folder / "keys.db", bytes).close()
        self._keys = Database(folder / "keys.db")

    def insert(self, rows: Rows) -> None:
        """Insert rows durably; new persons first, in a transaction of their own, as we do."""
        if rows.persons:
            _insert(self._keys.connection, [("persons", rows.persons)])
        _insert(self._chain.connection, rows.chain)

    def block(self, kept: Sequence[Rows], decisions: int) -> Pace:
        """Insert all of them, one transaction each; at which pace of decisions."""

        def work() -> None:
            for rows in kept:
                self.insert(rows)

        return pace(decisions, work)

    def close(self) -> None:
        """Let go of the files."""
        self._chain.close()
        self._keys.close()


def _insert(
    connection: sqlite3.Connection, tables: Iterable[tuple[str, list[tuple[Any, ...]]]]
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for table, rows in tables:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)
    connection.execute("COMMIT")


class Kept:
    """What a ledger kept since the last look, as rows for ``BareFiles``."""

    def __init__(self, ledger: Ledger) -> None:
        folder = ledger.folder
        self._chain = sqlite3.connect(folder.chain)
        self._keys = sqlite3.connect(folder.keys)
        self._position = ledger.head.position
        self._persons = {row[0] for row in self._keys.execute("SELECT id FROM persons")}

    def by_position(self, ends: Iterable[int]) -> Iterator[Rows]:
        """The rows of each transaction that ended at one of the positions, in order."""
        persons = self._new_persons()
        bounds = list(ends)
        share = -(-len(persons) // len(bounds)) if persons else 0
        for number, end in enumerate(bounds):
            chain = tuple(self._tables(self._position, end))
            self._position = end
            yield Rows(chain, persons[number * share : (number + 1) * share])

    def _tables(self, after: int, upto: int) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        for table, column in _CHAIN.items():
            sql = f"SELECT * FROM {table} WHERE {column} > ? AND {column} <= ?"
            rows = self._chain.execute(sql, (after, upto)).fetchall()
            if rows:
                yield table, rows

    def _new_persons(self) -> list[tuple[Any, ...]]:
        found = self._keys.execute("SELECT * FROM persons").fetchall()
        new = [row for row in found if row[0] not in self._persons]
        self._persons.update(row[0] for row in new)
        return new

    def close(self) -> None:
        """Let go of the files."""
        self._chain.close()
        self._keys.close()


def in_groups(positions: Sequence[int], groups: int) -> list[int]:
    """The last position of each of ``groups`` equal groups.

    >>> in_groups([5, 6, 7, 8, 9], 2)
    [7, 9]
    """
    size = -(-len(positions) // groups)
    placed = groupby(enumerate(positions), key=lambda each: each[0] // size)
    return [max(position for _, position in group) for _, group in placed]
