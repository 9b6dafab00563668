"""The usage log of one machine: appended whole, read back, never changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BusyError, DamagedError
from ledger.usage import batches, sqlite_log
from ledger.usage.log import DamagedUsageError, Wanted, verify
from ledger.usage.rows import INCREMENT_SCHEMA, STATEMENT_SCHEMA
from ledger.usage.sqlite_log import SqliteUsageLog
from tests.conformance.usage_log import OpenLog, Program, UsageLogPromises
from tests.ledger.usage.builders import ACR, MAU, PAU, T1, T2, month, statements

MARCH = {((T1, "teams"), month(3)): 100, ((T2, "teams"), month(4)): 7}
ACR_MARCH = {((T1, "s-1", "Compute > VM"), month(3)): -5}


@pytest.fixture
def log(tmp_path: Path) -> SqliteUsageLog:
    """An empty log."""
    return SqliteUsageLog(tmp_path / "usage.db")


def increments(metric: str, key: dict[str, str], count: int = 1) -> pl.DataFrame:
    """Increments of one key, in as many months."""
    dimensions = dict.fromkeys(INCREMENT_SCHEMA.names()[1:7], "") | key
    return pl.DataFrame(
        [
            {
                "metric": metric,
                **dimensions,
                "date": month(1 + place % 12, 2000 + place // 12),
                "mark": "growth",
                "delta_micro": place,
                "level_micro": None,
                "gap_from": None,
                "row": place,
            }
            for place in range(count)
        ],
        schema=INCREMENT_SCHEMA,
    )


def test_offsets_are_dense_over_attempts(log: SqliteUsageLog) -> None:
    """Each attempt begins where the one before it ended."""
    (first,) = log.append("a1", [statements(MAU, MARCH)], [])
    (second,) = log.append("a2", [statements(ACR, ACR_MARCH)], [])
    assert (first.first_offset, first.end_offset, first.count) == (0, 2, 2)
    assert (second.first_offset, second.end_offset, second.count) == (2, 3, 1)
    assert [batch.first_offset for batch in log.read()] == [0, 2]
    assert log.end_offset() == 3


def test_rows_come_back_as_they_were_written(log: SqliteUsageLog) -> None:
    """Dimensions that a metric does not have come back empty; order and types stay."""
    stated = statements(ACR, ACR_MARCH)
    grown = increments(MAU, {"tenant": T1, "workload": "teams"}, 3)
    (cut,) = log.append("a1", [stated], [grown])
    first, second = log.read_attempt(cut)
    assert (first.record, first.metric, first.attempt) == ("statement", ACR, "a1")
    assert first.rows.equals(stated)
    assert second.rows.equals(grown)
    assert first.rows.schema == STATEMENT_SCHEMA
    assert second.rows.schema == INCREMENT_SCHEMA


@given(sizes=st.lists(st.integers(0, 30), max_size=4), batch=st.integers(1, 12))
def test_the_digest_does_not_depend_on_batches(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], batch: int
) -> None:
    """The same rows, put together in any way, have the same digest; and they verify."""
    key = {"tenant": T1, "workload": "teams"}
    frames = [increments(MAU, key, size) for size in sizes]
    whole = pl.concat([INCREMENT_SCHEMA.to_frame(), *frames])
    log = SqliteUsageLog(tmp_path_factory.mktemp("log") / "usage.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_ROWS", batch)
        pieces = log.append("a1", [], frames)
    assert [cut.digest for cut in log.append("a2", [], [whole])] == [cut.digest for cut in pieces]
    for cut in pieces:
        verify(log, cut)


def test_a_reader_gets_only_what_it_wants(log: SqliteUsageLog) -> None:
    """By record, metric and months; a batch is passed over as a whole."""
    log.append("a1", [statements(MAU, MARCH), statements(PAU, MARCH)], [])
    log.append("a2", [], [increments(MAU, {"tenant": T1, "workload": "teams"})])
    assert [it.metric for it in log.read(wanted=Wanted("statement"))] == [MAU, PAU]
    assert [it.record for it in log.read(wanted=Wanted(metrics=[MAU]))] == [
        "statement",
        "increment",
    ]
    assert not list(log.read(wanted=Wanted("statement", months=(month(5), month(9)))))
    assert [it.first_offset for it in log.read(after_offset=0)] == [2, 4]


def _tampered(log: SqliteUsageLog, sql: str) -> None:
    with closing(sqlite3.connect(log.path)) as connection:
        for trigger in ("batches_stay", "batches_remain"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(sql)
        connection.commit()


def test_torn_bytes_are_named(log: SqliteUsageLog) -> None:
    """A changed batch is never decoded."""
    (cut,) = log.append("a1", [statements(MAU, MARCH)], [])
    _tampered(log, "UPDATE batches SET arrow = zeroblob(length(arrow))")
    with pytest.raises(DamagedUsageError, match="rows 0 to 1"):
        verify(log, cut)


def test_missing_rows_are_named(log: SqliteUsageLog) -> None:
    """A cut whose rows are gone does not verify, and the error states both digests."""
    (cut,) = log.append("a1", [statements(MAU, MARCH)], [])
    _tampered(log, "DELETE FROM batches")
    with pytest.raises(DamagedUsageError, match=cut.digest):
        verify(log, cut)


@pytest.mark.parametrize("sql", ["UPDATE batches SET attempt = 'x'", "DELETE FROM batches"])
def test_rows_are_never_changed(log: SqliteUsageLog, sql: str) -> None:
    """The table itself refuses."""
    log.append("a1", [statements(MAU, MARCH)], [])
    with (
        closing(sqlite3.connect(log.path)) as connection,
        pytest.raises(sqlite3.DatabaseError, match="append-only"),
    ):
        connection.execute(sql)


def test_a_log_of_a_newer_format_is_refused(log: SqliteUsageLog) -> None:
    """It is not touched."""
    with closing(sqlite3.connect(log.path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DamagedError, match="format 99"):
        SqliteUsageLog(log.path)


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    """Exit code 4, and never overwritten."""
    path = tmp_path / "usage.db"
    path.write_bytes(b"something else, longer than a hundred bytes " * 10)
    with pytest.raises(DamagedError):
        SqliteUsageLog(path)
    assert path.read_bytes().startswith(b"something else")


def test_a_log_held_by_another_is_named_busy(
    log: SqliteUsageLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After waiting; nothing is kept."""
    monkeypatch.setattr(sqlite_log, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(log.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            log.append("a1", [statements(MAU, MARCH)], [])
    assert log.end_offset() == 0


OPENED = """
import sys
from pathlib import Path
from ledger.usage.sqlite_log import SqliteUsageLog

log = SqliteUsageLog(Path(sys.argv[1]))
"""


class TestSqliteUsageLog(UsageLogPromises):
    """The shared promises, in a file."""

    @pytest.fixture
    def open_log(self, tmp_path: Path) -> OpenLog:
        """Opens the one file of the test."""
        return lambda: SqliteUsageLog(tmp_path / "usage.db")

    @pytest.fixture
    def killed_code(self, tmp_path: Path) -> Program:
        """A program that opens it."""
        return Program(OPENED, [str(tmp_path / "usage.db")])
