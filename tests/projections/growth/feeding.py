"""What the tests of feeding share: a dump of the tables, and an estate of many inserts."""

from __future__ import annotations

from typing import Any

import polars as pl

from ledger.usage.rows import INCREMENT_SCHEMA
from projections.growth.engine import AnalyticsEngine
from projections.growth.schema import CREDITED_MEASURES
from projections.growth.sources import IncrementBatch
from tests.projections.growth.estate import Estate, increment

_ROWS = {
    "increments_raw": "mark != 'batch'",
    "party_facts": "attribute != 'seen'",
    "holding_changes": "sign != 0",
    "attempts": "kind != 'seen'",
    **dict.fromkeys(("credited_keys", "credited_holders", "credited_totals"), "rule != ''"),
}

_SUMS = ", ".join(f"sum({name}) AS {name}" for name in CREDITED_MEASURES)
_SUMMED = {
    # ClickHouse adds up rows of one order key when it merges; before that they stand apart.
    table: f"(SELECT * EXCEPT ({', '.join(CREDITED_MEASURES)}), {_SUMS} FROM {table} GROUP BY ALL)"
    for table in ("credited_holders", "credited_totals")
}

BATCH_ROWS = 60_000


def dump(engine: AnalyticsEngine, *, digest: bool = False) -> dict[str, list[Any]]:
    """Every row of every table in one order, without the marks of how far they are fed."""
    what = "count() AS rows, sum(cityHash64(*)) AS hashes" if digest else "*"
    order = "" if digest else "ORDER BY ALL"
    return {
        table: engine.query(
            f"SELECT {_columns(table, what)} FROM {_SUMMED.get(table, table)} WHERE {which} {order}"
        ).to_pylist()
        for table, which in _ROWS.items()
    }


def _columns(table: str, what: str) -> str:
    """Embedded, a mark comes as a number."""
    marked = table == "increments_raw" and what == "*"
    return "* REPLACE (toString(mark) AS mark)" if marked else what


def large_estate() -> Estate:
    """The same half a million increments each time, in ten attempts of which one never counts."""
    estate = Estate()
    tenants = [f"{number:08d}-0000-0000-0000-000000000000" for number in range(BATCH_ROWS)]
    blank = pl.DataFrame([increment("2023-01", 1, workload="teams")], schema=INCREMENT_SCHEMA)
    for attempt in range(10):
        rows = blank.drop("tenant").join(pl.DataFrame({"tenant": tenants}), how="cross")
        batch = IncrementBatch(0, attempt * BATCH_ROWS, f"a{attempt}", rows.to_arrow())
        estate.log.batches[0].append(batch)
        estate.hold("CPOR", str(attempt), "2023-01-01", tenant=tenants[0], workload="teams")
        if attempt != 4:
            estate.decide(f"a{attempt}", increments=BATCH_ROWS)
    return estate
