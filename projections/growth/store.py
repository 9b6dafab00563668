"""The growth tables: made, inserted into once, and asked how far they are fed.

Each table is its own checkpoint: how far it is fed is read back from the rows in it, never kept
elsewhere, so that no crash can part the two (docs of each table in `tables/*.sql`).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

import polars as pl

from ledger.errors import DamagedError
from projections.growth.engine import AnalyticsEngine, AnalyticsError
from projections.growth.literals import Parameter
from projections.growth.schema import (
    ATTEMPTS,
    DIMENSIONS,
    HOLDING_CHANGES,
    INCREMENTS,
    PARTY_FACTS,
    marker,
)

FORMAT = 2
"""Raised whenever a table changes: tables of another format are made again, or refused."""

TABLES = (
    "increments_raw",
    "party_facts",
    "holding_changes",
    "attempts",
    "credited_keys",
    "credited_holders",
    "credited_totals",
)
"""In the order they are fed: an attempt is entered after its rows and credited after it is."""

OF_LEDGER = "growth_tables"
"""The table that says whose the others are."""


class RacedError(Exception):
    """Another feeder inserted first; nothing was added, and the tables are ahead of this one."""


class OtherTablesError(AnalyticsError):
    """The tables there are of another ledger, or of another format of this program."""

    code = "analytics_of_another"


_BY_POSITION = {
    "party_facts": (PARTY_FACTS, {"attribute": "seen"}),
    "holding_changes": (HOLDING_CHANGES, {}),
    "attempts": (ATTEMPTS, {"kind": "seen"}),
}


@cache
def sql(folder: str, name: str) -> str:
    """The text of ``<folder>/<name>.sql`` of this package."""
    return (files(__package__) / folder / f"{name}.sql").read_text(encoding="utf-8")


def make_tables(engine: AnalyticsEngine) -> None:
    """Make the tables that are missing; leave the others as they are."""
    for table in TABLES:
        engine.execute(sql("tables", table))


def claim(engine: AnalyticsEngine, ledger: str) -> None:
    """Note that these tables are of ``ledger``, where there are none yet.

    Raises ``OtherTablesError`` where they are of another ledger or format.
    """
    engine.execute(sql("tables", OF_LEDGER))
    found = {(row["ledger"], row["format"]) for row in engine.query(_OWNERS).to_pylist()}
    if not found and not _older_tables(engine):
        row = pl.DataFrame({"ledger": [ledger], "format": [FORMAT]}, schema=_OWNER)
        engine.insert_arrow(OF_LEDGER, row.to_arrow(), f"{ledger}:{FORMAT}")
    elif {name for name, _ in found} - {ledger}:
        raise OtherTablesError(
            f"The analytics there are of ledger {min(found)[0]}, not of {ledger}.",
            hint="Give each ledger a database of its own.",
        )
    elif found != {(ledger, FORMAT)}:
        raise OtherTablesError(
            f"The analytics there are in another format than {FORMAT}, this program's.",
            hint="Make them again: attribution rebuild --only analytics.",
            code="analytics_format",
        )


def _older_tables(engine: AnalyticsEngine) -> bool:
    """Whether there are tables from before they said whose they are."""
    return int(engine.query(_OLDER)["tables"][0].as_py()) > 0


_OWNERS = f"SELECT DISTINCT ledger, format FROM {OF_LEDGER}"
_OWNER = pl.Schema({"ledger": pl.String(), "format": pl.UInt16()})
_OLDER = """
SELECT count() AS tables FROM system.tables
WHERE database = currentDatabase() AND name = 'increments_raw'
"""


def drop_tables(engine: AnalyticsEngine) -> None:
    """Forget everything; the next feeding starts at position 1 and offset 0."""
    for table in (*TABLES, OF_LEDGER):
        engine.execute(f"DROP TABLE IF EXISTS {table} SYNC")


def fed_to(engine: AnalyticsEngine, table: str) -> int:
    """The position up to which a table is fed; 0 for not at all."""
    if table not in _BY_POSITION:
        raise ValueError(f"{table!r} is not a table fed by position")
    head = f"SELECT max(position) AS head FROM {table}"
    return int(engine.query(head)["head"][0].as_py())


def answerable(engine: AnalyticsEngine) -> int:
    """The last position that every table covers: the latest an answer can be pinned to."""
    return int(engine.query(_ANSWERABLE)["position"][0].as_py())


_ANSWERABLE = """
SELECT min(upto) AS position
FROM
(
    SELECT max(position) AS upto FROM party_facts
    UNION ALL SELECT max(position) FROM holding_changes
    UNION ALL SELECT max(position) FROM attempts
    UNION ALL SELECT max(position) FROM credited_keys PREWHERE rule = '' AND metric = 'seen'
    UNION ALL SELECT max(position) FROM credited_holders PREWHERE rule = '' AND metric = 'seen'
    UNION ALL SELECT max(position) FROM credited_totals PREWHERE rule = '' AND metric = 'seen'
)
"""


def insert_positions(engine: AnalyticsEngine, table: str, rows: pl.DataFrame, upto: int) -> None:
    """Insert every row of the positions after the table's last one, up to ``upto``, once.

    The rows and the mark that they are complete are one block under the token of the next expected
    position; then the mark is read back. Raises ``DamagedError`` when it is not there, and
    ``RacedError`` when another's is.
    """
    schema, values = _BY_POSITION[table]
    before = fed_to(engine, table)
    token = f"{table}:{before + 1}"
    engine.insert_arrow(table, pl.concat([rows, marker(schema, upto, **values)]).to_arrow(), token)
    found = fed_to(engine, table)
    if found not in {before, upto}:
        raise RacedError
    if found != upto:
        raise DamagedError(
            f"The analytics table {table} should now be fed to position {upto}, but says {found}.",
            hint="Rebuild the analytics: they can be made again from the logs.",
        )


def next_offset(engine: AnalyticsEngine, partition: int) -> int:
    """The first offset of a usage log partition that is not in ``increments_raw`` yet."""
    answer = engine.query(_NEXT_OFFSET, {"partition": partition})
    return int(answer["next"][0].as_py())


_NEXT_OFFSET = """
SELECT if(count() = 0, 0, max(offset) + 1) AS next
FROM increments_raw WHERE metric = '' AND partition = {partition:UInt16}
"""


def last_batch(engine: AnalyticsEngine, partition: int) -> tuple[int, int] | None:
    """The first and the last offset of the last insert of a partition; None before any."""
    rows = engine.query(_LAST_BATCH, {"partition": partition}).to_pylist()
    return (rows[0]["first"], rows[0]["last"]) if rows[0]["batches"] else None


_LAST_BATCH = """
SELECT count() AS batches, argMax(delta_micro, offset) AS first, max(offset) AS last
FROM increments_raw WHERE metric = '' AND partition = {partition:UInt16}
"""


def insert_increments(
    engine: AnalyticsEngine, rows: pl.DataFrame, partition: int, first: int
) -> int:
    """Insert rows of one partition from offset ``first`` on, once; the next offset expected.

    The rows and their mark are one block. Raises ``DamagedError`` when the rows' end is not read
    back, and ``RacedError`` when that of another's rows is.
    """
    repeat_increments(engine, rows, partition, first)
    expected, found = int(rows["offset"][-1]) + 1, next_offset(engine, partition)
    if found == expected:
        return expected
    if found > first:
        raise RacedError
    raise DamagedError(
        f"The analytics should now hold partition {partition} of the usage log up to offset "
        f"{expected}, but hold it up to {found}.",
        hint="Rebuild the analytics: they can be made again from the logs.",
    )


def repeat_increments(
    engine: AnalyticsEngine, rows: pl.DataFrame, partition: int, first: int
) -> None:
    """Insert a batch under its own token: adds what lacks of it, to views of the table, too."""
    cells: dict[str, Parameter] = {
        "partition": partition,
        "offset": int(rows["offset"][-1]),
        "mark": "batch",
        "month": date(1970, 1, 1),
        "delta_micro": first,
    }
    empty = {"attempt": "", "row": 0, **dict.fromkeys(DIMENSIONS, "")}
    values = {name: [{**empty, **cells}.get(name)] for name in INCREMENTS}
    block = pl.concat([rows, pl.DataFrame(values, schema=INCREMENTS)])
    engine.insert_arrow("increments_raw", block.to_arrow(), f"increments_raw:{partition}:{first}")
