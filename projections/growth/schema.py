"""The columns of the growth tables as they are fed; `tables/*.sql` says what they mean.

Built with polars: pyarrow's own builders import pandas on first use, a second that nobody needs.
"""

from __future__ import annotations

from datetime import date

import polars as pl

DIMENSIONS = (
    "metric",
    "tenant",
    "subscription",
    "workload",
    "resource",
    "partner",
    "attribution",
)

INCREMENTS = pl.Schema(
    {
        "partition": pl.UInt16(),
        "offset": pl.UInt64(),
        "attempt": pl.String(),
        **dict.fromkeys(DIMENSIONS, pl.String()),
        "month": pl.Date(),
        "mark": pl.String(),
        "delta_micro": pl.Int64(),
        "level_micro": pl.Int64(),
        "gap_from": pl.Date(),
        "row": pl.UInt32(),
    }
)

ATTEMPTS = pl.Schema(
    {
        "position": pl.UInt64(),
        "kind": pl.String(),
        "attempt": pl.String(),
        "report": pl.String(),
        "report_kind": pl.String(),
        "file_name": pl.String(),
        "period_from": pl.Date(),
        "period_to": pl.Date(),
        "basis": pl.UInt64(),
        "increments": pl.UInt64(),
    }
)

HOLDING_CHANGES = pl.Schema(
    {
        "position": pl.UInt64(),
        "sign": pl.Int8(),
        "row_id": pl.UInt64(),
        "kind": pl.String(),
        "slot": pl.String(),
        "tenant": pl.String(),
        "subscription": pl.String(),
        "workload": pl.String(),
        "activity": pl.String(),
        "scope": pl.String(),
        "role": pl.String(),
        "partner": pl.String(),
        "organisation": pl.String(),
        "claim": pl.String(),
        "effective_from": pl.Int64(),
        "effective_to": pl.Int64(),
        "because": pl.UInt64(),
        "rule": pl.String(),
    }
)

PARTY_FACTS = pl.Schema(
    {
        "position": pl.UInt64(),
        "attribute": pl.String(),
        "subject": pl.String(),
        "tenant": pl.String(),
        "value": pl.String(),
    }
)

CREDITED_MEASURES = (
    "opening_micro",
    "growth_micro",
    "across_gap_micro",
    "level_micro",
    "stated",
    "keys",
)

CREDITED = pl.Schema(
    {
        "position": pl.UInt64(),
        **dict.fromkeys(
            ("rule", "metric", "workload", "tenant", "subscription", "attribution"), pl.String()
        ),
        "month": pl.Date(),
        "gap_from": pl.Date(),
        "held": pl.UInt8(),
        **dict.fromkeys(("kind", "partner", "organisation"), pl.String()),
        "represents": pl.UInt8(),
        **dict.fromkeys(CREDITED_MEASURES, pl.Int64()),
    }
)
"""The columns of ``credited_keys``; the other tables of credit lack some."""


def marker(schema: pl.Schema, position: int, **values: str | int | date) -> pl.DataFrame:
    """One row that says a table is fed up to ``position``; unnamed columns are empty or zero."""
    row = {"position": position, **values}
    cells = {name: [row.get(name, _empty(kind))] for name, kind in schema.items()}
    return pl.DataFrame(cells, schema=schema)


def _empty(kind: pl.DataType) -> str | int | None:
    if kind == pl.Date:
        return None
    return "" if kind == pl.String else 0
