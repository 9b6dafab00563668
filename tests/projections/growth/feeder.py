"""A feeder to be killed: `python -m tests.projections.growth.feeder TARGET SEED [audit]`.

Feeds the same estate each time, in batches whose sizes follow from SEED, into the ClickHouse at
TARGET (a folder or an address), on which a slow view of the increments stands. Says ``opened`` when
it begins and ``fed`` when it has fed all; with ``audit``, then what the tables hold, as JSON.
"""

from __future__ import annotations

import faulthandler
import json
import sys
from random import Random
from typing import Any

import polars as pl

from ledger.usage.rows import INCREMENT_SCHEMA
from projections.growth import credit_fold, feed, store
from projections.growth.check import check
from projections.growth.engine import AnalyticsEngine, ChdbEngine
from projections.growth.server import ServerEngine
from projections.growth.sources import IncrementBatch
from tests.projections.growth.estate import Estate, increment
from tests.waiting import PATIENCE_SECONDS

PARTITIONS, ATTEMPTS, TENANTS = 2, 6, 1_500
ROWS = PARTITIONS * ATTEMPTS * TENANTS


def estate() -> Estate:
    """Attempts in two partitions, one of which never counts, and holders that come and go."""
    made = Estate()
    tenants = [f"{number:05}" for number in range(TENANTS)]
    row = pl.DataFrame([increment("2023-01", 1, workload="teams")], schema=INCREMENT_SCHEMA)
    made.log.batches = {partition: [] for partition in range(PARTITIONS)}
    for attempt in range(ATTEMPTS):
        months = row.with_columns(date=pl.date(2023, 1 + attempt, 1)).drop("tenant")
        for partition in range(PARTITIONS):
            own = pl.DataFrame({"tenant": [f"{partition}-{name}" for name in tenants]})
            rows = months.join(own, how="cross").select(INCREMENT_SCHEMA.names())
            first = attempt * TENANTS
            batch = IncrementBatch(partition, first, f"a{attempt}-{partition}", rows.to_arrow())
            made.log.batches[partition].append(batch)
            if attempt != 2:
                made.decide(f"a{attempt}-{partition}", increments=TENANTS)
        held = made.hold("CPOR", f"p{attempt}", "2023-01-01", tenant="0-00001", workload="teams")
        if attempt % 2:
            made.forget(held)
    return made


def make_view(engine: AnalyticsEngine) -> None:
    """A view as users attach their own: its target has the window, and it is slow."""
    engine.execute("""
        CREATE TABLE IF NOT EXISTS seen (partition UInt16, month Date, rows UInt64, sum Int64)
        ENGINE = SummingMergeTree ORDER BY (partition, month)
        SETTINGS non_replicated_deduplication_window = 10000""")
    engine.execute("""
        CREATE MATERIALIZED VIEW IF NOT EXISTS seen_view TO seen AS
        SELECT partition, month, count() AS rows, sum(delta_micro) + sum(sleep(0.02)) AS sum
        FROM increments_raw WHERE mark != 'batch' GROUP BY partition, month""")


def audit(engine: AnalyticsEngine) -> dict[str, Any]:
    """What the tables hold, counted by partition and offset, and what the checks find."""
    base = engine.query("""
        SELECT count() AS rows, uniqExact(partition, offset) AS distinct, sum(delta_micro) AS sum
        FROM increments_raw WHERE mark != 'batch'""").to_pylist()[0]
    view = engine.query("SELECT sum(rows) AS rows, sum(sum) AS sum FROM seen").to_pylist()[0]
    credited = engine.query("SELECT sum(growth_micro) AS sum FROM credited_totals").to_pylist()[0]
    differing = [each._asdict() for each in check(engine) if each.differing]
    return {"base": base, "view": view, "credited": credited["sum"], "differing": differing}


def main(target: str, seed: str, then: str = "") -> None:
    """Feed, and say so; where it is, when that takes much too long."""
    faulthandler.dump_traceback_later(PATIENCE_SECONDS * 3 / 4)
    server = target.startswith("clickhouse:")
    engine: AnalyticsEngine = ServerEngine(target) if server else ChdbEngine(target)
    chance = Random(seed)
    feed._INSERT_ROWS = chance.choice([70, 400, 2_500])  # noqa: SLF001 - how large a batch is
    credit_fold.PORTION_ROWS = chance.choice([500, 3_000, 100_000])
    print("opened", flush=True)
    made = estate()
    store.make_tables(engine)
    make_view(engine)
    feed.repair(engine, made.log)
    made.feed(engine)
    print("fed", flush=True)
    if then == "audit":
        print(json.dumps(audit(engine)), flush=True)
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
