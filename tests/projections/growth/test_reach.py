"""Which associations reach which usage is a table that fits the tables of the ledger."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from ledger.rules import products
from ledger.usage.metrics import METRICS

REACH = tomllib.loads((files("projections.growth") / "reach.toml").read_text(encoding="utf-8"))


def test_every_product_of_the_ledger_has_a_family_and_no_other_product_has() -> None:
    """A product spelled otherwise here would silently credit nobody."""
    assert REACH["product_families"].keys() == products.table().keys()


def test_every_metric_told_by_tenant_is_of_a_family_some_product_has() -> None:
    """Else no place on a subscription could ever be credited for it."""
    by_tenant = {name for name, metric in METRICS.items() if "subscription" not in metric.key}
    assert by_tenant
    assert {name.split(".")[0] for name in by_tenant} <= set(REACH["product_families"].values())
