"""The facts about one subject that can be corrected, as they are known now."""

from __future__ import annotations

from functools import cache

from ledger.decision import Fact, Model
from schemas import agreements, associations, directory, gdap, subscriptions, tracking
from schemas.catalogue import EVENTS

_FAMILIES = tuple(
    family.__name__
    for family in (agreements, associations, directory, gdap, subscriptions, tracking)
)


@cache
def recorded(tag: str) -> Model[tuple[Fact, ...]]:
    """Every fact of these families under a tag, in order of position; key: what the tag names."""
    return Model(
        name=f"recorded_{tag}",
        tag=tag,
        types=tuple(event for event in EVENTS if event.__module__ in _FAMILIES),
        start=(),
        apply=lambda state, fact: (*state, fact),
    )
