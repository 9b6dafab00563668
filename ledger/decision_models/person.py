"""Whether a person was erased (DESIGN §8)."""

from __future__ import annotations

from ledger.decision import Fact, Model
from schemas.persons import PersonErased


def _apply(_: int, fact: Fact) -> int:
    return fact.recorded_at_us


PERSON_ERASED = Model(
    name="person_erased", tag="person", types=(PersonErased,), start=0, apply=_apply
)
"""When the person's erasure was recorded (microseconds UTC), or 0; key: the person's key id."""
