"""The facts that partner admin links are joined from, as the tables of ``azure.sql`` keep them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from projections.record import Record
from schemas.time import FOREVER_US


class Link(NamedTuple):
    """A partner was linked (None: unlinked) from an instant on, learned at a position."""

    at_us: int
    partner: str | None
    position: int


class Assignment(NamedTuple):
    """An Azure role on a scope between two instants, learned at a position.

    ``group`` names the group it came through, "" where it was given directly; then the instants
    are those of assignment and membership together.
    """

    role: str
    scope: str
    from_us: int
    to_us: int
    position: int
    delegated: bool = False
    group: str = ""
    assignment: str = ""


class Off(NamedTuple):
    """An interval in which an identity can't sign in."""

    from_us: int
    to_us: int


class Role(NamedTuple):
    """A role on a scope, whoever has it."""

    scope: str
    role: str


_HOLDERS = {"role_assignments": "identity", "group_assignments": "group_id"}
_OWN = """
SELECT role, scope, assigned_us, removed_us, position, through IS NOT NULL, '', assignment
FROM role_assignments{} WHERE identity = ? AND tenant = ?
"""
_GROUPED = """
SELECT role, scope, assigned_us, removed_us, position, through IS NOT NULL, group_id, assignment
FROM group_assignments{} WHERE group_id = ? AND tenant = ?
"""
# Named, as SQLite would rather take the key and read every role of the identity.
_BY_ROLE = " INDEXED BY {}_by_role"
_DELEGATED = """
SELECT tenant FROM role_assignments WHERE identity = ?1 AND through IS NOT NULL
UNION
SELECT a.tenant FROM group_members m CROSS JOIN group_assignments a ON a.group_id = m.group_id
WHERE m.identity = ?1 AND a.through IS NOT NULL
"""
_OF_LINK = "identity = :identity AND tenant = :tenant AND position = :position"
_LINK = (
    f"UPDATE pal_links SET effective_us = :at WHERE {_OF_LINK}",
    f"DELETE FROM pal_links WHERE {_OF_LINK}",
)
_OF_ROLE = "identity = :identity AND tenant = :tenant AND assignment = :assignment"
_OF_GROUP = "group_id = :group AND tenant = :tenant AND assignment = :assignment"
# A role that was given again under the id of an earlier one does not end with that.
_BEFORE = "AND position < :position"
_MEMBER = "group_id = :group AND identity = :identity AND position = :position"
_STATE = "identity = :identity AND position = :position"
_PLACE = "tenant = :tenant AND position = :position"
# By type of fact: how it gets another instant, and how it is taken back.
_MENDS = {
    "pal.linked.v1": _LINK,
    "pal.unlinked.v1": _LINK,
    "azure_role.assigned.v1": (
        f"UPDATE role_assignments SET assigned_us = :at WHERE {_OF_ROLE}",
        f"DELETE FROM role_assignments WHERE {_OF_ROLE}",
    ),
    "azure_role.removed.v1": (
        f"UPDATE role_assignments SET removed_us = :at WHERE {_OF_ROLE} {_BEFORE}",
        f"UPDATE role_assignments SET removed_us = :forever WHERE {_OF_ROLE} {_BEFORE}",
    ),
    "azure_role.assigned_to_group.v1": (
        f"UPDATE group_assignments SET assigned_us = :at WHERE {_OF_GROUP}",
        f"DELETE FROM group_assignments WHERE {_OF_GROUP}",
    ),
    "azure_role.removed_from_group.v1": (
        f"UPDATE group_assignments SET removed_us = :at WHERE {_OF_GROUP} {_BEFORE}",
        f"UPDATE group_assignments SET removed_us = :forever WHERE {_OF_GROUP} {_BEFORE}",
    ),
    **dict.fromkeys(
        ("group.member_added.v1", "group.member_removed.v1"),
        (
            f"UPDATE group_members SET effective_us = :at WHERE {_MEMBER}",
            f"DELETE FROM group_members WHERE {_MEMBER}",
        ),
    ),
    **dict.fromkeys(
        ("identity.disabled.v1", "identity.enabled.v1", "identity.deleted.v1"),
        (
            f"UPDATE identity_states SET effective_us = :at WHERE {_STATE}",
            f"DELETE FROM identity_states WHERE {_STATE}",
        ),
    ),
    # Who asks what was known before is told the place of then: pal list reads it by position.
    "scope.placed.v1": (
        f"""
        INSERT INTO scope_placements
        SELECT tenant, child, :at, parent, position, :mend, :forever FROM scope_placements
        WHERE {_PLACE} AND known_to = :forever
        """,
        "",
    ),
}
_PLACE_BEFORE = (
    f"UPDATE scope_placements SET known_to = :mend WHERE {_PLACE}"
    " AND known_to = :forever AND known_from < :mend"
)


