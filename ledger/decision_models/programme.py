"""Which version of a programme is adopted: the one of its latest adoption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger.decision import Fact, Model
from schemas.governance import ProgrammeAdopted


class Programme(NamedTuple):
    """An adopted programme, its content and the hash of it."""

    programme: str
    sha256: str
    position: int
    content: Mapping[str, Any]


def _apply(_: Programme | None, fact: Fact) -> Programme | None:
    event = fact.event
    assert isinstance(event, ProgrammeAdopted), "the model asks for adoptions only"
    return Programme(event.programme, event.sha256, fact.position, event.content)


PROGRAMME: Model[Programme | None] = Model(
    name="programme", tag="programme", types=(ProgrammeAdopted,), start=None, apply=_apply
)
"""The programme as last adopted, or None while nobody did; key: the programme id."""
