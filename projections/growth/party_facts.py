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


# Event type -> the attributes it states, each with the fields that hold its subject and its value.
_FACTS = {
    "location.registered.v1": (_Fact("location.organisation", "location", "organisation"),),
    "location.moved.v1": (_Fact("location.organisation", "location", "organisation"),),
    "subscription.started.v1": (
        _Fact("subscription.product", "subscription", "product"),
        _Fact("subscription.agreement", "subscription", "agreement"),
    ),
    "subscription.moved.v1": (
        _Fact("subscription.product", "becomes", "product"),
        _Fact("subscription.agreement", "becomes", "agreement"),
    ),
    "customer.registered.v2": (
        _Fact("customer.country", "tenant", "country"),
        _Fact("customer.public_sector", "tenant", "public_sector"),
        _Fact("customer.segment", "tenant", "segment"),
    ),
}

_MERGED = "organisation.merged.v1"

FACT_TYPES = (*_FACTS, _MERGED)


def facts(events: Iterable[tuple[int, str, Mapping[str, Any]]]) -> pl.DataFrame:
    """A row for each fact that an event states, in the columns of ``party_facts``."""
    rows = [
        {
            "position": position,
            "attribute": fact.attribute,
            "subject": fact.subject,
            "tenant": data.get("tenant", ""),
            "value": fact.value,
        }
        for position, type_name, data in events
        for fact in _stated(type_name, data)
    ]
    return pl.DataFrame(rows, schema=PARTY_FACTS)


def _stated(type_name: str, data: Mapping[str, Any]) -> list[_Fact]:
    if type_name == _MERGED:  # credit flows to the new organisation (domain.md §7.5)
        locations = data.get("locations", ())
        return [_Fact("location.organisation", one, data["into"]) for one in locations]
    found = [
        _Fact(fact.attribute, data[fact.subject], str(data[fact.value]))
        for fact in _FACTS[type_name]
        if data.get(fact.value) is not None
    ]
    if type_name == "subscription.started.v1":
        # Free from its start is what was bought for no seat; anything else is paid [P].
        paid = "no" if data.get("seats") == 0 else "yes"
        found.append(_Fact("subscription.paid", data["subscription"], paid))
    return found
