"""What a command names must exist, and what it registers must not: the checks, with their refusal.

``unknown_reference`` and ``already_exists`` name the kind and the id.
"""

from __future__ import annotations

from typing import TypeVar

from ledger.decision import Facts, Model
from ledger.refusal import Refused

State = TypeVar("State")


def known(facts: Facts, model: Model[State | None], key: str) -> State:
    """The state of what a command names; ``model.name`` is how the refusal calls it."""
    state = facts(model, key)
    if state is None:
        raise Refused("unknown_reference", what=model.name.replace("_", " "), value=key)
    return state


def unused(facts: Facts, model: Model[State | None], key: str) -> None:
    """Return only if nothing of this kind has the id yet."""
    if facts(model, key) is not None:
        raise Refused("already_exists", what=model.name.replace("_", " "), value=key)
