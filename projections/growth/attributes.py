"""What growth can be told by that is recorded of customers and subscriptions, as known then."""

from __future__ import annotations

import polars as pl

from projections.growth import store
from projections.growth.engine import AnalyticsEngine

ATTRIBUTES = {
    "country": ("tenant", "customer.country"),
    "public_sector": ("tenant", "customer.public_sector"),
    "segment": ("tenant", "customer.segment"),
    "product": ("subscription", "subscription.product"),
}
"""Each by the column it is looked up with, and the fact that states it."""

UNKNOWN = "not recorded"
"""What an attribute reads that nobody recorded."""


def with_attributes(
    engine: AnalyticsEngine, rows: pl.DataFrame, names: list[str], position: int
) -> pl.DataFrame:
    """The rows with a column for each attribute, as known at ``position``."""
    for name in names:
        column, fact = ATTRIBUTES[name]
        answer = engine.query(
            store.sql("questions", "attributes"), {"attribute": fact, "position": position}
        )
        told = pl.DataFrame(pl.from_arrow(answer)).rename({"subject": column, "value": name})
        rows = rows.join(told, on=column, how="left").with_columns(pl.col(name).fill_null(UNKNOWN))
    return rows
