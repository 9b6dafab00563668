"""What a publisher of holders remembers beside its topic: a file that can be thrown away.

What the topic holds for each slot (a digest), which slots have to be looked at, when time will
change one, and how far log and topic were read. All of it follows from the two: where the file is
gone, or the topic is another one, it is made again by reading the topic from its beginning.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from ledger.errors import BusyError
from ledger.log.database import BUSY_WAIT_MS, translate

FORMAT = 1
MOST_BESIDE = 16
"""Publishers that may share one node's folder; each has a file of its own."""

GONE = b""
"""The digest of a tombstone."""

_TABLES = """
CREATE TABLE reached (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  topic TEXT NOT NULL, next_offset INTEGER NOT NULL, position INTEGER NOT NULL
);
INSERT INTO reached VALUES (1, '', 0, 0);
CREATE TABLE held (
  slot BLOB PRIMARY KEY, digest BLOB NOT NULL, place INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE unsure (slot BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE due (slot BLOB PRIMARY KEY, at_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX due_at ON due (at_us);
"""


class Held(NamedTuple):
    """What the topic holds for a slot: the digest of the value, and the record's offset."""

    digest: bytes
    offset: int


class HoldersState:
    """The memory of one publisher, for one thread; in a file of a folder that no other one has.

    Raises ``BusyError`` when as many publishers run in the folder as may.
    """

    def __init__(self, folder: Path) -> None:
        self._lock, path = _free_place(folder)
        self.path = path
        try:
            self._file = sqlite3.connect(path, timeout=BUSY_WAIT_MS / 1000, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._make()
        except sqlite3.Error as error:
            self._lock.close()
            raise translate(error, path) from error

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is changed within stands together, or not at all."""
        try:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._file.execute("COMMIT")
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def follow(self, topic: str, beginning: int, end: int) -> None:
        """Belong to the topic of that id; forget everything if it was another, or lost records."""
        known, offset, _ = self._file.execute(
            "SELECT topic, next_offset, position FROM reached"
        ).fetchone()
        if known != topic or not beginning <= offset <= end:
            with self.transaction():
                for table in ("held", "unsure", "due"):
                    self._file.execute(f"DELETE FROM {table}")  # noqa: S608  our own tables
                self._file.execute(
                    "UPDATE reached SET topic = ?, next_offset = ?, position = 0",
                    (topic, beginning),
                )

    # How far

    @property
    def offset(self) -> int:
        """The offset from which the topic is read on."""
        return int(self._file.execute("SELECT next_offset FROM reached").fetchone()[0])

    @property
    def position(self) -> int:
        """Slots changed up to here were noted as unsure."""
        return int(self._file.execute("SELECT position FROM reached").fetchone()[0])

    def read_to(self, offset: int) -> None:
        """The topic was read up to there."""
        self._file.execute("UPDATE reached SET next_offset = ?", (offset,))

    def noted_to(self, position: int) -> None:
        """Every slot that changed up to there is noted."""
        self._file.execute("UPDATE reached SET position = ?", (position,))

    # Slots

    def hear(self, records: Iterable[tuple[bytes, Held]]) -> None:
        """The topic holds this now."""
        sql = "INSERT OR REPLACE INTO held VALUES (?, ?, ?)"
        self._file.executemany(sql, ((slot, *held) for slot, held in records))

    def held(self, slots: Sequence[bytes]) -> dict[bytes, Held]:
        """What the topic holds for each of some slots."""
        sql = f"SELECT * FROM held WHERE slot IN ({', '.join('?' * len(slots))})"  # noqa: S608  question marks
        return {slot: Held(*rest) for slot, *rest in self._file.execute(sql, slots)}

    def doubt(self, slots: Iterable[bytes]) -> None:
        """What the topic holds for these may be wrong."""
        self._file.executemany("INSERT OR IGNORE INTO unsure VALUES (?)", ((one,) for one in slots))

    def doubt_due(self, now_us: int) -> None:
        """The same for every slot that time has changed by now."""
        self._file.execute(
            "INSERT OR IGNORE INTO unsure SELECT slot FROM due WHERE at_us <= ?", (now_us,)
        )

    def unsure(self, after: bytes, limit: int) -> list[bytes]:
        """The first slots beyond one, in order, that may be wrong."""
        sql = "SELECT slot FROM unsure WHERE slot > ? ORDER BY slot LIMIT ?"
        return [slot for (slot,) in self._file.execute(sql, (after, limit))]

    def settle(self, slots: Iterable[tuple[bytes, int | None]], gone: Iterable[bytes]) -> None:
        """These are right, until time changes them; of those that are ``gone`` nothing is kept."""
        for slot, due_us in slots:
            self._file.execute("DELETE FROM unsure WHERE slot = ?", (slot,))
            if due_us is None:
                self._file.execute("DELETE FROM due WHERE slot = ?", (slot,))
            else:
                self._file.execute("INSERT OR REPLACE INTO due VALUES (?, ?)", (slot, due_us))
        self._file.executemany("DELETE FROM held WHERE slot = ?", ((one,) for one in gone))

    def _make(self) -> None:
        found = self._file.execute("PRAGMA user_version").fetchone()[0]
        if found == FORMAT:
            return
        names = [
            name
            for (name,) in self._file.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        self._file.execute("BEGIN IMMEDIATE")
        for name in names:
            self._file.execute(f"DROP TABLE {name}")
        for statement in filter(str.strip, _TABLES.split(";")):
            self._file.execute(statement)
        self._file.execute(f"PRAGMA user_version = {FORMAT}")
        self._file.execute("COMMIT")


def _free_place(folder: Path) -> tuple[TextIO, Path]:
    for number in range(1, MOST_BESIDE + 1):
        path = folder / ("holders.db" if number == 1 else f"holders-{number}.db")
        lock = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return lock, path
    raise BusyError(
        f"{MOST_BESIDE} publishers run in {folder} already.", hint="Stop one of them, then repeat."
    )
