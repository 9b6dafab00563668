"""Levels: every partner's for one month, and one partner's among them (issue 6's floors).

The tables are fed through their own ports with a seeded estate: partners with five customers each,
who each have one workload claimed and fourteen months of users and paid units.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from random import Random
from typing import Any

import polars as pl

from bench.blocks import Plan
from bench.table import Row, at_most
from ledger.rules.programmes.files import shipped
from ledger.usage.rows import INCREMENT_SCHEMA
from projections.growth.engine import ChdbEngine
from projections.growth.feed import catch_up
from projections.growth.schema import HOLDING_CHANGES
from projections.growth.sources import HoldingChanges, IncrementBatch
from projections.programmes.holder import Holder, months_before
from projections.programmes.level import partner_level, ranking
from schemas.time import FOREVER_US, from_iso

PARTNERS = 30_000
CUSTOMERS, MONTHS, LAST = 5, 14, date(2023, 9, 1)
ASKED = 20


class _Estate:
    """The three ports of the growth tables over one seeded estate."""

    def __init__(self, partners: int) -> None:
        self.partners = partners
        self._random = Random(11)
        self.rows = self._increments()

    def _increments(self) -> pl.DataFrame:
        count = self.partners * CUSTOMERS
        numbers = pl.DataFrame({"n": range(count), "units": [self._units() for _ in range(count)]})
        months = [months_before(LAST, n) for n in range(MONTHS - 1, -1, -1)]
        told = numbers.join(pl.DataFrame({"m": range(MONTHS), "date": months}), how="cross")
        users = told["units"] * (10 + 5 * told["m"] + told["n"] % 20) // 100
        parts = [
            _levels(told, "m365.mau", users),
            _levels(told, "m365.pau", told["units"]),
        ]
        return pl.concat(parts)

    def _units(self) -> int:
        return self._random.choice((20, 120, 300, 900))

    def partitions(self) -> Sequence[int]:
        return (0,)

    def increments(self, partition: int, from_offset: int) -> Iterator[IncrementBatch]:
        del partition
        size = 100_000
        for first in range(0, len(self.rows), size):
            if first + size > from_offset:
                yield IncrementBatch(0, first, "all", self.rows.slice(first, size).to_arrow())

    def head(self) -> int:
        return 10

    def events(
        self, types: Collection[str], after: int, upto: int
    ) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
        name = "usage.report.loaded.v1"
        if name in types and after < 10 <= upto:
            yield 10, name, self._loaded()

    def _loaded(self) -> dict[str, Any]:
        first = months_before(LAST, MONTHS - 1)
        told = {"report": "all", "attempt": "all", "basis": 0, "kind": "cpor_m365"}
        told |= {"file_name": "all.tsv", "period_from": str(first), "period_to": str(LAST)}
        return {**told, "increments": len(self.rows), "cut": []}

    def changes(self, after: int, upto: int) -> Iterator[HoldingChanges]:
        if not after < 9 <= upto:
            return
        count = self.partners * CUSTOMERS
        since = from_iso("2021-01-01T00:00:00Z")
        partner = [f"P{n // CUSTOMERS}" for n in range(count)]
        columns = {
            "position": [9] * count,
            "sign": [1] * count,
            "row_id": range(1, count + 1),
            "kind": ["CPOR"] * count,
            "slot": [f"cpor:m365:T{n}:teams" for n in range(count)],
            "tenant": [f"T{n}" for n in range(count)],
            **dict.fromkeys(("subscription", "scope", "role", "claim", "rule"), [""] * count),
            "workload": ["teams"] * count,
            "activity": ["usage"] * count,
            "partner": partner,
            "organisation": partner,
            "effective_from": [since + (n % 30) * 10**12 for n in range(count)],
            "effective_to": [FOREVER_US] * count,
            "because": [9] * count,
        }
        yield HoldingChanges(9, pl.DataFrame(columns, schema=HOLDING_CHANGES))


def _levels(told: pl.DataFrame, metric: str, level: pl.Series) -> pl.DataFrame:
    rows = told.with_columns(level=level).with_columns(
        delta=pl.col("level") - pl.col("level").shift(1).over("n", order_by="m").fill_null(0),
        mark=pl.when(pl.col("m") == 0).then(pl.lit("opening")).otherwise(pl.lit("growth")),
    )
    blank = {name: pl.lit("") for name in ("subscription", "resource", "partner", "attribution")}
    return rows.with_columns(
        metric=pl.lit(metric),
        tenant=pl.lit("T") + pl.col("n").cast(pl.String),
        workload=pl.lit("teams"),
        delta_micro=pl.col("delta") * 1_000_000,
        level_micro=pl.col("level") * 1_000_000,
        gap_from=pl.lit(None, dtype=pl.Date),
        row=pl.lit(2),
        **blank,
    ).select(pl.col(name).cast(kind) for name, kind in INCREMENT_SCHEMA.items())


def _views(partners: int) -> sqlite3.Connection:
    views = sqlite3.connect(":memory:")
    for name in ("parties", "figures", "access"):
        views.executescript(files("projections.tables").joinpath(f"{name}.sql").read_text("utf-8"))
    told = (
        (2 * n + k, f"P{n}", metric, str(n % 4))
        for n in range(partners)
        for k, metric in enumerate(("intermediate_certs", "advanced_certs"))
    )
    sql = (
        "INSERT INTO figures VALUES (?1 + 1, 'modern_work_2023', ?3, ?2, '', '', '', '2023-09-30',"
        " ?4, 'bench')"
    )
    views.executemany(sql, told)
    return views


def measure(plan: Plan) -> Iterator[Row]:
    """The rows of levels."""
    partners = plan.pick(100, PARTNERS)
    engine = ChdbEngine(plan.new_folder("levels"))
    try:
        estate, views = _Estate(partners), _views(partners)
        catch_up(engine, estate, estate, estate)
        programme = shipped("modern_work_2023")
        asked = (engine, views, programme, programme.id)
        start = time.perf_counter()
        ranked = ranking(*asked, LAST, 10)
        seconds = time.perf_counter() - start
        detail = f"{len(ranked):,} partners, {len(estate.rows):,} increments"
        yield at_most("levels of every partner for one month", "s", seconds, 10.0, detail)
        spent = sorted(_one(asked, f"P{n * 37 % partners}") for n in range(ASKED))
        median = spent[len(spent) // 2]
        detail = f"p50 of {ASKED}, most {spent[-1] * 1000:,.0f} ms; six months each"
        yield at_most("one partner's level, after imports", "ms", median * 1000, 300.0, detail)
    finally:
        engine.close()


def _one(asked: tuple[Any, ...], partner: str) -> float:
    engine, views, programme, name = asked
    start = time.perf_counter()
    partner_level(engine, views, programme, name, Holder("organisation", partner), LAST, 10)
    return time.perf_counter() - start
