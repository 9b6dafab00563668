"""Fold of what ends by itself as its grant said: roles (domain.md §2), delegations (§6.3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from projections.awaited import About, Awaited
from projections.record import Record
from schemas.time import from_iso


class EndingGrants:
    """The deadlines of roles and delegations; that they end then stands elsewhere."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._awaited = Awaited(views)

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "role.granted.v1": self._granted,
            "role.revoked.v1": self._revoked,
            "role.lapsed.v1": self._lapsed,
            "delegated_admin.granted.v1": self._delegated,
            "delegated_admin.ended.v1": self._delegation_ended,
            "delegated_admin.expired.v1": self._delegation_expired,
            "fact.retracted.v1": self._retracted,
        }

    def _granted(self, record: Record) -> None:
        until = record.data.get("until")
        if until:
            self._awaited.only(record, _role(record, until), {"role_end": from_iso(until)})

    def _revoked(self, record: Record) -> None:
        for until in record.data.get("overtaken") or ():
            self._awaited.only(record, _role(record, until), {})

    def _lapsed(self, record: Record) -> None:
        self._awaited.only(record, _role(record, record.data["due"]), {})

    def _delegated(self, record: Record) -> None:
        until = record.data.get("until")
        if until:
            due = {"delegation_end": from_iso(until)}
            self._awaited.only(record, _delegation(record, until), due)

    def _delegation_ended(self, record: Record) -> None:
        overtaken = record.data.get("overtaken")
        if overtaken:
            self._awaited.only(record, _delegation(record, overtaken), {})

    def _delegation_expired(self, record: Record) -> None:
        self._awaited.only(record, _delegation(record, record.data["due"]), {})

    def _retracted(self, record: Record) -> None:
        if not record.data["of"].startswith("delegated_admin."):
            return
        named = dict(tag.partition(":")[::2] for tag in record.data["about"])
        for one in record.data.get("awaits") or ():
            due_us = from_iso(one["due"])
            key = f"delegation:{named['tenant']}|{named['partner']}|{due_us}"
            if one["runs"]:
                self._awaited.again(record, key, one["name"], due_us)
            else:
                self._awaited.no_more(record, key, one["name"])


def _role(record: Record, until: str) -> About:
    """A grant's end: the grant and the end, as grants of one role may overlap.

    A location may change its organisation meanwhile (domain.md §7.5), so it goes without.
    """
    data = record.data
    named = [data.get(name) for name in ("organisation", "location", "tenant", "programme")]
    organisation, location, tenant, programme = named
    scope = (None if location else organisation, location, tenant, programme)
    key = "|".join((data["grantee"], data["role"], *(part or "" for part in scope)))
    return About(
        key=f"role:{key}|{from_iso(until)}",
        about=f"{data['role']} {data['grantee']}",
        tenant=tenant,
        partner=location,
        organisation=organisation,
    )


def _delegation(record: Record, until: str) -> About:
    data = record.data
    return About(
        key=f"delegation:{data['tenant']}|{data['location']}|{from_iso(until)}",
        about=data.get("kind") or "DAP",
        tenant=data["tenant"],
        partner=data["location"],
    )
