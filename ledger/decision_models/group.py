"""Security groups, who is a member, and where subscriptions and management groups lie (§6.2)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.directory import GroupMemberAdded, GroupMemberRemoved, GroupRegistered, ScopePlaced


class Group(NamedTuple):
    """A registered group and the directory it lives in."""

    group: str
    tenant: str


def _group(state: Group | None, fact: Fact) -> Group | None:
    event = fact.event
    return Group(event.group, event.tenant) if isinstance(event, GroupRegistered) else state


GROUP: Model[Group | None] = Model(
    name="group", tag="group", types=(GroupRegistered,), start=None, apply=_group
)
"""The group, or None while nobody registered it; key: the group id."""


class Membership(NamedTuple):
    """Whether an identity is a member of a group, since ``since_us`` (microseconds UTC)."""

    member: bool = False
    since_us: int = 0


def _membership(state: Membership, fact: Fact) -> Membership:
    match fact.event:
        case GroupMemberAdded():
            return Membership(member=True, since_us=fact.effective_at_us)
        case GroupMemberRemoved():
            return Membership(member=False, since_us=fact.effective_at_us)
    return state


MEMBERSHIP = Model(
    name="membership",
    tag="membership",
    types=(GroupMemberAdded, GroupMemberRemoved),
    start=Membership(),
    apply=_membership,
)
"""The membership of one identity in one group; key: ``group:identity``."""


class Place(NamedTuple):
    """Where something lies: under ``parent`` (None: the tenant's root), since ``since_us``."""

    parent: str | None = None
    since_us: int = 0
    placed: bool = False


def _place(state: Place, fact: Fact) -> Place:
    event = fact.event
    if isinstance(event, ScopePlaced):
        return Place(event.parent, fact.effective_at_us, placed=True)
    return state


PLACE = Model(name="place", tag="place", types=(ScopePlaced,), start=Place(), apply=_place)
"""The latest place of a subscription or management group; key: ``schemas.directory.place_tag``."""
