"""Who holds what in Azure, told naively: links, roles, groups, GDAP, tracking ids.

Shares no code with the views: for one instant, every fact up to then is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from schemas.time import from_iso

Held = tuple[str, str, str, str | None, str | None, str | None]
"""Kind, slot, partner, claim, scope, role."""


class Fact(Protocol):
    """An event with the instant it is effective on; see ``reference_holders``."""

    @property
    def position(self) -> int:
        """Where it stands in the log."""

    @property
    def on(self) -> int:
        """Its effective instant, in microseconds UTC."""

    @property
    def type(self) -> str:
        """The name of its type."""

    @property
    def data(self) -> dict[str, Any]:
        """Its fields as plain JSON."""


def azure_held(facts: Iterable[Fact], on: int) -> set[Held]:
    """Everything held at an instant by way of Azure."""
    told = list(facts)
    return _pal(told, on) | _gdap(told, on) | _cua(told, on)


def _last(facts: list[Fact], types: str, on: int, **who: str) -> Fact | None:
    """The latest fact of the types (by their beginning) about somebody, up to an instant."""
    said = [
        fact
        for fact in facts
        if fact.type.startswith(types) and fact.on <= on and who.items() <= fact.data.items()
    ]
    return max(said, key=lambda fact: (fact.on, fact.position), default=None)


def _pal(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    identities = {fact.data["identity"] for fact in facts if fact.type.startswith("pal.")}
    for identity in identities:
        if _signs_in(facts, identity, on):
            for tenant in {fact.data["tenant"] for fact in facts if "tenant" in fact.data}:
                found |= _measured(facts, identity, tenant, on)
    return found


def _signs_in(facts: list[Fact], identity: str, on: int) -> bool:
    if _last(facts, "identity.deleted", on, identity=identity):
        return False
    said = [
        _last(facts, f"identity.{state}", on, identity=identity)
        for state in ("disabled", "enabled")
    ]
    last = max((s for s in said if s), key=lambda fact: (fact.on, fact.position), default=None)
    return last is None or last.type == "identity.enabled.v1"


def _measured(facts: list[Fact], identity: str, tenant: str, on: int) -> set[Held]:
    registered = [
        fact.data.get("home_tenant")
        for fact in facts
        if fact.type == "identity.registered.v1" and fact.data["identity"] == identity
    ]
    home = registered[0] if registered else None
    roles = _roles(facts, identity, tenant, on)
    direct = {(scope, role) for scope, role, far in roles if tenant == home or not far}
    delegated = {(scope, role) for scope, role, far in roles if tenant != home and far}
    slot = f"pal:{identity}:{tenant}"
    found: set[Held] = set()
    here = _partner(facts, identity, tenant, on)
    if here:
        bare: set[tuple[str | None, str | None]] = {(None, None)}
        rows = direct | bare if tenant == home else direct or bare
        found |= {("PAL", slot, here, None, scope, role) for scope, role in rows}
    at_home = _partner(facts, identity, home, on) if home and home != tenant else None
    if at_home:
        found |= {("PAL", slot, at_home, None, scope, role) for scope, role in delegated}
    return found


def _partner(facts: list[Fact], identity: str, tenant: str, on: int) -> str | None:
    last = _last(facts, "pal.", on, identity=identity, tenant=tenant)
    return last.data["location"] if last and last.type == "pal.linked.v1" else None


def _roles(facts: list[Fact], identity: str, tenant: str, on: int) -> set[tuple[str, str, bool]]:
    """Scope, role and whether it is delegated, of each role that stands, groups' included."""
    found = set()
    for fact in facts:
        if not fact.type.startswith("azure_role.assigned") or fact.on > on:
            continue
        if fact.data["tenant"] != tenant:
            continue
        assignment = fact.data["assignment"]
        if _last(facts, "azure_role.removed", on, assignment=assignment):
            continue
        if "group" in fact.data:
            last = _last(facts, "group.member", on, group=fact.data["group"], identity=identity)
            mine = last is not None and last.type == "group.member_added.v1"
        else:
            mine = fact.data["identity"] == identity
        if mine:
            found.add((fact.data["scope"], fact.data["role"], "through" in fact.data))
    return found


def _gdap(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    for fact in facts:
        if fact.type != "gdap.approved.v1" or fact.on > on:
            continue
        name = fact.data["relationship"]
        ends = [
            from_iso(one.data["until"])
            for one in facts
            if one.type in ("gdap.approved.v1", "gdap.extended.v1")
            and one.data["relationship"] == name
        ]
        over = [
            one.on
            for one in facts
            if one.type == "gdap.terminated.v1" and one.data["relationship"] == name
        ]
        if on < min([max(ends), *over]):
            partner = fact.data["location"]
            found.add(("DAP", f"gdap:{name}", partner, None, None, "GDAP"))
    return found


_KINDS = {"cua": "CUA", "tracked_template": "ARM_TEMPLATE", "marketplace": "MARKETPLACE"}


def _cua(facts: list[Fact], on: int) -> set[Held]:
    found: set[Held] = set()
    for fact in facts:
        if fact.type == "deployment.reported.v1" and fact.on <= on:
            data = fact.data
            if _last(facts, "deployment.ended", on, deployment=data["deployment"]):
                continue
            slot = f"cua:{data['tracking_id']}:{data['deployment']}"
            found.add((_KINDS[data["kind"]], slot, data["location"], None, data["scope"], None))
    return found
