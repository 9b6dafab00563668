"""A seeded estate in ClickHouse itself, so that a hundred million increments take minutes to make.

Customers with six workloads each report active users month after month; a claim holds most slots,
some change hands, and every customer has a partner of record. Each month is one report. Made by the
engine from numbers, so the same size gives the same rows everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from projections.growth import credit_fold, store
from projections.growth.engine import AnalyticsEngine
from projections.growth.schema import ATTEMPTS, HOLDING_CHANGES, PARTY_FACTS

WORKLOADS = ("exchange", "sharepoint", "teams", "intune", "yammer", "proplus")
MONTHS = 36


class Size(NamedTuple):
    """How many increments there are, and what follows from it."""

    increments: int

    @property
    def tenants(self) -> int:
        """Customers."""
        return max(1, self.increments // (MONTHS * len(WORKLOADS)))

    @property
    def partners(self) -> int:
        """Partner locations: 30,000 at the largest size."""
        return max(3, min(30_000, self.tenants // 15))


def build(engine: AnalyticsEngine, size: Size) -> int:
    """The tables before the fold, fed up to the position that is returned."""
    store.make_tables(engine)
    names = "[" + ", ".join(f"'{name}'" for name in WORKLOADS) + "]"
    for month in range(MONTHS):
        engine.execute(f"""
            INSERT INTO increments_raw
            SELECT
                0, {month} * {size.tenants * len(WORKLOADS)} + number, 'a{month:02}', 'm365.mau',
                {_tenant("intDiv(number, 6)")}, '', {names}[number % 6 + 1], '', '', '',
                toDate('2021-01-01') + INTERVAL {month} MONTH,
                '{"growth" if month else "opening"}',
                (cityHash64(number, {month}) % 41 - 10) * 1000000,
                (cityHash64(number, {month}) % 900) * 1000000, NULL, number % 1000000
            FROM numbers({size.tenants * len(WORKLOADS)})
            SETTINGS max_insert_threads = 2, async_insert = 0""")
    head = _holdings(engine, size)
    facts = pl.DataFrame(schema=PARTY_FACTS)
    products = f"""
        INSERT INTO party_facts
        SELECT
            1, 'subscription.product', concat('s-', toString(number)), {_tenant("number")}, 'm365'
        FROM numbers({size.tenants})"""
    engine.execute(products)
    store.insert_positions(engine, "party_facts", facts, head)
    rows = [
        {
            "position": head - MONTHS + 1 + month,
            "kind": "loaded",
            "attempt": f"a{month:02}",
            "report": f"r{month:02}",
            "report_kind": "cpor_m365",
            "file_name": "",
            "period_from": None,
            "period_to": None,
            "basis": 0,
            "increments": size.tenants * len(WORKLOADS),
        }
        for month in range(MONTHS)
    ]
    store.insert_positions(engine, "attempts", pl.DataFrame(rows, schema=ATTEMPTS), head)
    return head


def _tenant(number: str) -> str:
    return f"concat(lower(hex(toUInt32({number} * 2654435761))), '-0000-4000-8000-000000000000')"


def _holdings(engine: AnalyticsEngine, size: Size) -> int:
    """Claims on five slots of six, one in ten moved on in July 2022; a DPOR for each customer."""
    names = "[" + ", ".join(f"'{name}'" for name in WORKLOADS) + "]"
    claim = f"""
        SELECT
            1 + number AS position, 1 AS sign, number AS row_id, 'CPOR' AS kind, '' AS slot,
            {_tenant("intDiv(number, 6)")} AS tenant, '' AS subscription,
            {names}[number % 6 + 1] AS workload, 'usage' AS activity, '' AS scope, '' AS role,
            toString(100000 + cityHash64(number) % {size.partners}) AS partner,
            toString(intDiv(toUInt32(partner), 3)) AS organisation, '' AS claim,
            toInt64(1609459200000000) AS effective_from,
            if(number % 10 = 3, 1656633600000000, 9223372036854775807) AS effective_to,
            position AS because, '' AS rule
        FROM numbers({size.tenants * 6}) WHERE number % 6 != 5"""
    engine.execute(f"INSERT INTO holding_changes {claim}")
    engine.execute(f"""
        INSERT INTO holding_changes
        SELECT * REPLACE (
            row_id + 100000000 AS row_id,
            toString(100000 + cityHash64(row_id, 1) % {size.partners}) AS partner,
            1656633600000000 AS effective_from, 9223372036854775807 AS effective_to)
        FROM ({claim}) WHERE row_id % 10 = 3""")
    engine.execute(f"""
        INSERT INTO holding_changes
        SELECT
            1 + number * 6, 1, 200000000 + number, 'DPOR', '', {_tenant("number")},
            concat('s-', toString(number)), '', '', '', '',
            toString(100000 + cityHash64(number, 2) % {size.partners}) AS partner,
            toString(intDiv(toUInt32(partner), 3)), '', 1577836800000000, 9223372036854775807, 1, ''
        FROM numbers({size.tenants})""")
    head = size.tenants * 6 + MONTHS + 1
    store.insert_positions(engine, "holding_changes", pl.DataFrame(schema=HOLDING_CHANGES), head)
    return head


def change_hands(engine: AnalyticsEngine, head: int, number: int) -> int:
    """Another partner turns out to have held a slot for two years; the new head, unfolded."""
    found = engine.query(
        "SELECT * FROM holding_changes WHERE row_id = {row:UInt64}", {"row": number * 6 + 1}
    )
    old = pl.DataFrame(pl.from_arrow(found)).select(
        pl.col(name).cast(kind) for name, kind in HOLDING_CHANGES.items()
    )
    gone = old.with_columns(position=pl.lit(head + 1, pl.UInt64), sign=pl.lit(-1, pl.Int8))
    come = gone.with_columns(
        sign=pl.lit(1, pl.Int8),
        row_id=pl.col("row_id") + 300_000_000,
        partner=pl.lit("100001"),
        organisation=pl.lit("33333"),
    )
    for table, rows in (
        ("party_facts", pl.DataFrame(schema=PARTY_FACTS)),
        ("holding_changes", pl.concat([gone, come])),
        ("attempts", pl.DataFrame(schema=ATTEMPTS)),
    ):
        store.insert_positions(engine, table, rows, head + 1)
    credit_fold.fold(engine, head + 1)
    return head + 1
