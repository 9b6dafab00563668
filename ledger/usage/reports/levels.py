"""Levels: several rows may tell one again; rows that disagree are refused for key and month."""

from __future__ import annotations

import polars as pl

from ledger.usage.metrics import Metric
from ledger.usage.reports.kinds import Measure
from ledger.usage.reports.parsed import statement_frame
from ledger.usage.reports.read import Table, rejected_rows


def levels(table: Table, measure: Measure, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The statements of one stock, and the list of rows that disagree (files §2).

    ``rows`` has the dimensions of the key, ``month``, ``value_micro``, ``row``, and the number as
    it was read, ``cell``.
    """
    about = measure.about
    key = [*about.key, "month"]
    groups = rows.group_by(key).agg(
        pl.col("value_micro").n_unique().alias("told"), pl.col("value_micro", "row").first()
    )
    if len(groups) == len(rows):
        return statement_frame(
            about.id, rows.select(*key, "value_micro", "row")
        ), table.rejected.clear()
    torn = rows.join(groups.filter(pl.col("told") > 1), on=key, how="semi")
    refused = rejected_rows(
        table,
        torn.rename({"cell": measure.field}),
        measure.field,
        f"rows of this file disagree about this {_named(about)} and month",
        "Find out which number holds, remove the others and load the file again.",
    )
    return statement_frame(about.id, groups.filter(pl.col("told") == 1)), refused


def _named(about: Metric) -> str:
    return ", ".join(about.key)
