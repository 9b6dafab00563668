"""What a report says, once read: its statements by metric, and everything that was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from ledger.usage.reports.read import REJECTED_SCHEMA, Table, rejected_rows
from ledger.usage.reports.values import CONTROL, month_of, translated
from ledger.usage.rows import STATEMENT_SCHEMA

MONTH_HINT = (
    "Write the first day of a month, such as 2023-09-01 (or 9/1/2023, 2023-09, September, 2023)."
)


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """One report, ready to be loaded.

    ``statements`` holds one frame a metric (columns of ``rows.STATEMENT_SCHEMA``), each key and
    month at most once. ``rejected`` lists what was refused, ``ignored_columns`` what no table
    knows, ``notes`` what a reader must know about the numbers. ``exported_us`` is the export time
    the file itself states (UTC, microseconds since the epoch), if it does.
    """

    kind: str
    file_name: str
    sha256: str
    metrics: tuple[str, ...]
    statements: tuple[pl.DataFrame, ...]
    rejected: pl.DataFrame
    ignored_columns: tuple[str, ...]
    notes: tuple[str, ...]
    exported_us: int | None

    def statements_about(self, metric: str) -> pl.DataFrame:
        """The statements of one of the report's metrics."""
        return self.statements[self.metrics.index(metric)]

    @property
    def rejected_rows(self) -> int:
        """How many lines of the file have something that was refused."""
        return self.rejected.get_column("line").n_unique()

    @property
    def statement_count(self) -> int:
        """How many statements the report makes."""
        return sum(len(frame) for frame in self.statements)

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last month the report states (first days); needs a statement."""
        months = pl.concat([frame.get_column("month") for frame in self.statements])
        first, last = months.min(), months.max()
        assert isinstance(first, date), "a report without statements has no period"
        assert isinstance(last, date), "a report without statements has no period"
        return first, last


@dataclass(frozen=True, slots=True)
class Check:
    """One reason to refuse a row: the field, when it applies, what is wrong and what to do."""

    field: str
    applies: pl.Expr
    problem: str
    hint: str


def empty_check(field: str) -> Check:
    """Refuses a row where a needed value is missing."""
    return Check(
        field, pl.col(field).is_null(), "the value is empty", "Fill it in, or drop the row."
    )


def control_check(field: str) -> Check:
    """Refuses a row whose value would make a line of the usage log ambiguous."""
    return Check(
        field,
        pl.col(field).str.contains(CONTROL),
        "the value has a control character (tab, line break or the like)",
        "Remove it; identifiers and names of services have none.",
    )


def month_check() -> Check:
    """Refuses a row whose month can't be read; ``with_month`` must have run before."""
    unread = pl.col("month").is_not_null() & pl.col("month_day").is_null()
    return Check("month", unread, "not the first day of a month that exists", MONTH_HINT)


def with_month(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with ``month_day``, the month as a date, null where it can't be read."""
    return rows.with_columns(translated(rows, "month", month_of, pl.Date()).alias("month_day"))


def sift(
    table: Table, rows: pl.DataFrame, checks: Sequence[Check]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that no check refuses, and the list of the others with every reason."""
    flags = rows.select(
        check.applies.fill_null(value=False).alias(str(place)) for place, check in enumerate(checks)
    )
    refused = flags.select(pl.any_horizontal(pl.all())).to_series()
    if not refused.any():
        return rows, REJECTED_SCHEMA.to_frame()
    found = [
        rejected_rows(table, rows.filter(flags[str(place)]), check.field, check.problem, check.hint)
        for place, check in enumerate(checks)
        if flags[str(place)].any()
    ]
    return rows.filter(~refused), pl.concat(found)


def statement_frame(metric: str, rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` in the columns of a statement, dimensions that do not apply empty, by line.

    Needs ``month``, ``value_micro`` and ``row``, and the dimensions of the metric's key.
    """
    columns = {name: pl.lit("") for name in STATEMENT_SCHEMA if name not in rows.columns}
    return (
        rows.with_columns(**{**columns, "metric": pl.lit(metric)})
        .select(pl.col(name).cast(kind) for name, kind in STATEMENT_SCHEMA.items())
        .sort("row")
    )


def listed(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One list of refused rows, in the order of the file."""
    return pl.concat([REJECTED_SCHEMA.to_frame(), *parts]).sort("line", "field", "problem")


def exported_us(rows: pl.DataFrame) -> int | None:
    """The latest export time the file states (UTC, microseconds), or None when it states none."""
    if "exported" not in rows.columns:
        return None
    times = [_instant_us(text) for text in rows.get_column("exported").drop_nulls().unique()]
    return max((time for time in times if time is not None), default=None)


def _instant_us(text: str) -> int | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    utc = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return int((utc - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000
