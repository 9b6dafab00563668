"""Which associations reach which usage, as the parameters of the SQL that joins them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ledger.rules import azure_roles
from ledger.usage.metrics import METRICS
from projections.growth.credit_rules import credit_rules


@cache
def reach() -> dict[str, Any]:
    """The parameters of ``reach.toml``, of the metrics, the credit rules and the Azure roles."""
    table = tomllib.loads((files(__package__) / "reach.toml").read_text(encoding="utf-8"))
    (mci,) = (each for each in azure_roles.table().lists if each.programme == "MCI")
    return {
        "revenues": [name for name, row in METRICS.items() if row.is_revenue],
        "activities": list(table["claimed_activities"]),
        "activities_reach": list(table["claimed_activities"].values()),
        "workload_kinds": table["workload_kinds"],
        "subscription_kinds": table["subscription_kinds"],
        "products": list(table["product_families"]),
        "families": list(table["product_families"].values()),
        "chain_kinds": ["CSP_T1", "CSP_T2"],
        "shared": credit_rules()["shared"].metrics,
        "present_owner": credit_rules()["present_owner"].metrics,
        "rbac": credit_rules()["rbac_mci"].metrics,
        "azure_roles": sorted(mci.counts),
        "azure_roles_from": mci.since,
    }
