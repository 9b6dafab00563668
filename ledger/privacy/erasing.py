"""Destroying the keys of erased persons, so that no byte of them is left in the file (DESIGN §8).

On a connection of its own: the key store may be in use meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ledger.errors import BusyError
from ledger.log.database import BUSY_WAIT_MS, Database
from ledger.privacy.key_tables import make_tables

_UNCLEAN = "unclean"
"""Stands among the secrets while bytes of a destroyed key may be left in the file."""


def erase(path: Path, key_ids: Sequence[str], *, busy_wait_ms: int = BUSY_WAIT_MS) -> int:
    """Destroy keys in the file at ``path``; how many there were. Durable when it returns.

    SQLite overwrites what it deletes, then the file is written anew without the gaps where a copy
    could have been left, and its log is emptied. Raises ``BusyError`` when another process keeps
    the file from that: the keys are gone then, and the next call finishes it.
    """
    with closing(Database(path, busy_wait_ms=busy_wait_ms)) as database:
        database.connection.execute("PRAGMA secure_delete=ON")
        with database.transaction() as connection:
            make_tables(connection)
            gone = sum(_destroy(connection, key_id) for key_id in key_ids)
            if gone:
                connection.execute("INSERT OR REPLACE INTO secrets VALUES (?, x'')", (_UNCLEAN,))
        _clean(database)
    return gone


def _destroy(connection: sqlite3.Connection, key_id: str) -> int:
    """Delete a key; a later one of the same person, from another node, is the first then."""
    connection.execute("INSERT OR IGNORE INTO erased_keys VALUES (?)", (key_id,))
    later = connection.execute("DELETE FROM later_keys WHERE id = ?", (key_id,)).rowcount
    found_by = connection.execute(
        "DELETE FROM persons WHERE id = ? RETURNING found_by", (key_id,)
    ).fetchone()
    if found_by is None:
        return later
    heir = connection.execute(
        "DELETE FROM later_keys WHERE id = (SELECT id FROM later_keys WHERE found_by = ?"
        " ORDER BY place, id LIMIT 1) RETURNING id, secret, found_by",
        found_by,
    ).fetchone()
    if heir is not None:
        connection.execute("INSERT INTO persons VALUES (?, ?, ?)", heir)
    return later + 1


def _clean(database: Database) -> None:
    connection = database.connection
    with database.errors():
        if not _marked(connection):
            return
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise BusyError(
                f"The keys are destroyed, but another process reads {database.path}: bytes of them"
                " may be left in it.",
                hint="Repeat the command when the other process has ended.",
            )
        connection.execute("DELETE FROM secrets WHERE name = ?", (_UNCLEAN,))


def _marked(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM secrets WHERE name = ?", (_UNCLEAN,)).fetchone()
    return found is not None
