"""A usage log that is held, shortened or retouched: said plainly, and never built upon."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import DamagedError
from ledger.usage import sqlite_log
from ledger.usage.log import verify
from ledger.usage.sqlite_log import SqliteUsageLog
from tests.ledger.usage.builders import MAU, T1, loads, mau, month, statements


def retouch(path: Path, statement: str) -> None:
    """Change the file as somebody with an editor could."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for trigger in ("batches_stay", "batches_remain"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)


def test_the_log_is_opened_and_read_while_another_process_appends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening writes nothing: who asks a question never waits for who loads."""
    monkeypatch.setattr(sqlite_log, "BUSY_SECONDS", 0.05)
    log = SqliteUsageLog(tmp_path / "usage.db")
    log.append("a", [statements(MAU, {((T1, "teams"), month(3)): 100})], [])
    with closing(sqlite3.connect(log.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert SqliteUsageLog(log.path).end_offset() == 1


def test_a_log_that_lost_counted_rows_is_never_appended_to(tmp_path: Path) -> None:
    """New rows would take the offsets of the lost ones, and be counted in their place."""
    usage = loads(tmp_path)
    usage.load(mau("march", {month(3): 100}), exported_us=1)
    retouch(usage.log.path, "DELETE FROM batches")  # type: ignore[attr-defined]
    with pytest.raises(DamagedError):
        usage.load(mau("june", {month(6): 100}), exported_us=2)
    assert usage.log.end_offset() == 0


@pytest.mark.parametrize(
    "change", ["count = 77", "month_min = '1999-01-01'", "month_max = '1999-01-01'"]
)
def test_what_stands_beside_a_batch_is_checked_with_it(tmp_path: Path, change: str) -> None:
    """Months and count decide what readers pass over and where the next rows go."""
    log = SqliteUsageLog(tmp_path / "usage.db")
    (cut,) = log.append("a", [statements(MAU, {((T1, "teams"), month(3)): 100})], [])
    retouch(log.path, f"UPDATE batches SET {change}")
    with pytest.raises(DamagedError):
        verify(log, cut)
