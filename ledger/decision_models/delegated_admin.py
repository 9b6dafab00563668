"""Which partners administer a tenant for the customer: DAP and GDAP (domain.md §6.3)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.associations import DelegatedAdminEnded, DelegatedAdminGranted
from schemas.time import FOREVER_US, to_us


class Delegation(NamedTuple):
    """The latest delegation to a location, in force at ``from_us <= instant < until_us``."""

    location: str
    kind: str
    from_us: int
    until_us: int = FOREVER_US


class Delegations(NamedTuple):
    """For each partner location, its latest delegated administration of the tenant."""

    latest: tuple[Delegation, ...] = ()

    def of(self, location: str) -> Delegation | None:
        """The latest delegation to a location, over or not."""
        return next((each for each in self.latest if each.location == location), None)

    def changed(self, delegation: Delegation) -> Delegations:
        """These delegations with ``delegation`` as the latest of its location."""
        others = tuple(each for each in self.latest if each.location != delegation.location)
        return Delegations((*others, delegation))


def _apply(state: Delegations, fact: Fact) -> Delegations:
    event, at_us = fact.event, fact.effective_at_us
    match event:
        case DelegatedAdminGranted():
            until_us = to_us(event.until) if event.until else FOREVER_US
            return state.changed(Delegation(event.location, event.kind, at_us, until_us))
        case DelegatedAdminEnded():
            delegation = state.of(event.location)
            return state.changed(delegation._replace(until_us=at_us)) if delegation else state
    return state


DELEGATIONS = Model(
    name="delegations",
    tag="tenant",
    types=(DelegatedAdminGranted, DelegatedAdminEnded),
    start=Delegations(),
    apply=_apply,
)
"""The delegated administration of a tenant; key: the tenant id."""
