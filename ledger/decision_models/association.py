"""An association of a kind without commands of its own: who stands on one of its places."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.associations import AssociationEnded, AssociationRecorded


class Association(NamedTuple):
    """A place as known now: the location on it, or None, since its last change (µs UTC)."""

    location: str | None = None
    since_us: int = 0


def _apply(_: Association, fact: Fact) -> Association:
    event = fact.event
    location = event.location if isinstance(event, AssociationRecorded) else None
    return Association(location, fact.effective_at_us)


ASSOCIATION = Model(
    name="association",
    tag="slot",
    types=(AssociationRecorded, AssociationEnded),
    start=Association(),
    apply=_apply,
)
"""A place of such a kind; key: the slot's name. What it was recorded on can have ended since."""
