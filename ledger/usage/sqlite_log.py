"""The usage log of one machine: one SQLite file, batches of rows as compressed Arrow.

One partition, 0. A batch has rows of one record and one metric, so that a reader passes over what
it does not want without decoding it (``batches``).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar

import polars as pl

from ledger.errors import BusyError, DamagedError, StorageError
from ledger.usage.batches import Encoded, decoded, encoded, is_wanted, months_of
from ledger.usage.decisions import Decided
from ledger.usage.log import EVERYTHING, Batch, Cut, DamagedUsageError, Digest, Wanted

PARTITION = 0
FORMAT = 1
MOVED_FORMAT = 2
"""The layout of a file whose rows came from another house, under the cuts they have there."""

BUSY_SECONDS = 30.0
LAST_OFFSET = 2**63 - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    first_offset INTEGER PRIMARY KEY,  -- offset of the first row; offsets run 0, 1, 2 ... no gap
    count        INTEGER NOT NULL CHECK (count > 0),
    attempt      TEXT    NOT NULL,
    record       TEXT    NOT NULL CHECK (record IN ('statement', 'increment')),
    metric       TEXT    NOT NULL,
    month_min    TEXT    NOT NULL,     -- first and last month of the rows, YYYY-MM-DD
    month_max    TEXT    NOT NULL,
    digest       BLOB    NOT NULL,     -- SHA-256 of arrow
    arrow        BLOB    NOT NULL      -- Arrow IPC file, zstd
) STRICT;
CREATE TRIGGER IF NOT EXISTS batches_stay BEFORE UPDATE ON batches
    BEGIN SELECT RAISE(ABORT, 'the usage log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS batches_remain BEFORE DELETE ON batches
    BEGIN SELECT RAISE(ABORT, 'the usage log is append-only'); END;
"""


