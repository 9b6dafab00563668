"""ClickHouse on a server, by its native protocol: the same port as the embedded one.

Owns the address, how columns become Arrow and back, and which failures pass by themselves. Columns
go over whole, never row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa

from ledger.errors import BadInputError, BusyError
from projections.growth.engine import AnalyticsError
from projections.growth.literals import Parameter, bound, name

LEAST_VERSION = (24, 8)
"""Older servers lack what the questions use; of the others each minor version is compatible."""

_SCHEMES = ("clickhouse", "clickhouses")

# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
_WAITING = {
    3: "it does not take more at the moment",
    159: "the statement took too long",
    164: "it is read-only",
    202: "it has too many queries",
    209: "the network timed out",
    210: "the network failed",
    241: "its memory is full",
    242: "a table is read-only",
    243: "its disk is full",
    252: "a table has too many parts",
    319: "it does not know whether the insert was done",
    999: "its Keeper is away",
}


class AnalyticsAwayError(BusyError):
    """The server can't be used now; the same statement may succeed later."""

    code = "analytics_away"


class WrongServerError(AnalyticsError):
    """A server that this program can't use, whatever the time."""

    code = "analytics_wrong_server"


class ServerEngine:
    """ClickHouse at ``url``: ``clickhouse://user:password@host:9000/database``.

    ``clickhouses`` is the same with TLS. One connection, for one thread; it is made again when it
    was lost. The database is made when it is missing.

    Raises ``BadInputError`` for what is no address, ``AnalyticsAwayError`` while the server can't
    be used, ``WrongServerError`` for one that is too old.
    """

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        database = address.path.strip("/")
        if address.scheme not in _SCHEMES or not address.hostname or not _is_name(database):
            raise BadInputError(
                f"{without_password(url)!r} is no address of a ClickHouse database.",
                hint="Write clickhouse://HOST:PORT/DATABASE, the database in lower-case letters.",
                code="bad_analytics_address",
            )
        self.place = without_password(url)
        driver: Any = import_module("clickhouse_driver")
        self._errors: Any = import_module("clickhouse_driver.errors")
        # Connected without a database, which may not be there yet.
        self._client: Any = driver.Client.from_url(urlunsplit((*address[:2], "/", *address[3:])))
        with self._refusals():
            self._client.execute(f"CREATE DATABASE IF NOT EXISTS {database}")
            self._client.connection.disconnect()
            self._client.connection.database = database
            self._check_version(self._client.execute("SELECT version()")[0][0])

    def execute(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """Run a statement that answers nothing."""
        with self._refusals():
            self._client.execute(bound(sql, params or {}))

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """The answer of a ``SELECT`` as Arrow columns."""
        with self._refusals():
            columns, kinds = self._client.execute(
                bound(sql, params or {}), with_column_types=True, columnar=True
            )
        told = columns or [()] * len(kinds)
        return pa.table(
            {
                label: pa.array(values, arrow_type(kind))
                for (label, kind), values in zip(kinds, told, strict=True)
            }
        )

    def insert_arrow(self, table: str, rows: pa.Table, token: str) -> None:
        """Insert all rows as one block or none; a ``token`` the table remembers inserts nothing."""
        into = f"INSERT INTO {name(table)} ({', '.join(map(name, rows.column_names))}) VALUES"
        columns = [column.to_pylist() for column in rows.columns]
        settings = {
            "async_insert": 0,
            "insert_deduplicate": 1,
            "deduplicate_blocks_in_dependent_materialized_views": 1,
            "insert_deduplication_token": token,
            "insert_block_size": max(1, rows.num_rows),
            "max_insert_block_size": max(1, rows.num_rows),
        }
        with self._refusals():
            self._client.execute(into, columns, columnar=True, settings=settings)

    def rest(self) -> None:
        """Nothing of the server's is held here."""

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            self._client.disconnect()
            self._client = None

    def _check_version(self, version: str) -> None:
        if tuple(int(part) for part in version.split(".")[:2]) < LEAST_VERSION:
            raise WrongServerError(
                f"{self.place} is ClickHouse {version}, which is too old.",
                hint=f"Use ClickHouse {'.'.join(map(str, LEAST_VERSION))} or newer.",
            )

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        if self._client is None:
            raise AnalyticsError("The analytics engine is closed.", hint="Open the ledger again.")
        try:
            yield
        except self._errors.ServerException as error:
            said = str(error).split("Stack trace")[0].strip()
            if error.code in _WAITING:
                raise self._away(_WAITING[error.code], said) from error
            raise AnalyticsError(f"ClickHouse at {self.place} refused: {said}.") from error
        except (self._errors.NetworkError, OSError, EOFError) as error:
            self._client.disconnect()
            raise self._away("it can't be reached", str(error)) from error
        except self._errors.Error as error:
            self._client.disconnect()
            raise AnalyticsError(f"ClickHouse at {self.place}: {error}.") from error

    def _away(self, why: str, said: str) -> AnalyticsAwayError:
        return AnalyticsAwayError(
            f"ClickHouse at {self.place} can't be used: {why} ({said}).",
            hint="Nothing is lost: what it lacks is fed when it can be used again.",
        )


def without_password(url: str) -> str:
    """The address as it may be shown.

    >>> without_password("clickhouse://me:secret@host:9000/db?x=1")
    'clickhouse://host:9000/db'
    """
    address = urlsplit(url)
    host = address.netloc.rpartition("@")[2]
    return urlunsplit((address.scheme, host, address.path, "", ""))


def _is_name(database: str) -> bool:
    try:
        return bool(name(database))
    except ValueError:
        return False


_PLAIN: dict[str, Callable[[], pa.DataType]] = {
    "String": pa.string,
    "Date": pa.date32,
    "Date32": pa.date32,
    "Bool": pa.bool_,
    "Float64": pa.float64,
    **{f"Int{bits}": getattr(pa, f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": getattr(pa, f"uint{bits}") for bits in (8, 16, 32, 64)},
}


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a ClickHouse type that our tables and questions use.

    >>> arrow_type("Array(LowCardinality(Nullable(String)))")
    ListType(list<item: string>)
    """
    if kind in _PLAIN:
        return _PLAIN[kind]()
    outer, _, inner = kind.partition("(")
    if outer in {"Nullable", "LowCardinality"}:
        return arrow_type(inner[:-1])
    if outer == "Array":
        return pa.list_(arrow_type(inner[:-1]))
    if outer in {"Enum8", "Enum16", "FixedString"}:
        return pa.string()
    if outer.startswith("DateTime64"):
        return pa.timestamp("us", "UTC")
    if outer.startswith("Decimal"):
        precision, scale = inner[:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    raise AnalyticsError(f"A column of type {kind} can't be read from a server.")
