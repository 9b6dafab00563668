"""Which associations reach which usage, as the parameters of the SQL that joins them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from ledger.usage.metrics import METRICS
from projections.growth.literals import Parameter


@cache
def reach() -> dict[str, Parameter]:
    """The parameters of ``reach.toml`` and of the metric table."""
    table = tomllib.loads((files(__package__) / "reach.toml").read_text(encoding="utf-8"))
    return {
        "revenues": [name for name, row in METRICS.items() if row.is_revenue],
        "activities": list(table["claimed_activities"]),
        "activities_reach": list(table["claimed_activities"].values()),
        "workload_kinds": table["workload_kinds"],
        "subscription_kinds": table["subscription_kinds"],
        "products": list(table["product_families"]),
        "families": list(table["product_families"].values()),
    }
