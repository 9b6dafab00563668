"""The facts of parties and subscriptions that growth joins with, read from their events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from projections.growth.schema import PARTY_FACTS


class _Fact(NamedTuple):
    attribute: str
    subject: str
    value: str


# Event type -> the attribute it states, and the fields that hold its subject and its value.
_FACTS = {
    "location.registered.v1": _Fact("location.organisation", "location", "organisation"),
    "subscription.started.v1": _Fact("subscription.product", "subscription", "product"),
    "subscription.moved.v1": _Fact("subscription.product", "becomes", "product"),
}

FACT_TYPES = tuple(_FACTS)


def facts(events: Iterable[tuple[int, str, Mapping[str, Any]]]) -> pl.DataFrame:
    """One row for each event that states a fact, in the columns of ``party_facts``."""
    rows = [
        {
            "position": position,
            "attribute": _FACTS[type_name].attribute,
            "subject": data[_FACTS[type_name].subject],
            "tenant": data.get("tenant", ""),
            "value": data[_FACTS[type_name].value],
        }
        for position, type_name, data in events
    ]
    return pl.DataFrame(rows, schema=PARTY_FACTS)
