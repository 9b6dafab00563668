"""Which version of a programme is adopted: the one of its latest adoption."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.governance import ProgrammeAdopted


class Programme(NamedTuple):
    """An adopted programme, by the hash of its content."""

    programme: str
    sha256: str
    position: int


def _apply(state: Programme | None, fact: Fact) -> Programme | None:
    event = fact.event
    if not isinstance(event, ProgrammeAdopted):
        return state
    return Programme(event.programme, event.sha256, fact.position)


PROGRAMME: Model[Programme | None] = Model(
    name="programme", tag="programme", types=(ProgrammeAdopted,), start=None, apply=_apply
)
"""The programme as last adopted, or None while nobody did; key: the programme id."""
