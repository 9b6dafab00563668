"""The tables of a ``keys.db``: secrets of the ledger, keys of persons, and of their topic."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.log.database import Database

_TABLES = (
    """CREATE TABLE IF NOT EXISTS secrets (
  name TEXT PRIMARY KEY,
  secret BLOB NOT NULL
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS persons (
  id TEXT PRIMARY KEY,
  secret BLOB NOT NULL,
  found_by BLOB NOT NULL UNIQUE
) WITHOUT ROWID""",
    # Keys of persons who had one already: they came later in the topic. Nothing is sealed under
    # them while the first one lives; what was is readable.
    """CREATE TABLE IF NOT EXISTS later_keys (
  id TEXT PRIMARY KEY,
  secret BLOB NOT NULL,
  found_by BLOB NOT NULL,
  place INTEGER NOT NULL
) WITHOUT ROWID""",
    # Ids that the chain erased: a late repeat of such a record brings no key back.
    "CREATE TABLE IF NOT EXISTS erased_keys (id TEXT PRIMARY KEY) WITHOUT ROWID",
    # Ids of which the topic has a wrapped copy, as far as it was read.
    "CREATE TABLE IF NOT EXISTS shared_keys (id TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS key_topic (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  identity TEXT NOT NULL,
  wrapped_by TEXT NOT NULL,
  next_offset INTEGER NOT NULL
)""",
)


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing."""
    for statement in _TABLES:
        connection.execute(statement)


def shared(connection: sqlite3.Connection) -> bool:
    """Whether the keys of this file lie in a topic, too."""
    return connection.execute("SELECT 1 FROM key_topic").fetchone() is not None


def leave_topic(file: Path) -> None:
    """Make the keys in a file those of a folder alone: new ones go into no topic."""
    with closing(Database(file)) as database, database.transaction() as connection:
        make_tables(connection)
        connection.execute("DELETE FROM key_topic")
        connection.execute("DELETE FROM shared_keys")
