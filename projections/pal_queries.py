"""Where partner admin links apply, and why: what no portal shows (domain.md §10.7)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

from ledger.rules import azure_roles
from ledger.rules.azure_scope import Access, Placement, groups_above, parents_at, roles_on
from projections import holder_queries, party_queries
from projections.filters import Row
from projections.pal_facts import Assignment, Link, PalFacts
from projections.pal_reasons import Case, Why, measured, why
from schemas.time import FOREVER_US, from_us


def pal_list(
    views: sqlite3.Connection,
    *,
    effective_us: int,
    known: int,
    tenant: str | None = None,
    partner: str | None = None,
    identity: str | None = None,
    scope: str | None = None,
) -> list[Row]:
    """Each link with each role it measures by, and the programmes that role counts for.

    With ``scope`` (and its ``tenant``) those that reach it, from there or from above. ``reported``
    is how the transaction history names the association (domain.md §14.15).
    """
    filters: dict[str, Any] = {
        "effective_us": effective_us,
        "known": known,
        "tenant": tenant,
        "partner": partner,
        "kind": "PAL",
    }
    found = list(holder_queries.pages(views, holder_queries.holders, filters))
    on = from_us(effective_us).date()
    told = [_told(row, on) for row in found]
    if identity is not None:
        told = [row for row in told if row["identity"] == identity]
    if scope is not None and tenant is not None:
        lie = placements(views, tenant, known)
        told = _reaching(told, scope, tenant, effective_us, lie)
    return told


def _reaching(
    found: list[Row], scope: str, tenant: str, at_us: int, lie: Sequence[Placement]
) -> list[Row]:
    """The rows whose role counts on the scope at the instant, as things ``lie`` in the tenant."""
    every = [
        Access(str(n), row["role"], row["scope"], row["effective_from"], row["effective_to"])
        for n, row in enumerate(found)
        if row["scope"]
    ]
    reach = roles_on(every, scope, at_us, placements=lie, root=tenant)
    return [found[int(one.who)] for one in reach]


def _told(row: Row, on: date) -> Row:
    role = row["role"]
    counts = azure_roles.counting_for(role, on) if role else ()
    return {
        "identity": row["slot"].split(":")[1],
        "partner": row["partner"],
        "organisation": row["organisation"],
        "tenant": row["tenant"],
        "scope": row["scope"],
        "role": role,
        "counts_for": ", ".join(counts) or None,
        "reported": azure_roles.reported_as(role, on) if role else None,
        "effective_from": row["effective_from"],
        "effective_to": row["effective_to"],
        "because": row["because"],
        "rule": row["rule"],
    }


def placements(views: sqlite3.Connection, tenant: str, known: int) -> list[Placement]:
    """Where the subscriptions and management groups of a tenant lay, ever, as ``known``."""
    found = views.execute(
        "SELECT child, parent, effective_us, position FROM scope_placements WHERE tenant = ?1"
        " AND known_from <= ?2 AND known_to > ?2 ORDER BY position",
        (tenant, known),
    )
    return [Placement(*row) for row in found]


def path(
    views: sqlite3.Connection, tenant: str, scope: str, at_us: int, known: int
) -> tuple[str, ...]:
    """The management groups that a scope lay in at an instant, as ``known``, nearest first."""
    return groups_above(scope, parents_at(placements(views, tenant, known), at_us), tenant)


def partner_of(views: sqlite3.Connection, identity: str) -> str | None:
    """The partner location that an identity was registered for; None when unknown."""
    known = party_queries.identity(views, identity)
    return known["location"] if known else None


def pal_why(
    views: sqlite3.Connection, identity: str, tenant: str, at_us: int
) -> tuple[Why, list[Row]]:
    """Why the identity's link in a tenant measures or does not, and its roles there, as known now.

    Each role says whether a link measures it and for which programmes it counts.
    """
    case = _case(views, identity, tenant, at_us)
    taken = {id(role) for role in measured(case)} if case.state == "active" else set()
    on = from_us(at_us).date()
    return why(case), [_role(role, id(role) in taken, on) for role in case.roles]


def _role(role: Assignment, taken: bool, on: date) -> Row:  # noqa: FBT001  a fact, not a switch
    counts = azure_roles.counting_for(role.role, on)
    return {
        "assignment": role.assignment,
        "role": role.role,
        "scope": role.scope,
        "group": role.group or None,
        "through": "lighthouse" if role.delegated else None,
        "measured": taken,
        "counts_for": ", ".join(counts) or None,
        "from_us": role.from_us,
        "until_us": role.to_us,
    }


def _case(views: sqlite3.Connection, identity: str, tenant: str, at_us: int) -> Case:
    known = party_queries.identity(views, identity)
    home: str | None = known["home_tenant"] if known else None
    facts = PalFacts(views, lambda _: home)
    here, at_home = (_standing(links, at_us) for links in facts.links(identity, tenant))
    off = [span for span in facts.off(identity) if span.from_us <= at_us < span.to_us]
    state = "active"
    if off:
        state = (
            "deleted" if off[0].to_us == FOREVER_US and _deleted(views, identity) else "disabled"
        )
    link = here or at_home
    return Case(
        identity=identity,
        tenant=tenant,
        at_us=at_us,
        registered=known is not None,
        state=state,
        since_us=off[0].from_us if off else 0,
        home=home,
        here=here,
        at_home=at_home,
        location_known=link is not None
        and party_queries.location(views, link.partner or "") is not None,
        roles=[
            role for role in facts.roles(identity, tenant) if role.from_us <= at_us < role.to_us
        ],
    )


def _standing(links: Any, at_us: int) -> Link | None:
    last = next((link for link in reversed(links) if link.at_us <= at_us), None)
    return last if last and last.partner else None


def _deleted(views: sqlite3.Connection, identity: str) -> bool:
    sql = "SELECT 1 FROM identity_states WHERE identity = ? AND state = 'deleted'"
    return views.execute(sql, (identity,)).fetchone() is not None