class SqliteUsageLog:
    """``UsageLog`` in the file at ``path``, made when it is not there; write-ahead log, full sync.

    Raises:
        DamagedError: the file is no usage log, or of a newer format.
        StorageError: the disk refused.
        BusyError: another process did not let go within ``BUSY_SECONDS``.
    """

    shared: ClassVar[bool] = False
    dense: ClassVar[bool] = True

    def __init__(self, path: Path, layout: int = FORMAT) -> None:
        self.path = path
        with self.connection() as connection:
            _prepare(connection, path, layout)

    def append(
        self,
        attempt: str,
        statements: Iterable[pl.DataFrame],
        increments: Iterable[pl.DataFrame],
    ) -> list[Cut]:
        """See ``UsageLog.append``. Rows are encoded first, so the file is held only to insert."""
        digest = Digest()
        batches = [*encoded("statement", statements, digest)]
        batches += encoded("increment", increments, digest)
        if not batches:
            return []
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            first = insert(connection, attempt, batches)
            connection.execute("COMMIT")
        self.read_back(first, batches)
        return [Cut(PARTITION, first, first + digest.count, digest.count, digest.hex())]

    def read(self, after_offset: int = -1, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read``."""
        return self.read_span(after_offset + 1, LAST_OFFSET, wanted)

    def read_attempt(self, cut: Cut, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read_attempt``."""
        return self.read_span(cut.first_offset, cut.end_offset, wanted)

    def end_offset(self) -> int:
        """See ``UsageLog.end_offset``."""
        with self.connection() as connection:
            return _end_offset(connection)

    def hold(self, decided: Iterable[Decided]) -> None:
        """See ``UsageLog.hold``: rows appended to a log that lost its end would take their place.

        Raises ``DamagedUsageError`` where the log ends before what a decision counts.
        """
        counted = max((cut.end_offset for it in decided for cut in it.decision.cut), default=0)
        end = self.end_offset()
        if end < counted:
            raise DamagedUsageError(
                f"The usage log ends at row {end}; the chain counts rows up to {counted}.",
                hint="Restore usage.db from a copy of this ledger; nothing was appended.",
            )

    def left_over(self, decided: Iterable[Decided]) -> int:
        """See ``UsageLog.left_over``."""
        return self.end_offset() - sum(cut.count for it in decided for cut in it.decision.cut)

    def close(self) -> None:
        """Nothing to let go of: no connection stays open."""

    def read_back(self, first: int, batches: Sequence[Encoded]) -> None:
        """Compare what the file holds with what was encoded, byte by byte, on a new connection."""
        with self.connection() as connection:
            for batch in batches:
                found = connection.execute(
                    "SELECT arrow, count FROM batches WHERE first_offset = ?", (first,)
                ).fetchone()
                if found != (batch.arrow, batch.count):
                    raise _torn(first, batch.count)
                first += batch.count

    def read_span(self, first: int, end: int, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """The batches that begin in ``[first, end)``, one by one.

        No transaction stays open between two of them.
        """
        with self.connection() as connection:
            found = connection.execute(
                "SELECT first_offset, record, metric, month_min, month_max FROM batches "
                "WHERE first_offset >= ? AND first_offset < ? ORDER BY first_offset",
                (first, end),
            ).fetchall()
            for at, record, name, *months in found:
                if is_wanted(record, name, tuple(months), wanted):
                    yield _batch(connection, at)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The file, with its errors as ours."""
        try:
            with closing(_connect(self.path)) as connection:
                yield connection
        except sqlite3.OperationalError as error:
            raise _named(error, self.path) from error
        except sqlite3.DatabaseError as error:
            raise DamagedUsageError(
                f"{self.path}: {error}.", hint="Restore the file from a backup of this ledger."
            ) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def layout(path: Path) -> int:
    """The layout of a usage log's file: 0 where there is none yet."""
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(path)) as connection:
            found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error:
        return FORMAT  # whoever opens it as a log says what is wrong with it
    return found


def _prepare(connection: sqlite3.Connection, path: Path, layout: int) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > layout:
        raise DamagedError(
            f"{path}: the usage log has format {version}, this program knows {layout}.",
            hint="Use the newer version of the program that wrote it.",
            code="newer_format",
        )
    if version == layout:
        return  # made whole, in one transaction; opening it again writes nothing
    connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {layout}; COMMIT;")


def _named(error: sqlite3.OperationalError, path: Path) -> BusyError | StorageError:
    if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(
            f"{path}: another process has held the usage log for {BUSY_SECONDS:.0f} seconds.",
            hint="Wait for it to end and try again; nothing was kept.",
        )
    return StorageError(
        f"{path}: the usage log can't be used ({error}).",
        hint="Check free space and permissions; nothing of this attempt was kept.",
    )


def insert(connection: sqlite3.Connection, attempt: str, batches: Iterable[Encoded]) -> int:
    """Append batches inside the open transaction; the offset of the first row."""
    first = offset = _end_offset(connection)
    for batch in batches:
        connection.execute(
            "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                offset,
                batch.count,
                attempt,
                batch.record,
                batch.metric,
                *batch.months,
                hashlib.sha256(batch.arrow).digest(),
                batch.arrow,
            ),
        )
        offset += batch.count
    return first


def _end_offset(connection: sqlite3.Connection) -> int:
    last = connection.execute(
        "SELECT first_offset + count FROM batches ORDER BY first_offset DESC LIMIT 1"
    ).fetchone()
    return last[0] if last else 0


def _batch(connection: sqlite3.Connection, first: int) -> Batch:
    attempt, record, name, count, *months, digest, arrow = connection.execute(
        "SELECT attempt, record, metric, count, month_min, month_max, digest, arrow FROM batches"
        " WHERE first_offset = ?",
        (first,),
    ).fetchone()
    if hashlib.sha256(arrow).digest() != digest:
        raise _torn(first, count)
    rows = decoded(record, name, arrow)
    if (len(rows), *months) != (count, *months_of(record, rows)):
        raise _torn(first, count)
    return Batch(first, attempt, record, name, rows)


def _torn(first: int, count: int) -> DamagedUsageError:
    return DamagedUsageError(
        f"The batch of usage rows {first} to {first + count - 1} is torn or was changed.",
        hint="Restore usage.db from a backup of the same ledger; nothing was changed.",
    )
