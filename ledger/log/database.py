"""One SQLite file, opened the way the log needs it, with errors that a user can act on.

WAL, ``synchronous=FULL``: what a transaction committed survives a power cut. Another process that
holds the file is waited for, then named busy; a full disk is refused; a torn file is damaged.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from ledger.errors import AttributionError, BusyError, DamagedError, StorageError

BUSY_WAIT_MS = 5_000
CACHE_KIB = 65_536
VALUES = 400
"""Values one statement asks for at most."""

_DAMAGE = ("malformed", "not a database", "disk image", "Could not decode")


def translate(error: sqlite3.Error, path: Path) -> AttributionError:
    """The error of ours that says what an SQLite error means for the user."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return BusyError(
            f"{path} is held by another process.", hint="Wait until it has finished, then repeat."
        )
    if any(word in text for word in _DAMAGE) or isinstance(error, sqlite3.IntegrityError):
        return DamagedError(
            f"{path} is damaged: {text}.",
            hint="Nothing was mended. Restore the file from a copy and run `attribution verify`.",
        )
    if "readonly" in text:
        return StorageError(
            f"{path} can't be written: it, or its folder, is read-only.",
            hint="Copy the ledger's folder to a place that may be written, and repeat there.",
            code="read_only",
        )
    if "full" in text:
        return StorageError(
            f"The disk that holds {path} is full; nothing of this group was kept.",
            hint="Free some space and repeat: the ledger is intact.",
            code="disk_full",
        )
    return StorageError(
        f"{path} could not be used: {text}.",
        hint="Check that the folder exists and may be written, then repeat.",
    )


class _Errors:
    """Turns an SQLite error that leaves the block into one of ours.

    A class, not a generator: a decision passes through a dozen of these blocks.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise what an SQLite error means; let anything else pass."""
        if isinstance(error, sqlite3.Error):
            raise translate(error, self._path) from error


class _Transaction:
    """The file's one write transaction, from BEGIN IMMEDIATE to COMMIT or ROLLBACK."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        """Take the file for writing; waits for others, then raises ``BusyError``."""
        with self._database.errors():
            self._database.connection.execute("BEGIN IMMEDIATE")
        return self._database.connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, durably; on any error everything is as before."""
        connection = self._database.connection
        with self._database.errors():
            try:
                if error is None:
                    connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise error


def _synchronous(*, durable: bool, replica: bool) -> str:
    if not durable:
        return "OFF"
    return "NORMAL" if replica else "FULL"


class Database:
    """A connection to one file; every SQLite error leaves it as an error of ours.

    Of a ``replica`` a power cut may take the latest transactions, never half of one: they are found
    again in what it follows. A file that is not ``durable`` may be torn by one.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_wait_ms: int = BUSY_WAIT_MS,
        durable: bool = True,
        replica: bool = False,
        cache_kib: int = CACHE_KIB,
    ) -> None:
        self.path = path
        self._process = os.getpid()
        self._errors = _Errors(path)
        self._transaction = _Transaction(self)
        with self.errors():
            self.connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=busy_wait_ms / 1000
            )
            self._execute_all(
                "PRAGMA journal_mode=WAL",
                f"PRAGMA synchronous={_synchronous(durable=durable, replica=replica)}",
                f"PRAGMA cache_size=-{cache_kib}",
                "PRAGMA temp_store=MEMORY",
            )

    def _execute_all(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def refuse_writing(self) -> None:
        """From now on nothing can be written over this connection."""
        with self.errors():
            self.connection.execute("PRAGMA query_only=ON")

    def require_own_process(self) -> None:
        """Refuse a connection that came over a fork: SQLite's locks stay with the parent.

        What a child wrote could lie in a file that the parent has already removed.
        """
        if os.getpid() != self._process:
            raise StorageError(
                f"{self.path} was opened before this process was forked.",
                hint="Open the ledger in the process that writes to it.",
                code="forked",
            )

    def errors(self) -> AbstractContextManager[None]:
        """Within it, an SQLite error is raised as one of ours."""
        return self._errors

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """The file's one write transaction: committed and durable at the end, or as before."""
        return self._transaction

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Within it another process that holds the file is not waited for: ``BusyError`` at once.

        SQLite waits in sleeps that grow; who has something better to do looks again by itself.
        """
        (usual,) = self.connection.execute("PRAGMA busy_timeout").fetchone()
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {usual}")

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A read transaction: everything read within it is of one moment."""
        with self.errors():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("COMMIT")

    def close(self) -> None:
        """Let the file go; what was committed stays."""
        with self.errors():
            self.connection.close()
