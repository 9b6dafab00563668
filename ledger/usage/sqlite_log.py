"""The usage log of one machine: one SQLite file, batches of rows as compressed Arrow.

One partition, 0. A batch has rows of one record and one metric, so that a reader passes over what
it does not want without decoding it. A batch keeps the columns that vary: the metric and dimensions
outside the metric's key are put back on reading, which the canonical text does not see.
"""

from __future__ import annotations

import hashlib
import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from ledger.errors import BusyError, DamagedError, StorageError
from ledger.usage.log import EVERYTHING, Batch, Cut, DamagedUsageError, Digest, Wanted
from ledger.usage.metrics import metric
from ledger.usage.rows import DIMENSIONS, SCHEMAS, Record, month_column

PARTITION = 0
BATCH_ROWS = 50_000
FORMAT = 1
BUSY_SECONDS = 30.0
_LAST_OFFSET = 2**63 - 1

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


@dataclass(frozen=True, slots=True)
class _Encoded:
    record: Record
    metric: str
    count: int
    months: tuple[str, str]
    arrow: bytes


class SqliteUsageLog:
    """``UsageLog`` in the file at ``path``, made when it is not there; write-ahead log, full sync.

    Raises:
        DamagedError: the file is no usage log, or of a newer format.
        StorageError: the disk refused.
        BusyError: another process did not let go within ``BUSY_SECONDS``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._connection() as connection:
            _prepare(connection, path)

    def append(
        self,
        attempt: str,
        statements: Iterable[pl.DataFrame],
        increments: Iterable[pl.DataFrame],
    ) -> list[Cut]:
        """See ``UsageLog.append``. Rows are encoded first, so the file is held only to insert."""
        digest = Digest()
        encoded = [*_encoded("statement", statements, digest)]
        encoded += _encoded("increment", increments, digest)
        if not encoded:
            return []
        first = self._insert(attempt, encoded)
        self._read_back(first, encoded)
        return [Cut(PARTITION, first, first + digest.count, digest.count, digest.hex())]

    def read(self, after_offset: int = -1, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read``."""
        return self._read((after_offset + 1, _LAST_OFFSET), wanted)

    def read_attempt(self, cut: Cut, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read_attempt``."""
        return self._read((cut.first_offset, cut.end_offset), wanted)

    def end_offset(self) -> int:
        """See ``UsageLog.end_offset``."""
        with self._connection() as connection:
            return _end_offset(connection)

    def _insert(self, attempt: str, encoded: list[_Encoded]) -> int:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            first = offset = _end_offset(connection)
            for batch in encoded:
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
            connection.execute("COMMIT")
        return first

    def _read_back(self, first: int, encoded: list[_Encoded]) -> None:
        """Compare what the file holds with what was encoded, byte by byte, on a new connection."""
        with self._connection() as connection:
            for batch in encoded:
                found = connection.execute(
                    "SELECT arrow, count FROM batches WHERE first_offset = ?", (first,)
                ).fetchone()
                if found != (batch.arrow, batch.count):
                    raise _torn(first, batch.count)
                first += batch.count

    def _read(self, span: tuple[int, int], wanted: Wanted) -> Iterator[Batch]:
        """Batches one by one; no transaction stays open between two of them."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT first_offset, record, metric, month_min, month_max FROM batches "
                "WHERE first_offset >= ? AND first_offset < ? ORDER BY first_offset",
                span,
            ).fetchall()
            for first, record, name, *months in found:
                if _is_wanted(record, name, months, wanted):
                    yield _batch(connection, first)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
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


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise DamagedError(
            f"{path}: the usage log has format {version}, this program knows {FORMAT}.",
            hint="Use the newer version of the program that wrote it.",
            code="newer_format",
        )
    if version == FORMAT:
        return  # made whole, in one transaction; opening it again writes nothing
    connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")


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


def _end_offset(connection: sqlite3.Connection) -> int:
    last = connection.execute(
        "SELECT first_offset + count FROM batches ORDER BY first_offset DESC LIMIT 1"
    ).fetchone()
    return last[0] if last else 0


def _encoded(record: Record, frames: Iterable[pl.DataFrame], digest: Digest) -> Iterator[_Encoded]:
    for frame in frames:
        for (name,), rows in frame.partition_by("metric", as_dict=True).items():
            for part in rows.iter_slices(BATCH_ROWS):
                digest.feed(record, part)
                yield _encode(record, str(name), part)


def _encode(record: Record, name: str, rows: pl.DataFrame) -> _Encoded:
    absent = _absent(name)
    kept = [column for column in rows.columns if column not in absent]
    assert rows.select(pl.all_horizontal((pl.col(*(absent - {"metric"})) == "").all())).item(), (
        f"a dimension outside the key of {name}"
    )
    arrow = io.BytesIO()
    rows.select(kept).write_ipc(arrow, compression="zstd")
    return _Encoded(record, name, len(rows), _months(record, rows), arrow.getvalue())


def _months(record: Record, rows: pl.DataFrame) -> tuple[str, str]:
    """The first and the last month of the rows, as a batch states them."""
    stated = rows.get_column(month_column(record))
    return str(stated.min()), str(stated.max())


def _absent(name: str) -> set[str]:
    """The dimensions a batch of this metric does not hold."""
    return set(DIMENSIONS) - set(metric(name).key)


def _is_wanted(record: str, name: str, months: list[str], wanted: Wanted) -> bool:
    if wanted.record is not None and record != wanted.record:
        return False
    if wanted.metrics is not None and name not in wanted.metrics:
        return False
    if wanted.months is None:
        return True
    first, last = wanted.months
    return date.fromisoformat(months[0]) <= last and date.fromisoformat(months[1]) >= first


def _batch(connection: sqlite3.Connection, first: int) -> Batch:
    attempt, record, name, count, *months, digest, arrow = connection.execute(
        "SELECT attempt, record, metric, count, month_min, month_max, digest, arrow FROM batches"
        " WHERE first_offset = ?",
        (first,),
    ).fetchone()
    if hashlib.sha256(arrow).digest() != digest:
        raise _torn(first, count)
    rows = _decoded(record, name, arrow)
    if (len(rows), *months) != (count, *_months(record, rows)):
        raise _torn(first, count)
    return Batch(first, attempt, record, name, rows)


def _torn(first: int, count: int) -> DamagedUsageError:
    return DamagedUsageError(
        f"The batch of usage rows {first} to {first + count - 1} is torn or was changed.",
        hint="Restore usage.db from a backup of the same ledger; nothing was changed.",
    )


def _decoded(record: Record, name: str, arrow: bytes) -> pl.DataFrame:
    kept = pl.read_ipc(arrow)
    constants = {column: pl.lit("") for column in _absent(name)} | {"metric": pl.lit(name)}
    return kept.with_columns(**constants).select(SCHEMAS[record].names())
