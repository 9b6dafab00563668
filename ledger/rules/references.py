"""What a command names must exist, fit and be in force; what it registers must be new."""

from __future__ import annotations

from typing import TypeVar

from ledger.decision import Facts, Model
from ledger.refusal import Refused
from schemas.time import FOREVER_US, iso

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


def same_tenant(what: str, value: str, of: str, tenant: str) -> None:
    """Refuse, as ``other_tenant``, to mix what belongs to two customers."""
    if of != tenant:
        raise Refused("other_tenant", what=what, value=value, other=of, tenant=tenant)


def still_in_force(what: str, value: str, ended_us: int) -> None:
    """Refuse, as ``already_ended``, what ended at some instant (microseconds UTC)."""
    if ended_us != FOREVER_US:
        raise Refused("already_ended", what=what, value=value, at=iso(ended_us))
