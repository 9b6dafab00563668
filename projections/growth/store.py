"""The growth tables: made, inserted into once, and asked how far they are fed.

Each table is its own checkpoint: how far it is fed is read back from the rows in it, never kept
elsewhere, so that no crash can part the two (docs of each table in `tables/*.sql`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import polars as pl

from ledger.errors import DamagedError
from projections.growth.engine import AnalyticsEngine
from projections.growth.schema import ATTEMPTS, HOLDING_CHANGES, PARTY_FACTS, marker

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


def drop_tables(engine: AnalyticsEngine) -> None:
    """Forget everything; the next feeding starts at position 1 and offset 0."""
    for table in TABLES:
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
SELECT least(
    (SELECT max(position) FROM party_facts),
    (SELECT max(position) FROM holding_changes),
    (SELECT max(position) FROM attempts),
    (SELECT max(position) FROM credited_keys WHERE rule = '' AND metric = 'seen'),
    (SELECT max(position) FROM credited_holders WHERE rule = '' AND metric = 'seen'),
    (SELECT max(position) FROM credited_totals WHERE rule = '' AND metric = 'seen')
) AS position
"""


def insert_positions(engine: AnalyticsEngine, table: str, rows: pl.DataFrame, upto: int) -> None:
    """Insert every row of the positions after the table's last one, up to ``upto``, once.

    The rows and the mark that they are complete are one block under the token of the next expected
    position; then the mark is read back. Raises ``DamagedError`` when it is not there.
    """
    schema, values = _BY_POSITION[table]
    token = f"{table}:{fed_to(engine, table) + 1}"
    engine.insert_arrow(table, pl.concat([rows, marker(schema, upto, **values)]).to_arrow(), token)
    if fed_to(engine, table) != upto:
        raise DamagedError(
            f"The analytics table {table} should now be fed to position {upto}, "
            f"but says {fed_to(engine, table)}.",
            hint="Rebuild the analytics: they can be made again from the logs.",
        )


def next_offset(engine: AnalyticsEngine, partition: int) -> int:
    """The first offset of a usage log partition that is not in ``increments_raw`` yet."""
    answer = engine.query(_NEXT_OFFSET, {"partition": partition})
    return int(answer["next"][0].as_py())


_NEXT_OFFSET = """
SELECT if(count() = 0, 0, max(offset) + 1) AS next
FROM increments_raw WHERE partition = {partition:UInt16}
"""


def insert_increments(
    engine: AnalyticsEngine, rows: pl.DataFrame, partition: int, first: int
) -> int:
    """Insert rows of one partition from offset ``first`` on, once; the next offset expected.

    Raises ``DamagedError`` when the rows' end is not read back.
    """
    engine.insert_arrow("increments_raw", rows.to_arrow(), f"increments_raw:{partition}:{first}")
    expected = int(rows["offset"][-1]) + 1
    if next_offset(engine, partition) != expected:
        raise DamagedError(
            f"The analytics should now hold partition {partition} of the usage log up to offset "
            f"{expected}, but hold it up to {next_offset(engine, partition)}.",
            hint="Rebuild the analytics: they can be made again from the logs.",
        )
    return expected
