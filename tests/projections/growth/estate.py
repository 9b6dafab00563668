"""Hand-made estates for growth: a usage log, a chain and a holdings view, as plain as they come."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import polars as pl

from ledger.usage.rows import DIMENSIONS, INCREMENT_SCHEMA
from projections.growth.engine import AnalyticsEngine
from projections.growth.feed import Fed, catch_up
from projections.growth.sources import IncrementBatch, SqliteHoldings
from schemas.time import FOREVER_US, to_us

MICRO = 1_000_000

HOLDINGS = """
CREATE TABLE holdings (
    row_id INTEGER PRIMARY KEY, kind TEXT, slot TEXT, tenant TEXT, subscription TEXT, workload TEXT,
    activity TEXT, scope TEXT, role TEXT, partner TEXT, organisation TEXT, claim TEXT,
    effective_from INTEGER, effective_to INTEGER, known_from INTEGER, known_to INTEGER,
    recorded_from INTEGER, recorded_to INTEGER, because INTEGER, rule TEXT)
"""


def month(text: str) -> date:
    """The first day of a month written ``2023-08``."""
    return date.fromisoformat(f"{text}-01")


def day_us(text: str) -> int:
    """The first microsecond of a UTC day."""
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


def increment(
    when: date | str,
    delta: int,
    *,
    mark: str = "growth",
    level: int | None = None,
    gap_from: str | None = None,
    **dimensions: str,
) -> dict[str, Any]:
    """One increment row; amounts in whole units."""
    blank = dict.fromkeys(DIMENSIONS[1:], "")
    return {
        "metric": "m365.mau",
        **blank,
        **dimensions,
        "date": month(when) if isinstance(when, str) else when,
        "mark": mark,
        "delta_micro": delta * MICRO,
        "level_micro": None if level is None else level * MICRO,
        "gap_from": gap_from and month(gap_from),
        "row": 2,
    }


@dataclass
class HandMadeLog:
    """A usage log of lists: each partition holds batches one after another."""

    batches: dict[int, list[IncrementBatch]] = field(default_factory=lambda: {0: []})

    def append(self, attempt: str, rows: list[dict[str, Any]], partition: int = 0) -> None:
        """Add the rows of an attempt as one batch."""
        there = self.batches.setdefault(partition, [])
        first = there[-1].first_offset + len(there[-1].rows) if there else 0
        table = pl.DataFrame(rows, schema=INCREMENT_SCHEMA).to_arrow()
        there.append(IncrementBatch(partition, first, attempt, table))

    def partitions(self) -> list[int]:
        """The partitions there are."""
        return sorted(self.batches)

    def increments(self, partition: int, from_offset: int) -> Iterator[IncrementBatch]:
        """Every batch that holds an offset from ``from_offset`` on."""
        for batch in self.batches[partition]:
            if batch.first_offset + len(batch.rows) > from_offset:
                yield batch


@dataclass
class HandMadeChain:
    """Events by position; its head may be past the last of them."""

    told: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    last: int = 0

    def head(self) -> int:
        """The last position."""
        return self.last

    def events(
        self, types: Collection[str], after: int, upto: int
    ) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
        """Events of these types in ``(after, upto]``."""
        return (event for event in self.told if event[1] in types and after < event[0] <= upto)


class Estate:
    """A ledger's worth of facts to feed growth from; positions rise by themselves."""

    def __init__(self) -> None:
        self.log, self.chain = HandMadeLog(), HandMadeChain()
        self.views = sqlite3.connect(":memory:")
        self.views.execute(HOLDINGS)
        for name in ("parties", "figures", "access"):
            script = files("projections.tables").joinpath(f"{name}.sql").read_text("utf-8")
            self.views.executescript(script)

    def close(self) -> None:
        """Let go of the view."""
        self.views.close()

    def tell(self, type_name: str, **data: Any) -> int:
        """Append an event; its position."""
        self.chain.last += 1
        self.chain.told.append((self.chain.last, type_name, data))
        return self.chain.last

    def load(
        self,
        attempt: str,
        rows: list[dict[str, Any]],
        *,
        withdrawn: bool = False,
        report_kind: str = "cpor_m365",
    ) -> int:
        """Append increments and the decision that counts them; its position."""
        self.log.append(attempt, rows)
        kind = "withdrawn" if withdrawn else "loaded"
        months = sorted(row["date"] for row in rows)
        period = (str(months[0]), str(months[-1])) if months else ("2023-07-01", "2023-07-01")
        return self.decide(
            attempt, kind, increments=len(rows), report_kind=report_kind, period=period
        )

    def decide(
        self,
        attempt: str,
        kind: str = "loaded",
        *,
        increments: int,
        report_kind: str = "cpor_m365",
        period: tuple[str, str] = ("2023-07-01", "2023-07-01"),
    ) -> int:
        """The decision that an attempt counts; its position."""
        data = {
            "report": f"report-{attempt}",
            "attempt": attempt,
            "basis": self.chain.last,
            "cut": [{"partition": 0, "count": increments}],
            "increments": increments,
        }
        if kind == "loaded":
            data |= {"kind": report_kind, "file_name": "usage.tsv"}
            data |= {"period_from": period[0], "period_to": period[1]}
        return self.tell(f"usage.report.{kind}.v1", **data)

    def hold(self, kind: str, partner: str, since: str, until: str = "", **columns: Any) -> int:
        """A holding that became known at the next position; its row id."""
        self.chain.last += 1
        row = {
            "kind": kind,
            "slot": f"{kind.lower()}:slot",
            "partner": partner,
            "organisation": "100",
            "effective_from": day_us(since),
            "effective_to": day_us(until) if until else FOREVER_US,
            "known_from": self.chain.last,
            "known_to": FOREVER_US,
            "because": self.chain.last,
            **columns,
        }
        names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
        sql = f"INSERT INTO holdings ({names}) VALUES ({places})"
        row_id = self.views.execute(sql, row).lastrowid
        assert row_id is not None
        return row_id

    def forget(self, row_id: int) -> int:
        """The holding row ceases to be known at the next position; that position."""
        self.chain.last += 1
        sql = "UPDATE holdings SET known_to = ? WHERE row_id = ?"
        self.views.execute(sql, (self.chain.last, row_id))
        return self.chain.last

    def holdings(self, batch_rows: int = 100_000) -> SqliteHoldings:
        """The view, fed to the chain's head."""
        return SqliteHoldings(self.views, self.chain.last, batch_rows=batch_rows)

    def feed(self, engine: AnalyticsEngine) -> Fed:
        """Feed an engine with all of it."""
        return catch_up(engine, self.log, self.chain, self.holdings())