class PalFacts:
    """Keeps what events say, and answers with what is known of one identity."""

    def __init__(
        self, views: sqlite3.Connection, home_of: Callable[[str], str | None] = lambda _: None
    ) -> None:
        self._views, self._home_of = views, home_of

    # What events say

    def link(self, record: Record, partner: str | None) -> None:
        """An identity linked a partner in a tenant, or removed its link (None)."""
        at = (record.data["identity"], record.data["tenant"], record.effective_at_us)
        sql = "INSERT INTO pal_links VALUES (?, ?, ?, ?, ?)"
        self._views.execute(sql, (*at, partner, record.position))

    def assigned(self, record: Record, table: str, holder: str) -> None:
        """A role was given to an identity or a group, as ``table`` says."""
        data = record.data
        key = (holder, data["tenant"], data["assignment"])
        role = (data["role"], data["scope"], data.get("through"))
        span = (record.effective_at_us, FOREVER_US, record.position)
        sql = f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._views.execute(sql, (*key, *role, *span))

    def removed(self, record: Record, table: str, holder: str) -> None:
        """A role was taken away again."""
        data = record.data
        self._views.execute(
            f"UPDATE {table} SET removed_us = min(removed_us, max(assigned_us, ?))"
            f" WHERE {_HOLDERS[table]} = ? AND tenant = ? AND assignment = ?",
            (record.effective_at_us, holder, data["tenant"], data["assignment"]),
        )

    def mend(self, record: Record, named: Mapping[str, str], at_us: int | None) -> bool:
        """Give one of these facts another instant, or none; whether it was one."""
        of = record.data["of"]
        mend = _MENDS.get(of)
        if mend is not None:
            asked = {"at": at_us, "position": record.data["fact"], "forever": FOREVER_US}
            names = ("identity", "tenant", "assignment", "group")
            asked |= {name: named.get(name) for name in names} | {"mend": record.position}
            self._views.execute(mend[at_us is None], asked)
            if of == "scope.placed.v1":
                self._views.execute(_PLACE_BEFORE, asked)
        return mend is not None

    def group(self, record: Record) -> None:
        """A group was registered."""
        data = record.data
        row = (data["group"], data["tenant"], data["name"], record.position)
        self._views.execute("INSERT OR REPLACE INTO groups VALUES (?, ?, ?, ?)", row)

    def member(self, record: Record, *, member: bool) -> None:
        """An identity became a member of a group, or left it."""
        data = record.data
        row = (data["group"], data["identity"], record.effective_at_us, member, record.position)
        self._views.execute("INSERT INTO group_members VALUES (?, ?, ?, ?, ?)", row)

    def state(self, record: Record, state: str) -> None:
        """An identity was disabled, enabled or deleted."""
        row = (record.data["identity"], record.effective_at_us, state, record.position)
        self._views.execute("INSERT INTO identity_states VALUES (?, ?, ?, ?)", row)

    def placed(self, record: Record) -> None:
        """A subscription or management group was put somewhere in its tenant's tree."""
        data = record.data
        child = (
            f"/subscriptions/{data['subscription']}"
            if "subscription" in data
            else f"/providers/Microsoft.Management/managementGroups/{data['management_group']}"
        )
        row = (data["tenant"], child, record.effective_at_us, data.get("parent"), record.position)
        sql = "INSERT INTO scope_placements VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)"
        self._views.execute(sql, (*row, FOREVER_US))

    # Whom an event concerns

    def members(self, group: str) -> list[str]:
        """Every identity that was ever a member of a group."""
        return self._column("SELECT DISTINCT identity FROM group_members WHERE group_id = ?", group)

    def tenants_of_group(self, group: str) -> list[str]:
        """The tenants in which a group was ever given a role."""
        return self._column(
            "SELECT DISTINCT tenant FROM group_assignments WHERE group_id = ?", group
        )

    def delegated_tenants(self, identity: str) -> set[str]:
        """The tenants in which something was ever delegated to an identity or its groups."""
        return set(self._column(_DELEGATED, identity))

    def tenants(self, identity: str) -> list[str]:
        """The tenants in which an identity may have rows: linked there, or delegated to."""
        linked = self._column("SELECT DISTINCT tenant FROM pal_links WHERE identity = ?", identity)
        return sorted({*linked, *self.delegated_tenants(identity)})

    # What is known of one identity

    def links(self, identity: str, tenant: str) -> tuple[Sequence[Link], Sequence[Link]]:
        """Its links in the tenant and in its home tenant, where that is another, by instant."""
        home = self._home_of(identity)
        at_home = self._links(identity, home) if home and home != tenant else ()
        return self._links(identity, tenant), at_home

    def _links(self, identity: str, tenant: str) -> list[Link]:
        found = self._views.execute(
            "SELECT effective_us, partner, position FROM pal_links"
            " WHERE identity = ? AND tenant = ? ORDER BY effective_us, position",
            (identity, tenant),
        )
        return [Link(*row) for row in found]

    def roles(self, identity: str, tenant: str) -> list[Assignment]:
        """Its roles in a tenant, its own and those of its groups, in order of position."""
        return self._in_order(identity, tenant, "", ())

    def _in_order(
        self, identity: str, tenant: str, narrowed: str, by: tuple[str, ...]
    ) -> list[Assignment]:
        named = (_BY_ROLE if by else "").format
        mine = _OWN.format(named("role_assignments")) + narrowed
        theirs = _GROUPED.format(named("group_assignments")) + narrowed
        own = self._views.execute(mine, (identity, tenant, *by))
        found = [Assignment(*row) for row in own]
        for membership in self.memberships(identity):
            given = self._views.execute(theirs, (membership[0], tenant, *by))
            found += [_as_member(Assignment(*row), membership) for row in given]
        return sorted(found, key=lambda role: (role.position, role.assignment, role.from_us))

    def role_and_scope(self, table: str, holder: str, data: Mapping[str, str]) -> Role | None:
        """What an assignment that is known already gives; None for a new one."""
        found = self._views.execute(
            f"SELECT scope, role FROM {table}"
            f" WHERE {_HOLDERS[table]} = ? AND tenant = ? AND assignment = ?",
            (holder, data["tenant"], data["assignment"]),
        ).fetchone()
        return found and Role(*found)

    def given(self, identity: str, tenant: str, role: Role) -> list[Assignment]:
        """As ``roles``, of one role on one scope."""
        narrowed = " AND scope = ? AND role = ?"
        return self._in_order(identity, tenant, narrowed, role)

    def lasting(self, identity: str, tenant: str, after_us: int) -> Iterator[Assignment]:
        """Its roles that end after an instant: its own first, of each sort the latest end first."""
        last = " AND removed_us > ? ORDER BY removed_us DESC"
        for row in self._views.execute(_OWN.format("") + last, (identity, tenant, after_us)):
            yield Assignment(*row)
        for membership in self.memberships(identity):
            given = self._views.execute(
                _GROUPED.format("") + last, (membership[0], tenant, after_us)
            )
            for row in given:
                yield _as_member(Assignment(*row), membership)

    def memberships(self, identity: str) -> Iterator[tuple[str, int, int, int]]:
        """Group, from when, until when and learned where, of each membership of an identity."""
        facts = self._views.execute(
            "SELECT group_id, effective_us, member, position FROM group_members"
            " WHERE identity = ? ORDER BY group_id, effective_us, position",
            (identity,),
        ).fetchall()
        for n, (group, at_us, member, position) in enumerate(facts):
            following = facts[n + 1] if n + 1 < len(facts) else None
            if member:
                same = following is not None and following[0] == group
                yield group, at_us, following[1] if following and same else FOREVER_US, position

    def off(self, identity: str) -> list[Off]:
        """When an identity was disabled, and from when on it is deleted."""
        facts = self._views.execute(
            "SELECT effective_us, state FROM identity_states WHERE identity = ?"
            " ORDER BY effective_us, position",
            (identity,),
        ).fetchall()
        ends = [at_us for at_us, _ in facts[1:]] + [FOREVER_US]
        return [
            Off(at_us, FOREVER_US if state == "deleted" else end_us)
            for (at_us, state), end_us in zip(facts, ends, strict=False)
            if state != "active"
        ]

    def _column(self, sql: str, key: str) -> list[str]:
        return [value for (value,) in self._views.execute(sql, (key,))]


def _as_member(role: Assignment, membership: tuple[str, int, int, int]) -> Assignment:
    """A group's role as it reaches somebody by a membership."""
    _, member_us, until_us, position = membership
    return role._replace(
        from_us=max(role.from_us, member_us),
        to_us=min(role.to_us, until_us),
        position=max(role.position, position),
    )
