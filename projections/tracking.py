"""Fold of customer usage attribution: tracking ids, deployments, and whose they are (§6.4).

A deployment is its publisher's from the day it was deployed until its resources are gone. Removing
the tracking id changes nothing about what was deployed before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from ledger.rules.cua import rules
from projections import timeline
from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slots import Slots
from projections.timeline import Holding, Span
from schemas.time import FOREVER_US


class Tracking:
    """The tracking ids and deployments, and the holdings that follow."""

    def __init__(self, views: sqlite3.Connection, slots: Slots, parties: Parties) -> None:
        self._views, self._slots, self._parties = views, slots, parties

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "tracking_id.registered.v1": self._registered,
            "tracking_id.removed.v1": self._removed,
            "deployment.reported.v1": self._reported,
            "deployment.ended.v1": self._ended,
        }

    def _registered(self, record: Record) -> None:
        data = record.data
        self._views.execute(
            "INSERT OR REPLACE INTO tracking_ids VALUES (?, ?, ?, ?, ?, NULL, ?)",
            (
                data["tracking_id"],
                data["location"],
                data["kind"],
                data["description"],
                record.effective_at_us,
                record.position,
            ),
        )

    def _removed(self, record: Record) -> None:
        sql = "UPDATE tracking_ids SET removed_us = ? WHERE tracking_id = ?"
        self._views.execute(sql, (record.effective_at_us, record.data["tracking_id"]))

    def _reported(self, record: Record) -> None:
        data = record.data
        self._views.execute(
            "INSERT OR REPLACE INTO deployments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
            (
                data["deployment"],
                data["tracking_id"],
                data["location"],
                data["kind"],
                data["tenant"],
                data["subscription"],
                data["scope"],
                data["automatic"],
                record.effective_at_us,
                record.position,
            ),
        )
        span = Span(self._holding(record), record.effective_at_us, FOREVER_US)
        self._slots.settle(span.holding.slot, [span], record)

    def _ended(self, record: Record) -> None:
        at_us, slot = record.effective_at_us, _slot(record)
        sql = "UPDATE deployments SET ended_us = ? WHERE deployment = ?"
        self._views.execute(sql, (at_us, record.data["deployment"]))
        left = timeline.without(self._slots.spans(slot), at_us, FOREVER_US)
        self._slots.settle(slot, left, record)

    def _holding(self, record: Record) -> Holding:
        data = record.data
        return Holding(
            kind=rules().association[data["kind"]],
            slot=_slot(record),
            tenant=data["tenant"],
            subscription=data["subscription"],
            workload=None,
            activity=None,
            scope=data["scope"],
            role=None,
            partner=data["location"],
            organisation=self._parties.organisation_of(data["location"]),
            claim=None,
            because=record.position,
            rule=RULES["cua"],
        )


def _slot(record: Record) -> str:
    return f"cua:{record.data['tracking_id']}:{record.data['deployment']}"
