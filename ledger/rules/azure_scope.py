"""The scope tree of Azure: what lies within what, so that access at a higher scope rolls down.

Management group over subscription over resource group over resource (domain.md §6, §6.3). The path
of a scope tells all but where its subscription is placed; placements are facts that move over time.
Names are compared without regard to case, as Azure does [P].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

_GROUPS = "/providers/microsoft.management/managementgroups/"
_SUBSCRIPTIONS = "/subscriptions/"

DEEPEST = 6
"""Management groups lie at most so deep below the root of their tenant (Azure's own limit [P])."""


class Level(StrEnum):
    """How high a scope lies, the highest first."""

    MANAGEMENT_GROUP = "management_group"
    SUBSCRIPTION = "subscription"
    RESOURCE_GROUP = "resource_group"
    RESOURCE = "resource"


def key(scope: str) -> str:
    """The spelling by which scopes are compared."""
    return scope.rstrip("/").lower()


def management_group(scope: str) -> str | None:
    """The management group that a scope is, in lower case; None for a lower scope."""
    found = key(scope)
    return found[len(_GROUPS) :] if found.startswith(_GROUPS) else None


def subscription(scope: str) -> str | None:
    """The subscription a scope lies in, spelled as it is there; None for a management group.

    >>> subscription("/subscriptions/S-1/resourceGroups/shop")
    'S-1'
    """
    if not scope.lower().startswith(_SUBSCRIPTIONS):
        return None
    return scope[len(_SUBSCRIPTIONS) :].split("/", 1)[0] or None


def level(scope: str) -> Level | None:
    """How high a scope lies; None for a path that names no scope of the tree.

    >>> str(level("/subscriptions/S-1/resourceGroups/shop"))
    'resource_group'
    """
    group = management_group(scope)
    if group is not None:
        return Level.MANAGEMENT_GROUP if group and "/" not in group else None
    parts = key(scope).split("/")[1:]
    if not subscription(scope) or "" in parts:
        return None
    if len(parts) == 2:
        return Level.SUBSCRIPTION
    if parts[2] == "resourcegroups" and len(parts) == 4:
        return Level.RESOURCE_GROUP
    return Level.RESOURCE if "providers" in parts[2:] else None


class Placement(NamedTuple):
    """A subscription or management group lies under ``parent`` from an instant on, as learned.

    ``child`` is a scope; ``parent`` names a management group, None the root of the tenant.
    """

    child: str
    parent: str | None
    at_us: int
    position: int


Parents = Mapping[str, str | None]
"""For each placed child (by ``key``) its parent, in lower case."""


def parents_at(placements: Iterable[Placement], at_us: int) -> Parents:
    """Where everything lies at an instant: the latest placement up to then decides."""
    latest: dict[str, Placement] = {}
    for placed in placements:
        child = key(placed.child)
        known = latest.get(child)
        if placed.at_us <= at_us and (
            known is None or (known.at_us, known.position) <= (placed.at_us, placed.position)
        ):
            latest[child] = placed
    return {child: one.parent and one.parent.lower() for child, one in latest.items()}


def groups_above(scope: str, parents: Parents, root: str) -> tuple[str, ...]:
    """The management groups that a scope lies in, nearest first; the last is the tenant's root.

    ``root`` is the tenant, which gives its root management group the name. Placements that were
    learned late could make a circle at some instant: it is walked once.
    """
    group = management_group(scope)
    found: list[str] = [] if group is None else [group]
    at = f"{_SUBSCRIPTIONS}{subscription(scope)}".lower() if group is None else key(scope)
    while (parent := parents.get(at)) and parent not in found:
        found.append(parent)
        at = _GROUPS + parent
    return (*found, root.lower()) if root.lower() not in found else tuple(found)


class Access(NamedTuple):
    """Somebody (``who``: an identity or a partner) has a role on a scope between two instants."""

    who: str
    role: str
    scope: str
    from_us: int
    until_us: int


def roles_on(
    accesses: Iterable[Access],
    scope: str,
    at_us: int,
    *,
    placements: Iterable[Placement] = (),
    root: str = "",
) -> list[Access]:
    """Which of the accesses count on a scope at an instant: there, or rolled down from above.

    ``placements`` are those of the scope's tenant, ``root`` is that tenant.
    """
    above = groups_above(scope, parents_at(placements, at_us), root)
    return [
        access
        for access in accesses
        if access.from_us <= at_us < access.until_us and _covers(access.scope, scope, above)
    ]


def _covers(outer: str, inner: str, above: tuple[str, ...]) -> bool:
    group = management_group(outer)
    if group is not None:
        return group in above
    here, there = key(outer), key(inner)
    return there == here or there.startswith(f"{here}/")
