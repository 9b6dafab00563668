"""Whether usage grew while somebody was associated, before somebody came, or with nobody ever.

Source: domain.md §7.3, growth existing before the association gives no credit; told apart, so that
nobody looks for it among what was never claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ledger.usage.metrics import METRICS
from projections.growth import store
from projections.growth.candidates import KEY, Told, candidates
from projections.growth.engine import AnalyticsEngine
from projections.growth.literals import Parameter

ASSOCIATION = "association"
COLUMNS = ("month", "workload", "tenant", "subscription")
"""What growth has to be told by for this to be looked up."""

HELD, BEFORE, NEVER = "held", "before", "never"
_MOST_NAMED = 500  # customers; beyond, what all hold is read
_HISTORY_IS_OF_THE_LAST = "present_owner"


def with_association(
    engine: AnalyticsEngine, rows: pl.DataFrame, rule: str, kinds: Sequence[str], position: int
) -> pl.DataFrame:
    """The rows with a column ``association``: who is counted by ``rule``, as known at ``position``.

    ``held``: by somebody on the first of the month; ``before``: by nobody then, by somebody later;
    ``never``: by nobody then or later. Only associations of ``kinds`` where any are named.
    """
    placed = rows.with_columns(**_stated_by(rows))
    keys = placed.select(KEY).unique().with_row_index("key")
    tenants = keys["tenant"].unique().to_list()
    params: dict[str, Parameter] = {
        "upto": position,
        "low": "",
        "high": "\U0010ffff",
        "tenants": tenants if len(tenants) <= _MOST_NAMED else (),
    }
    held, facts = (
        pl.DataFrame(pl.from_arrow(engine.query(store.sql("fold", name), params)))
        for name in ("held", "facts")
    )
    found = candidates(Told(keys, held, facts)).filter(
        (pl.col("rule") == rule)
        & (pl.col("known_from") <= position)
        & (pl.col("known_to") > position)
    )
    if kinds:
        found = found.filter(pl.col("kind").is_in(list(kinds)))
    told = _told(placed.join(keys, on=KEY).select("key", "month").unique(), found, rule)
    return (
        placed.join(keys, on=KEY).join(told, on=["key", "month"]).select(*rows.columns, ASSOCIATION)
    )


def _stated_by(rows: pl.DataFrame) -> dict[str, pl.Expr]:
    """The columns of a key that say whom a file itself names; of most metrics nobody."""
    stated = pl.col("metric").is_in([name for name, row in METRICS.items() if "partner" in row.key])
    nobody = pl.lit("")
    partner = pl.col("partner") if "partner" in rows.columns else nobody
    attribution = pl.col("attribution") if "attribution" in rows.columns else nobody
    return {
        "named": pl.when(stated).then(partner).otherwise(nobody),
        "attribution": pl.when(stated).then(attribution).otherwise(nobody),
    }


def _told(months: pl.DataFrame, found: pl.DataFrame, rule: str) -> pl.DataFrame:
    on_us = pl.col("month").cast(pl.Datetime("us")).dt.epoch("us")
    there = pl.col("effective_from").is_not_null()
    lasts = pl.col("effective_to") > pl.col("effective_from")
    holds = (pl.col("effective_from") <= on_us) & (on_us < pl.col("effective_to"))
    if rule == _HISTORY_IS_OF_THE_LAST:
        holds = there
    later = (pl.col("effective_from") > on_us) & lasts
    return (
        months.join(found, on="key", how="left")
        .group_by("key", "month")
        .agg(held=(there & holds).any(), later=(there & later).any())
        .select(
            "key",
            "month",
            pl.when("held")
            .then(pl.lit(HELD))
            .when("later")
            .then(pl.lit(BEFORE))
            .otherwise(pl.lit(NEVER))
            .alias(ASSOCIATION),
        )
    )
