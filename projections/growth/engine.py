"""The engine that answers growth questions, behind a small port; here ClickHouse in process.

Owns how a statement, its parameters and Arrow columns reach ClickHouse, and that one folder belongs
to one process. Knows no table of ours.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from ledger.collecting import give_back
from ledger.errors import AttributionError, BusyError
from projections.growth.literals import Parameter, name, parameter, quoted


class AnalyticsError(AttributionError):
    """ClickHouse refused a statement; its own words are in the message."""

    code = "analytics_failed"
    exit_code = 4


class AnalyticsEngine(Protocol):
    """What growth asks of a ClickHouse, embedded or on a server.

    Parameters stand in SQL as ``{name:Type}`` and are bound by the engine, never pasted.
    """

    def execute(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """Run a statement that answers nothing."""
        ...

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """The answer of a ``SELECT`` as Arrow columns."""
        ...

    def insert_arrow(self, table: str, rows: pa.Table, token: str) -> None:
        """Insert all rows as one block or none; a ``token`` the table remembers inserts nothing."""
        ...

    def rest(self) -> None:
        """Give the system back what finished statements held; for after large ones."""
        ...

    def close(self) -> None:
        """Let go of the engine; later calls fail."""
        ...


class ChdbEngine:
    """ClickHouse inside this process (chDB), its files in ``folder``, its tables in ``database``.

    A process has one open folder, and a folder one process: another process waits up to
    ``wait_seconds`` and then gets ``BusyError`` ``analytics_busy``. Engines of one process share
    the session; statements run one after another. Importing chDB (0.5 s) happens here, on opening.
    """

    def __init__(
        self, folder: Path | str, *, database: str = "attribution", wait_seconds: float = 2.0
    ) -> None:
        self._database = name(database)
        self._session: _Session | None = _Session.share(Path(folder).resolve(), wait_seconds)
        self._run(f"CREATE DATABASE IF NOT EXISTS {self._database}", None, use=False)

    def execute(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """Run a statement that answers nothing. Raises ``AnalyticsError`` when refused."""
        self._run(sql, params)

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """The answer of a ``SELECT`` as Arrow columns. Raises ``AnalyticsError`` when refused."""
        answer = self._run(sql, params)
        return pa.ipc.open_file(pa.py_buffer(answer.bytes())).read_all()

    def insert_arrow(self, table: str, rows: pa.Table, token: str) -> None:
        """Insert all rows as one block, once for a token. Raises ``AnalyticsError`` when refused.

        One record batch below ``max_insert_block_size`` (1,048,449 rows) into one table partition
        is one part, so it is in whole or not at all.
        """
        into = f"INSERT INTO {name(table)} ({', '.join(map(name, rows.column_names))})"
        settings = f"SETTINGS {_ONCE}, insert_deduplication_token={quoted(token)}"
        session = self._open()
        with session.lock:
            session.use(self._database)
            session.insert(f"{into} {settings}", _stream(rows))

    def rest(self) -> None:
        """Give the system back what finished statements held: a large question leaves 250 MB.

        ClickHouse, Arrow and the C library each keep their own. A ClickHouse without its own
        allocator has nothing to give and refuses; that is all right.
        """
        with suppress(AnalyticsError):
            self.execute("SYSTEM JEMALLOC PURGE")
        pa.default_memory_pool().release_unused()
        give_back()

    def close(self) -> None:
        """Let go of the folder when no other engine of this process uses it. May be repeated."""
        if self._session is not None:
            self._session.release()
            self._session = None

    def _open(self) -> _Session:
        if self._session is None:
            raise AnalyticsError("The analytics engine is closed.", hint="Open the ledger again.")
        return self._session

    def _run(self, sql: str, params: Mapping[str, Parameter] | None, *, use: bool = True) -> Any:
        session = self._open()
        bound = {key: parameter(value) for key, value in (params or {}).items()}
        with session.lock:
            if use:
                session.use(self._database)
            return session.run(sql, bound)


class _Session:
    """The one chDB session of this process, counted by the engines that share it."""

    _current: _Session | None = None
    _guard = threading.Lock()

    def __init__(self, folder: Path, wait_seconds: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.users, self.lock = folder, 0, threading.RLock()
        self._owner = _own(folder, wait_seconds)
        self._database = ""
        try:
            # By name: chDB ships no types, and importing it takes half a second.
            self._chdb: Any = import_module("chdb.session").Session(str(folder / "chdb"))
        except Exception as error:
            self._owner.close()
            raise AnalyticsError(
                f"ClickHouse could not open {folder}: {error}.",
                hint="Everything in this folder can be made again: remove it, then rebuild.",
            ) from error
        for setting in _SETTINGS:
            self.run(f"SET {setting}", {})

    @classmethod
    def share(cls, folder: Path, wait_seconds: float) -> _Session:
        with cls._guard:
            if cls._current is None:
                cls._current = cls(folder, wait_seconds)
            if cls._current.folder != folder:
                raise BusyError(
                    f"This process already has the analytics of {cls._current.folder} open, "
                    f"and ClickHouse in process opens one folder at a time, so not {folder}.",
                    hint="Close the first ledger, or ask about the second in another process.",
                    code="analytics_busy",
                )
            cls._current.users += 1
            return cls._current

    def release(self) -> None:
        with self._guard:
            self.users -= 1
            if self.users == 0:
                _Session._current = None
                self._chdb.close()
                self._owner.close()

    def use(self, database: str) -> None:
        if self._database != database:
            self.run(f"USE {database}", {})
            self._database = database

    def run(self, sql: str, bound: Mapping[str, str]) -> Any:
        try:
            return self._chdb.query(sql, "Arrow", params=dict(bound))
        except Exception as error:  # chDB raises RuntimeError and ChdbError alike
            raise _refused(error) from error

    def insert(self, sql: str, stream: bytes) -> None:
        try:
            with self._chdb.send_insert(sql, "ArrowStream") as inserter:
                inserter.append(stream)
                inserter.finish()
        except Exception as error:  # chDB raises RuntimeError and ChdbError alike
            raise _refused(error) from error


# Said in full: the defaults of these have changed from version to version.
_ONCE = "async_insert=0, insert_deduplicate=1, deduplicate_blocks_in_dependent_materialized_views=1"

# Bounded memory for questions over many keys: large groupings and sorts spill to disk.
_SETTINGS = (
    "max_bytes_before_external_group_by = 200000000",
    "max_bytes_before_external_sort = 200000000",
    "max_bytes_ratio_before_external_group_by = 0",
    "max_bytes_ratio_before_external_sort = 0",
    # To compile what is asked for the fourth time takes longer than to answer it, and made nothing
    # faster that was measured: neither the raw join nor the growth of every partner.
    "compile_expressions = 0",
    "compile_aggregate_expressions = 0",
)


def _own(folder: Path, wait_seconds: float) -> BinaryIO:
    """Hold the folder for this process: a file lock, which the system drops when we die."""
    file = (folder / "owner").open("a+b")
    deadline = time.monotonic() + wait_seconds
    while not _locked(file):
        if time.monotonic() >= deadline:
            raise _held(folder, file)
        time.sleep(0.05)
    file.truncate(0)
    file.write(str(os.getpid()).encode())
    file.flush()
    return file


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _held(folder: Path, file: BinaryIO) -> BusyError:
    file.seek(0)
    owner = file.read().decode() or "unknown"
    file.close()
    return BusyError(
        f"The analytics in {folder} are held by process {owner}.",
        hint="Wait until it ends, or ask it; only one process can open them.",
        code="analytics_busy",
    )


def _refused(error: Exception) -> AnalyticsError:
    return AnalyticsError(f"ClickHouse refused: {error}.")


def _stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        for batch in rows.combine_chunks().to_batches():
            writer.write_batch(batch)
    stream: bytes = sink.getvalue().to_pybytes()
    return stream
