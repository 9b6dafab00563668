"""Fold of granular delegated administration: how each relationship stands, what it awaits (§6.3).

An approved relationship holds from its approval to the end of its term; a request holds nothing and
is seen among the deadlines only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

import orjson

from projections import timeline
from projections.awaited import About, Awaited
from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slots import Slots
from projections.timeline import Holding, Span
from schemas.time import FOREVER_US, from_iso


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
        }

    def _requested(self, record: Record) -> None:
        data = record.data
        self._views.execute(
            "INSERT OR REPLACE INTO gdap_relationships"
            " VALUES (?, ?, ?, ?, ?, ?, 'requested', ?, NULL, ?, NULL, ?, ?)",
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
        span = Span(self._holding(record), record.effective_at_us, until_us)
        self._slots.settle(slot, [span], record)

    def _extended(self, record: Record) -> None:
        self._stands(record, None)
        slot, until_us = _slot(record), from_iso(record.data["until"])
        ended_us = from_iso(record.data["ended"])
        longer = [
            span._replace(end_us=until_us) if span.end_us == ended_us else span
            for span in self._slots.spans(slot)
        ]
        self._slots.settle(slot, longer, record)

    def _stands(self, record: Record, approved_us: int | None) -> None:
        self._views.execute(
            "UPDATE gdap_relationships SET state = 'active', until_us = ?,"
            " approved_us = coalesce(?, approved_us), updated_at = ? WHERE relationship = ?",
            (
                from_iso(record.data["until"]),
                approved_us,
                record.position,
                record.data["relationship"],
            ),
        )
        awaited = {"gdap_notice": record.data.get("next_notice"), "gdap_end": record.data["until"]}
        self._await(record, "active", awaited)

    def _auto_extend_set(self, record: Record) -> None:
        self._views.execute(
            "UPDATE gdap_relationships SET auto_extend = ?, updated_at = ? WHERE relationship = ?",
            (record.data["auto_extend"], record.position, record.data["relationship"]),
        )

    def _notified(self, record: Record) -> None:
        data = record.data
        awaited = {"gdap_notice": data.get("next_notice"), "gdap_end": data["until"]}
        self._await(record, "active", awaited)

    def _terminated(self, record: Record) -> None:
        self._over(record, "terminated")
        slot = _slot(record)
        left = timeline.without(self._slots.spans(slot), record.effective_at_us, FOREVER_US)
        self._slots.settle(slot, left, record)

    def _over(self, record: Record, state: str) -> None:
        self._views.execute(
            "UPDATE gdap_relationships SET state = ?, ended_us = ?, updated_at = ?"
            " WHERE relationship = ?",
            (state, record.effective_at_us, record.position, record.data["relationship"]),
        )
        self._await(record, state, {})

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


def _slot(record: Record) -> str:
    return f"gdap:{record.data['relationship']}"
