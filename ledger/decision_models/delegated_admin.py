"""Which partners administer a tenant for the customer: DAP and GDAP (domain.md §6.3)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ledger.decision import Fact, Model
from schemas.associations import (
    DelegatedAdminEnded,
    DelegatedAdminExpired,
    DelegatedAdminGranted,
)
from schemas.time import FOREVER_US, to_us


class Delegation(NamedTuple):
    """The latest delegation to a location, in force at ``from_us <= instant < until_us``."""

    location: str
    kind: Literal["DAP", "GDAP"]
    from_us: int
    until_us: int = FOREVER_US
    term_us: int = FOREVER_US
    """The end that it was granted with, whatever ended it."""


class Delegations(NamedTuple):
    """For each partner location, its latest delegated administration of the tenant.

    ``running`` are those whose term ends by itself and whose end nobody has recorded yet.
    """

    latest: tuple[Delegation, ...] = ()
    running: tuple[Delegation, ...] = ()

    def of(self, location: str) -> Delegation | None:
        """The latest delegation to a location, over or not."""
        return next((each for each in self.latest if each.location == location), None)

    def ending(self, location: str, term_us: int) -> Delegation | None:
        """The delegation whose term ends then, while nobody has recorded its end."""
        wanted = (location, term_us)
        return next(
            (each for each in self.running if (each.location, each.term_us) == wanted), None
        )

    def changed(self, delegation: Delegation) -> Delegations:
        """These delegations with ``delegation`` as the latest of its location."""
        others = tuple(each for each in self.latest if each.location != delegation.location)
        return self._replace(latest=(*others, delegation))

    def begun(self, delegation: Delegation) -> Delegations:
        """After a grant."""
        runs = (delegation,) if delegation.term_us < FOREVER_US else ()
        return self.changed(delegation)._replace(running=(*self.running, *runs))

    def over(self, location: str, term_us: int) -> Delegations:
        """After the end of a term was recorded, or overtaken by another."""
        ended = self.ending(location, term_us)
        return self._replace(running=tuple(each for each in self.running if each is not ended))


def _apply(state: Delegations, fact: Fact) -> Delegations:
    event, at_us = fact.event, fact.effective_at_us
    match event:
        case DelegatedAdminGranted():
            until_us = to_us(event.until) if event.until else FOREVER_US
            return state.begun(Delegation(event.location, event.kind, at_us, until_us, until_us))
        case DelegatedAdminEnded():
            delegation = state.of(event.location)
            if delegation is None:
                return state
            ended = state.changed(delegation._replace(until_us=at_us))
            return ended.over(event.location, delegation.term_us)
        case DelegatedAdminExpired():
            return state.over(event.location, to_us(event.due))
    return state


DELEGATIONS = Model(
    name="delegations",
    tag="tenant",
    types=(DelegatedAdminGranted, DelegatedAdminEnded, DelegatedAdminExpired),
    start=Delegations(),
    apply=_apply,
)
"""The delegated administration of a tenant; key: the tenant id."""
