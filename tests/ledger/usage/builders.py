"""What tests of usage are made of: months, tenants, frames, reports and surroundings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from ledger.usage.attempt import Surroundings, UsageLoads
from ledger.usage.decisions import Picture
from ledger.usage.log import UsageLog, Wanted
from ledger.usage.metrics import METRICS
from ledger.usage.reports.parsed import ParsedReport, statement_frame
from ledger.usage.reports.read import REJECTED_SCHEMA
from ledger.usage.sqlite_log import SqliteUsageLog
from tests.ledger.usage.decisions_in_memory import DecisionsInMemory
from tests.ledger.usage.naive_model import Row

MAU, PAU, ACR = "m365.mau", "m365.pau", "azure.acr"
T1, T2 = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
MICRO = 1_000_000

Told = Mapping[Any, int]
"""Units by key and month."""


def month(number: int, year: int = 2023) -> date:
    """The first day of a month."""
    return date(year, number, 1)


def statements(metric: str, told: Told) -> pl.DataFrame:
    """A frame of statements from ``{(key, month): units}``; lines are 2, 3, 4 ..."""
    names = METRICS[metric].key
    rows = [
        {**dict(zip(names, key, strict=True)), "month": day, "value_micro": value * MICRO}
        for (key, day), value in told.items()
    ]
    schema = {**dict.fromkeys(names, pl.String()), "month": pl.Date(), "value_micro": pl.Int64()}
    return statement_frame(metric, pl.DataFrame(rows, schema=schema).with_row_index("row", 2))


def report(name: str, *told: tuple[str, Told]) -> ParsedReport:
    """A parsed report; the same name is the same file."""
    return ParsedReport(
        kind="made",
        file_name=name,
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        metrics=tuple(metric for metric, _ in told),
        statements=tuple(statements(metric, levels) for metric, levels in told),
        rejected=REJECTED_SCHEMA.to_frame(),
        ignored_columns=(),
        notes=(),
        exported_us=None,
    )


def mau(name: str, told: Mapping[date, int], tenant: str = T1) -> ParsedReport:
    """A report of the active Teams users of one tenant."""
    return report(name, (MAU, {((tenant, "teams"), day): users for day, users in told.items()}))


def loads(folder: Path, decisions: DecisionsInMemory | None = None) -> UsageLoads:
    """Loads over a new log and decisions in memory; a pause moves the clock."""
    return loads_on(SqliteUsageLog(folder / "usage.db"), decisions or DecisionsInMemory())


def loads_on(log: UsageLog, chain: DecisionsInMemory, name: str = "id") -> UsageLoads:
    """Loads over a log and decisions in memory; ids begin with a name. A pause moves the clock."""
    ids = count(1)

    def pause(duration_us: int) -> None:
        chain.now_us += duration_us

    around = Surroundings(lambda: f"{name}{next(ids)}", lambda: chain.now_us, pause)
    return UsageLoads(chain, log, around)


def counted_rows(log: UsageLog, picture: Picture, metric: str) -> Iterator[Row]:
    """The counted increments of a metric in the order in which they came to count."""
    log.hold(picture.decided)
    for entry in picture.decided:
        for cut in entry.decision.cut:
            for batch in log.read_attempt(cut, Wanted("increment", [metric])):
                columns = [*METRICS[metric].key]
                for row in batch.rows.iter_rows(named=True):
                    yield Row(
                        tuple(row[name] for name in columns),
                        row["date"],
                        row["mark"],
                        row["delta_micro"],
                        row["level_micro"],
                        row["gap_from"],
                    )
