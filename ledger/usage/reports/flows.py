"""Flows: what adds up, what is told twice, and what stays with whose it is (files §2).

- rows of one attribution (same partner, type and role) add up, to the attributed metric;
- attributions that agree tell one fact, once;
- where they disagree (a PAL that sees one resource group only) there is no such fact: the amounts
  stay with their attribution.
"""

from __future__ import annotations

import polars as pl

from ledger.usage.metrics import metric
from ledger.usage.reports.parsed import statement_frame


def flows(fact: str, attributed: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The statements of the fact and of its attributed metric.

    ``rows`` has the dimensions of both keys, ``month``, ``value_micro`` and ``row``.
    """
    amounts = rows.group_by(*metric(attributed).key, "month").agg(
        pl.col("value_micro").sum(), pl.col("row").min()
    )
    agreed = statement_frame(fact, _agreed(fact, amounts))
    return agreed, statement_frame(attributed, amounts)


def _agreed(fact: str, amounts: pl.DataFrame) -> pl.DataFrame:
    """The facts on which every attribution of a key and month agrees, each once."""
    return (
        amounts.group_by(*metric(fact).key, "month")
        .agg(
            pl.col("value_micro").n_unique().alias("told"),
            pl.col("value_micro").first(),
            pl.col("row").min(),
        )
        .filter(pl.col("told") == 1)
        .drop("told")
    )
