"""The two kinds of usage row, their columns, and the one text that stands for each of them.

A *statement* is what a report says: this key had this value in this month. An *increment* is
what follows from all counted statements together: a signed change in one mark of one month.

Canonical text (the bytes a digest covers): one line a row, the columns of ``LINE_COLUMNS``
separated by one tab, ended by LF, UTF-8, nothing quoted. Dates are ``YYYY-MM-DD``, numbers plain
decimal integers, an absent value is empty. A dimension never holds a control character, so lines
are unambiguous; a dimension that does not apply is empty too. ``record`` is ``S`` or ``I``.
"""

from __future__ import annotations

import io
from typing import Literal

import polars as pl

Record = Literal["statement", "increment"]

DIMENSIONS = (
    "metric",
    "tenant",
    "subscription",
    "workload",
    "resource",
    "partner",
    "attribution",
)
MARKS = ("opening", "growth", "gap")

_DIMENSION_TYPES: dict[str, pl.DataType] = {name: pl.String() for name in DIMENSIONS}

STATEMENT_SCHEMA = pl.Schema(
    {**_DIMENSION_TYPES, "month": pl.Date(), "value_micro": pl.Int64(), "row": pl.UInt32()}
)
INCREMENT_SCHEMA = pl.Schema(
    {
        **_DIMENSION_TYPES,
        "date": pl.Date(),
        "mark": pl.String(),
        "delta_micro": pl.Int64(),
        "level_micro": pl.Int64(),
        "gap_from": pl.Date(),
        "row": pl.UInt32(),
    }
)
SCHEMAS: dict[Record, pl.Schema] = {"statement": STATEMENT_SCHEMA, "increment": INCREMENT_SCHEMA}

LINE_COLUMNS = (
    "record",
    *DIMENSIONS,
    "date",
    "mark",
    "delta_micro",
    "level_micro",
    "gap_from",
    "row",
)
"""Columns of a canonical line. A statement's month stands in ``date``, its value in
``level_micro``; its ``mark``, ``delta_micro`` and ``gap_from`` are empty."""

_EMPTY = pl.lit(None, dtype=pl.String)


def month_column(record: Record) -> str:
    """The name of the column that holds the month of a row of this kind."""
    return "month" if record == "statement" else "date"


def canonical_text(record: Record, rows: pl.DataFrame) -> bytes:
    """The canonical lines of ``rows``, in order: the same bytes for the same rows, for ever."""
    lines = _statement_lines(rows) if record == "statement" else _increment_lines(rows)
    text = io.BytesIO()
    lines.write_csv(
        text,
        include_header=False,
        separator="\t",
        line_terminator="\n",
        quote_style="never",
        null_value="",
        date_format="%Y-%m-%d",
    )
    return text.getvalue()


def rows_from_text(record: Record, text: bytes) -> pl.DataFrame:
    """The rows whose canonical lines these are; raises ``ValueError`` where there are none such."""
    try:
        found = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            separator="\t",
            quote_char=None,
            schema=dict.fromkeys(LINE_COLUMNS, pl.String),
        )
        return found.select(_READ[record]).cast(pl.Schema(SCHEMAS[record]))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"lines of usage can't be read: {error}") from error


def _date(name: str) -> pl.Expr:
    return pl.col(name).str.to_date("%Y-%m-%d")


_READ: dict[Record, list[pl.Expr]] = {
    "statement": [
        *(pl.col(name).fill_null("") for name in DIMENSIONS),
        _date("date").alias("month"),
        pl.col("level_micro").cast(pl.Int64).alias("value_micro"),
        pl.col("row").cast(pl.UInt32),
    ],
    "increment": [
        *(pl.col(name).fill_null("") for name in DIMENSIONS),
        _date("date"),
        pl.col("mark"),
        *(pl.col(name).cast(pl.Int64) for name in ("delta_micro", "level_micro")),
        _date("gap_from"),
        pl.col("row").cast(pl.UInt32),
    ],
}


def _statement_lines(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.lit("S").alias("record"),
        *DIMENSIONS,
        pl.col("month").alias("date"),
        _EMPTY.alias("mark"),
        _EMPTY.alias("delta_micro"),
        pl.col("value_micro").alias("level_micro"),
        _EMPTY.alias("gap_from"),
        "row",
    )


def _increment_lines(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.lit("I").alias("record"), *LINE_COLUMNS[1:])
