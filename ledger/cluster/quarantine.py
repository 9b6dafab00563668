"""Records that could not be read, kept with their bytes, headers and the reason, in a local file.

Nothing is lost by passing over a record: it waits here until somebody looks at it, or a newer
program can read it. Bounded: what finds no more room is counted, not kept. A record is kept once,
however often it is read.
"""

from __future__ import annotations

import json
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import BadInputError
from ledger.log.database import BUSY_WAIT_MS, translate

MOST_RECORDS = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""What a quarantine holds at most, values and headers together."""

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  kept_us   INTEGER NOT NULL,
  reader    TEXT    NOT NULL,
  topic     TEXT    NOT NULL,
  partition INTEGER NOT NULL,
  place     INTEGER NOT NULL,
  reason    TEXT    NOT NULL,
  detail    TEXT    NOT NULL,
  key       BLOB,
  value     BLOB,
  headers   TEXT    NOT NULL,
  bytes     INTEGER NOT NULL,
  UNIQUE (reader, topic, partition, place)
);
CREATE TABLE IF NOT EXISTS room (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  records INTEGER NOT NULL, bytes INTEGER NOT NULL, left_out INTEGER NOT NULL
);
INSERT OR IGNORE INTO room VALUES (1, 0, 0, 0);
"""
_COLUMNS = "id, kept_us, reader, topic, partition, place, reason, detail, key, value, headers"


class Unreadable(NamedTuple):
    """A record that could not be read, and where it lay.

    ``reader`` read it (``chain``, ``relay``, ``subscriber``, ``publisher``); ``reason`` is a stable
    code, ``detail`` what the parser said. A value of None is a tombstone.
    """

    reader: str
    topic: str
    offset: int
    reason: str
    detail: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int = 0


class Kept(NamedTuple):
    """A record in quarantine: its number, when it was put there, and what it is."""

    id: int
    kept_us: int
    record: Unreadable


class Room(NamedTuple):
    """How full a quarantine is, and how many records found no room."""

    records: int
    bytes: int
    left_out: int


Keep = Callable[[Unreadable], None]
"""What a reader does with a record that it can't read."""


class Quarantine:
    """The records in the file at ``path``, which is made when the first one is kept.

    Any number of processes may use it. Raises what a file of the ledger raises: ``BusyError``,
    ``DamagedError``, ``StorageError``.
    """

    def __init__(
        self,
        path: Path,
        now_us: Callable[[], int],
        most_records: int = MOST_RECORDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.path = path
        self._now_us = now_us
        self._most_records, self._most_bytes = most_records, most_bytes

    def keep(self, record: Unreadable) -> None:
        """Keep a record, if it is not there yet and there is room; else count it."""
        headers = json.dumps([[name, b64encode(text).decode()] for name, text in record.headers])
        size = len(headers) + len(record.key or b"") + len(record.value or b"")
        with self._file() as file:
            file.execute("BEGIN IMMEDIATE")
            where = (record.reader, record.topic, record.partition, record.offset)
            sql = "SELECT 1 FROM records WHERE (reader, topic, partition, place) = (?, ?, ?, ?)"
            if file.execute(sql, where).fetchone() is None:
                room = self._room(file)
                if room.records < self._most_records and room.bytes + size <= self._most_bytes:
                    told = (record.reason, record.detail[:500], record.key, record.value, headers)
                    places = ", ".join("?" * 11)
                    file.execute(
                        "INSERT INTO records (kept_us, reader, topic, partition, place, reason,"  # noqa: S608  question marks alone
                        f" detail, key, value, headers, bytes) VALUES ({places})",
                        (self._now_us(), *where, *told, size),
                    )
                    file.execute(
                        "UPDATE room SET records = records + 1, bytes = bytes + ?", (size,)
                    )
                else:
                    file.execute("UPDATE room SET left_out = left_out + 1")
            file.execute("COMMIT")

    def room(self) -> Room:
        """How full it is."""
        if not self.path.exists():
            return Room(0, 0, 0)
        with self._file() as file:
            return self._room(file)

    def records(self, after: int = 0, limit: int = 1_000) -> list[Kept]:
        """The first records beyond a number, in the order in which they came."""
        if not self.path.exists():
            return []
        sql = f"SELECT {_COLUMNS} FROM records WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608  our columns
        with self._file() as file:
            return [_kept(row) for row in file.execute(sql, (after, limit))]

    def record(self, number: int) -> Kept:
        """One record; raises ``BadInputError`` when there is none of that number."""
        found = self.records(after=number - 1, limit=1)
        if not found or found[0].id != number:
            raise BadInputError(
                f"There is no record {number} in quarantine.",
                hint="`attribution quarantine list` shows what there is.",
                code="not_in_quarantine",
            )
        return found[0]

    def release(self, number: int) -> None:
        """Let a record go: it was read, or nobody wants it."""
        with self._file() as file:
            file.execute("BEGIN IMMEDIATE")
            row = file.execute("SELECT bytes FROM records WHERE id = ?", (number,)).fetchone()
            if row is not None:
                file.execute("DELETE FROM records WHERE id = ?", (number,))
                file.execute("UPDATE room SET records = records - 1, bytes = bytes - ?", row)
            file.execute("COMMIT")

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        try:
            opened = sqlite3.connect(self.path, timeout=BUSY_WAIT_MS / 1000, isolation_level=None)
            with closing(opened) as file:
                file.executescript(_TABLES)
                yield file
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    @staticmethod
    def _room(file: sqlite3.Connection) -> Room:
        return Room(*file.execute("SELECT records, bytes, left_out FROM room").fetchone())


def _kept(row: tuple[Any, ...]) -> Kept:
    number, kept_us, reader, topic, partition, offset, *why, key, value, headers = row
    reason, detail = why
    pairs = tuple((name, b64decode(text)) for name, text in json.loads(headers))
    record = Unreadable(reader, topic, offset, reason, detail, key, value, pairs, partition)
    return Kept(number, kept_us, record)
