"""Fold of partner admin links: who is linked, joined with the Azure roles the customer gave.

One row of the holdings view per link and role, while both stand; where a link has no role, one row
without scope, which measures nothing (domain.md §6.2).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slots import Slots
from projections.timeline import Holding, Span, without
from schemas.time import FOREVER_US

_SUBSCRIPTION = "/subscriptions/"
_OF_LINK = "identity = :identity AND tenant = :tenant AND position = :position"
_LINK = (
    f"UPDATE pal_links SET effective_us = :at WHERE {_OF_LINK}",
    f"DELETE FROM pal_links WHERE {_OF_LINK}",
)
_ROLE = "identity = :identity AND tenant = :tenant AND assignment = :assignment"
# By type of fact: how it gets another instant, and how it is taken back.
_MENDS = {
    "pal.linked.v1": _LINK,
    "pal.unlinked.v1": _LINK,
    "azure_role.assigned.v1": (
        f"UPDATE role_assignments SET assigned_us = :at WHERE {_ROLE}",
        f"DELETE FROM role_assignments WHERE {_ROLE}",
    ),
    "azure_role.removed.v1": (
        f"UPDATE role_assignments SET removed_us = :at WHERE {_ROLE}",
        f"UPDATE role_assignments SET removed_us = :forever WHERE {_ROLE}",
    ),
}


class Link(NamedTuple):
    """A partner was linked (None: unlinked) from an instant on, learned at a position."""

    at_us: int
    partner: str | None
    position: int


class Assignment(NamedTuple):
    """An Azure role on a scope, between two instants, learned at a position."""

    role: str
    scope: str
    from_us: int
    to_us: int
    position: int


class Pal:
    """The links and roles of each identity in each tenant, and the holdings that follow."""

    def __init__(self, views: sqlite3.Connection, slots: Slots, parties: Parties) -> None:
        self._views, self._slots, self._parties = views, slots, parties

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "pal.linked.v1": self._linked,
            "pal.unlinked.v1": self._unlinked,
            "azure_role.assigned.v1": self._assigned,
            "azure_role.removed.v1": self._removed,
        }

    def _linked(self, record: Record) -> None:
        self._link(record, record.data["location"])

    def _unlinked(self, record: Record) -> None:
        self._link(record, None)

    def _link(self, record: Record, partner: str | None) -> None:
        at = (record.data["identity"], record.data["tenant"], record.effective_at_us)
        sql = "INSERT INTO pal_links VALUES (?, ?, ?, ?, ?)"
        self._views.execute(sql, (*at, partner, record.position))
        self._join(record)

    def _assigned(self, record: Record) -> None:
        data = record.data
        key = (data["identity"], data["tenant"], data["assignment"])
        role = (data["role"], data["scope"], record.effective_at_us, FOREVER_US, record.position)
        sql = "INSERT OR REPLACE INTO role_assignments VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        self._views.execute(sql, (*key, *role))
        self._join(record)

    def _removed(self, record: Record) -> None:
        data = record.data
        self._views.execute(
            "UPDATE role_assignments SET removed_us = min(removed_us, max(assigned_us, ?))"
            " WHERE identity = ? AND tenant = ? AND assignment = ?",
            (record.effective_at_us, data["identity"], data["tenant"], data["assignment"]),
        )
        self._join(record)

    def mend(self, record: Record, at_us: int | None) -> bool:
        """Set a link or a role right, to another instant or to never; whether it was one."""
        mend = _MENDS.get(record.data["of"])
        if mend is None:
            return False
        named = dict(tag.split(":", 1) for tag in record.data["about"])
        key = (named["identity"], named["tenant"])
        asked = {"at": at_us, "position": record.data["fact"], "forever": FOREVER_US}
        asked |= {"identity": key[0], "tenant": key[1], "assignment": named.get("assignment")}
        self._views.execute(mend[at_us is None], asked)
        self._join(record, key)
        return True

    def _join(self, record: Record, key: tuple[str, str] | None = None) -> None:
        key = key or (record.data["identity"], record.data["tenant"])
        links = self._views.execute(
            "SELECT effective_us, partner, position FROM pal_links"
            " WHERE identity = ? AND tenant = ? ORDER BY effective_us, position",
            key,
        )
        roles = self._views.execute(
            "SELECT role, scope, assigned_us, removed_us, position FROM role_assignments"
            " WHERE identity = ? AND tenant = ? ORDER BY position",
            key,
        )
        spans = joined(
            [Link(*row) for row in links],
            [Assignment(*row) for row in roles],
            key,
            self._parties.organisation_of,
        )
        self._slots.settle(f"pal:{key[0]}:{key[1]}", spans, record)


def joined(
    links: Sequence[Link],
    assignments: Iterable[Assignment],
    key: tuple[str, str],
    organisation_of: Callable[[str], str],
) -> list[Span]:
    """What links (by instant) and roles of an identity in a tenant make together.

    A link stands until the next one of the same identity and tenant; linking anew replaces it.
    """
    spans: list[Span] = []
    roles = [role for role in assignments if role.from_us < role.to_us]
    ends = [link.at_us for link in links[1:]] + [FOREVER_US]
    for link, end_us in zip(links, ends, strict=False):  # without a link there is still one end
        if link.partner is not None and link.at_us < end_us:
            who = (link.partner, organisation_of(link.partner))
            spans += _measured(link, end_us, roles, key, who)
    return spans


def _measured(
    link: Link,
    end_us: int,
    roles: Iterable[Assignment],
    key: tuple[str, str],
    who: tuple[str, str],
) -> list[Span]:
    bare = [Span(_holding(key, who, None, link.position), link.at_us, end_us)]
    spans: list[Span] = []
    for role in roles:
        from_us, to_us = max(link.at_us, role.from_us), min(end_us, role.to_us)
        if from_us < to_us:
            because = max(link.position, role.position)
            new = [Span(_holding(key, who, role, because), from_us, to_us)]
            # The same role on the same scope given twice measures once: the earlier one stands.
            for known in spans:
                if (known.holding.scope, known.holding.role) == (role.scope, role.role):
                    new = without(new, known.start_us, known.end_us)
            spans += new
            bare = without(bare, from_us, to_us)
    return spans + bare


def _holding(
    key: tuple[str, str], who: tuple[str, str], role: Assignment | None, because: int
) -> Holding:
    return Holding(
        kind="PAL",
        slot=f"pal:{key[0]}:{key[1]}",
        tenant=key[1],
        subscription=_subscription(role.scope) if role else None,
        workload=None,
        activity=None,
        scope=role.scope if role else None,
        role=role.role if role else None,
        partner=who[0],
        organisation=who[1],
        claim=None,
        because=because,
        rule=RULES["pal" if role else "pal_without_role"],
    )


def _subscription(scope: str) -> str | None:
    if not scope.startswith(_SUBSCRIPTION):
        return None
    return scope[len(_SUBSCRIPTION) :].split("/", 1)[0] or None
