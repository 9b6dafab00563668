"""One granular delegated administration, from its request to its end (domain.md §6.3)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.gdap import (
    GdapApproved,
    GdapAutoExtendSet,
    GdapExpired,
    GdapExpiryNotified,
    GdapExtended,
    GdapRequested,
    GdapRequestLapsed,
    GdapTerminated,
)
from schemas.time import FOREVER_US, to_us


class GdapState(StrEnum):
    """How a relationship stands."""

    REQUESTED = "requested"
    ACTIVE = "active"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class Gdap(NamedTuple):
    """A relationship; instants in microseconds UTC.

    ``due_us`` is when the request lapses or the term ends; ``notice_us`` when the next notice of
    the end is due, for ever when none is.
    """

    relationship: str
    tenant: str
    location: str
    roles: tuple[str, ...]
    duration_days: int
    auto_extend: bool
    state: GdapState
    since_us: int
    due_us: int
    notice_us: int = FOREVER_US


def _requested(event: GdapRequested, at_us: int) -> Gdap:
    return Gdap(
        event.relationship,
        event.tenant,
        event.location,
        event.roles,
        event.duration_days,
        event.auto_extend,
        GdapState.REQUESTED,
        at_us,
        to_us(event.lapses),
    )


_OVER = {
    GdapRequestLapsed: GdapState.LAPSED,
    GdapExpired: GdapState.EXPIRED,
    GdapTerminated: GdapState.TERMINATED,
}


def _apply(state: Gdap | None, fact: Fact) -> Gdap | None:
    event, at_us = fact.event, fact.effective_at_us
    if state is None:
        return _requested(event, at_us) if isinstance(event, GdapRequested) else None
    match event:
        case GdapApproved() | GdapExtended():
            notice = event.next_notice
            return state._replace(
                state=GdapState.ACTIVE,
                since_us=at_us if isinstance(event, GdapApproved) else state.since_us,
                due_us=to_us(event.until),
                notice_us=FOREVER_US if notice is None else to_us(notice),
            )
        case GdapExpiryNotified():
            notice = event.next_notice
            return state._replace(notice_us=FOREVER_US if notice is None else to_us(notice))
        case GdapAutoExtendSet():
            return state._replace(auto_extend=event.auto_extend)
        case GdapRequestLapsed() | GdapExpired() | GdapTerminated():
            over = _OVER[type(event)]
            return state._replace(state=over, since_us=at_us, notice_us=FOREVER_US)
    return state


GDAP: Model[Gdap | None] = Model(
    name="gdap_relationship",
    tag="gdap",
    types=(
        GdapRequested,
        GdapApproved,
        GdapAutoExtendSet,
        GdapExtended,
        GdapExpiryNotified,
        GdapRequestLapsed,
        GdapExpired,
        GdapTerminated,
    ),
    start=None,
    apply=_apply,
)
"""The relationship, or None while nobody requested it; key: the relationship id."""
