"""Fold of granular delegated administration: how each relationship stands, what it awaits (§6.3).

An approved relationship holds from its approval to the end of its term; a request holds nothing and
is seen among the deadlines only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from projections import timeline
from projections.awaited import About, Awaited
from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slot_facts import CUT, EXTENDED, SET
from projections.slots import Slots
from projections.timeline import Holding, Span
from schemas.time import FOREVER_US, from_iso

_NOW = " WHERE relationship = ? AND known_to = 9223372036854775807"
# The version that stood until now is closed, and the one that follows begins as its copy.
_CLOSED = """
UPDATE gdap_relationships SET known_to = :at
WHERE relationship = :of AND known_to = 9223372036854775807
"""
_COPIED = """
INSERT INTO gdap_relationships
SELECT relationship, tenant, partner, roles, duration_days, auto_extend, state, requested_us,
       approved_us, until_us, ended_us, position, :at, 9223372036854775807
FROM gdap_relationships WHERE relationship = :of AND known_to = :at
"""


class Gdap:
    """The relationships, their deadlines in known time, and the holdings that follow."""

    def __init__(self, views: sqlite3.Connection, slots: Slots, parties: Parties) -> None:
        self._views, self._slots, self._parties = views, slots, parties
        self._awaited = Awaited(views)

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "gdap.requested.v1": self._requested,
            "gdap.approved.v1": self._approved,
            "gdap.extended.v1": self._extended,
            "gdap.auto_extend_set.v1": self._auto_extend_set,
            "gdap.expiry_notified.v1": self._notified,
            "gdap.request_lapsed.v1": lambda record: self._over(record, "lapsed"),
            "gdap.expired.v1": lambda record: self._over(record, "expired"),
            "gdap.terminated.v1": self._terminated,
            "fact.corrected.v1": self._corrected,
            "fact.retracted.v1": self._termination_retracted,
        }

    def _requested(self, record: Record) -> None:
        data = record.data
        self._views.execute(
            "INSERT INTO gdap_relationships"
            " VALUES (?, ?, ?, ?, ?, ?, 'requested', ?, NULL, ?, NULL, ?, ?, 9223372036854775807)",
            (
                data["relationship"],
                data["tenant"],
                data["location"],
                orjson.dumps(data["roles"]).decode(),
                data["duration_days"],
                data["auto_extend"],
                record.effective_at_us,
                from_iso(data["lapses"]),
                record.position,
                record.position,
            ),
        )
        self._await(record, "requested", {"gdap_request": data["lapses"]})

    def _approved(self, record: Record) -> None:
        self._stands(record, record.effective_at_us)
        slot, until_us = _slot(record), from_iso(record.data["until"])
        at_us, holding = record.effective_at_us, self._holding(record)
        self._slots.facts.tell(slot, record.position, SET, at_us, until_us, [holding])
        self._slots.settle(slot, [Span(holding, at_us, until_us)], record)

    def _extended(self, record: Record) -> None:
        self._stands(record, None)
        slot, until_us = _slot(record), from_iso(record.data["until"])
        ended_us = from_iso(record.data["ended"])
        self._slots.facts.tell(slot, record.position, EXTENDED, ended_us, until_us)
        longer = timeline.extended(self._slots.spans(slot), ended_us, until_us)
        self._slots.settle(slot, longer, record)

    def _stands(self, record: Record, approved_us: int | None) -> None:
        changes = "state = 'active', until_us = ?, approved_us = coalesce(?, approved_us)"
        until_us = from_iso(record.data["until"])
        self._change(record, record.data["relationship"], changes, until_us, approved_us)
        awaited = {"gdap_notice": record.data.get("next_notice"), "gdap_end": record.data["until"]}
        self._await(record, "active", awaited)

    def _auto_extend_set(self, record: Record) -> None:
        data = record.data
        self._change(record, data["relationship"], "auto_extend = ?", data["auto_extend"])

    def _notified(self, record: Record) -> None:
        data = record.data
        awaited = {"gdap_notice": data.get("next_notice"), "gdap_end": data["until"]}
        self._await(record, "active", awaited)

    def _terminated(self, record: Record) -> None:
        self._over(record, "terminated")
        slot = _slot(record)
        self._slots.facts.tell(slot, record.position, CUT, record.effective_at_us)
        left = timeline.without(self._slots.spans(slot), record.effective_at_us, FOREVER_US)
        self._slots.settle(slot, left, record)

    def _over(self, record: Record, state: str) -> None:
        changes, relationship = "state = ?, ended_us = ?", record.data["relationship"]
        self._change(record, relationship, changes, state, record.effective_at_us)
        self._await(record, state, {})

    def _change(self, record: Record, relationship: str, changes: str, *values: Any) -> None:
        """From the record's position on the relationship stands so; before, as it did."""
        at = {"of": relationship, "at": record.position}
        for sql in (_CLOSED, _COPIED):
            self._views.execute(sql, at)
        update = f"UPDATE gdap_relationships SET {changes}{_NOW}"
        self._views.execute(update, (*values, relationship))

    def _corrected(self, record: Record) -> None:
        column = {"gdap.approved.v1": "approved_us", "gdap.terminated.v1": "ended_us"}.get(
            record.data["of"]
        )
        if column:
            at_us = from_iso(record.data["now"])
            self._change(record, _named(record), f"{column} = ?", at_us)

    def _termination_retracted(self, record: Record) -> None:
        if record.data["of"] != "gdap.terminated.v1":
            return
        relationship = _named(record)
        before = "CASE WHEN approved_us IS NULL THEN 'requested' ELSE 'active' END"
        self._change(record, relationship, f"ended_us = NULL, state = {before}")
        for one in record.data.get("awaits") or ():
            if one["runs"]:
                due_us = from_iso(one["due"])
                self._awaited.again(record, f"gdap:{relationship}", one["name"], due_us)

    def _await(self, record: Record, state: str, due: Mapping[str, str | None]) -> None:
        """Nothing but ``due`` is awaited of the relationship from the record's position on."""
        data = record.data
        about = About(
            key=f"gdap:{data['relationship']}",
            about="GDAP",
            relationship=data["relationship"],
            tenant=data["tenant"],
            partner=data["location"],
            state=state,
        )
        wanted = {name: from_iso(instant) for name, instant in due.items() if instant}
        self._awaited.only(record, about, wanted)

    def _holding(self, record: Record) -> Holding:
        location = record.data["location"]
        return Holding(
            kind="DAP",
            slot=_slot(record),
            tenant=record.data["tenant"],
            subscription=None,
            workload=None,
            activity=None,
            scope=None,
            role="GDAP",
            partner=location,
            organisation=self._parties.organisation_of(location),
            claim=None,
            because=record.position,
            rule=RULES["gdap"],
        )


def _named(record: Record) -> str:
    """The relationship that a correction is about."""
    tag: str = next(each for each in record.data["about"] if each.startswith("gdap:"))
    return tag.removeprefix("gdap:")


def _slot(record: Record) -> str:
    return f"gdap:{record.data['relationship']}"
