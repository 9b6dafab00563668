"""The journal of one machine keeps every promise of the port, and notices what was changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import DamagedError
from ledger.log.chain import START
from ledger.log.database import Database
from ledger.log.journal.sqlite import SqliteJournal
from tests.conformance.journal import JournalPromises, OpenJournal, commit


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[OpenJournal]:
    """Opens the one journal of the test, each time with a connection of its own."""
    opened: list[Database] = []

    def open_it() -> SqliteJournal:
        opened.append(Database(tmp_path / "chain.db"))
        return SqliteJournal(opened[-1])

    yield open_it
    for database in opened:
        database.close()


class TestSqliteJournal(JournalPromises):
    """The shared promises, on SQLite."""


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE commits SET frame = CAST(replace(frame, 'b', 'c') AS BLOB) WHERE first = 2",
        "UPDATE commits SET frame = zeroblob(9) WHERE first = 2",
        "UPDATE commits SET hash = zeroblob(32) WHERE first = 2",
        "DELETE FROM commits WHERE first = 2",
    ],
)
def test_a_changed_commit_is_noticed_when_it_is_read(
    open_journal: OpenJournal, tmp_path: Path, change: str
) -> None:
    """Bytes, hash or a whole commit that went missing: reading stops and says where."""
    journal, head = open_journal(), START
    for text in "abc":
        data, head = commit(head, text)
        journal.append([data])
    Database(tmp_path / "chain.db").connection.execute(change)
    with pytest.raises(DamagedError, match="was changed after it was accepted"):
        list(journal.read())


def test_a_chain_is_written_ahead_and_synced_at_every_commit(tmp_path: Path) -> None:
    """WAL and FULL (2): an answered commit survives a power cut, of which no test can be made."""
    with closing(Database(tmp_path / "chain.db")) as database:
        asked = ("PRAGMA journal_mode", "PRAGMA synchronous")
        found = [database.connection.execute(each).fetchone()[0] for each in asked]
    assert found == ["wal", 2]
