"""Identities of partners: where each is linked (PAL), and whether it can still sign in (§6.2)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.associations import (
    AzureRoleAssigned,
    AzureRoleAssignedToGroup,
    AzureRoleRemoved,
    AzureRoleRemovedFromGroup,
    PalLinked,
    PalUnlinked,
)
from schemas.directory import IdentityDeleted, IdentityDisabled, IdentityEnabled
from schemas.parties import IdentityRegistered
from schemas.time import FOREVER_US


class Link(NamedTuple):
    """A partner location linked in one customer tenant; open while ``ended_us`` is for ever."""

    tenant: str
    location: str
    linked_us: int
    ended_us: int = FOREVER_US


class Identity(NamedTuple):
    """A registered identity and, for each tenant, the latest link it made there.

    ``state`` is active, disabled or deleted, since ``since_us``.
    """

    identity: str
    kind: str
    location: str
    links: tuple[Link, ...] = ()
    home_tenant: str | None = None
    state: str = "active"
    since_us: int = 0

    def link(self, tenant: str) -> Link | None:
        """The latest link in a tenant, ended or not."""
        return next((link for link in self.links if link.tenant == tenant), None)

    def linked(self, link: Link) -> Identity:
        """This identity with ``link`` as the latest of its tenant."""
        others = tuple(other for other in self.links if other.tenant != link.tenant)
        return self._replace(links=(*others, link))


_STATES = {IdentityDisabled: "disabled", IdentityEnabled: "active", IdentityDeleted: "deleted"}


def _identity(state: Identity | None, fact: Fact) -> Identity | None:
    event, at_us = fact.event, fact.effective_at_us
    if isinstance(event, IdentityRegistered):
        home = event.home_tenant
        return Identity(event.identity, event.kind, event.location, home_tenant=home)
    if state is None:
        return None
    match event:
        case PalLinked():
            return state.linked(Link(event.tenant, event.location, at_us))
        case PalUnlinked():
            link = state.link(event.tenant)
            return state.linked(link._replace(ended_us=at_us)) if link else state
        case IdentityDisabled() | IdentityEnabled() | IdentityDeleted():
            return state._replace(state=_STATES[type(event)], since_us=at_us)
    return state


IDENTITY: Model[Identity | None] = Model(
    name="identity",
    tag="identity",
    types=(
        IdentityRegistered,
        PalLinked,
        PalUnlinked,
        IdentityDisabled,
        IdentityEnabled,
        IdentityDeleted,
    ),
    start=None,
    apply=_identity,
)
"""The identity with its links, or None while nobody registered it; key: the identity id."""


class Assignment(NamedTuple):
    """An Azure role on a scope, given to an identity or a group; instants in microseconds UTC."""

    assignment: str
    identity: str | None
    group: str | None
    tenant: str
    assigned_us: int
    removed_us: int = FOREVER_US


def _assignment(state: Assignment | None, fact: Fact) -> Assignment | None:
    event, at_us = fact.event, fact.effective_at_us
    match event:
        case AzureRoleAssigned():
            return Assignment(event.assignment, event.identity, None, event.tenant, at_us)
        case AzureRoleAssignedToGroup():
            return Assignment(event.assignment, None, event.group, event.tenant, at_us)
    return state and state._replace(removed_us=at_us)


ASSIGNMENT: Model[Assignment | None] = Model(
    name="role_assignment",
    tag="assignment",
    types=(
        AzureRoleAssigned,
        AzureRoleAssignedToGroup,
        AzureRoleRemoved,
        AzureRoleRemovedFromGroup,
    ),
    start=None,
    apply=_assignment,
)
"""The Azure role assignment, or None while nobody made it; key: the assignment id."""
