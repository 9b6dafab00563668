"""The metric table."""

from __future__ import annotations

import pytest

from ledger.usage.metrics import METRICS, UnknownMetricError, metric
from ledger.usage.rows import DIMENSIONS


def test_every_key_is_made_of_dimensions_in_their_order() -> None:
    """A key names columns of the usage rows, and never the metric itself."""
    for row in METRICS.values():
        assert list(row.key) == [name for name in DIMENSIONS if name in row.key], row.id
        assert "metric" not in row.key


def test_a_level_is_one_fact_but_for_partner_attached_users() -> None:
    """A tenant's users are one fact, whoever's report told it; PAMAU has the partner (§2)."""
    attached = {row.id for row in METRICS.values() if row.is_stock and "partner" in row.key}
    assert attached == {"bizapps.pamau"}
    assert not any("attribution" in row.key for row in METRICS.values() if row.is_stock)


def test_an_unknown_metric_is_named_with_those_there_are() -> None:
    """The hint lists the table."""
    with pytest.raises(UnknownMetricError, match=r"'m365.max'.*m365.mau"):
        metric("m365.max")
