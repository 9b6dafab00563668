"""Fold of associations of the kinds that have no event of their own (domain.md §6.6).

Each stands on a tenant, a subscription or an agreement, and ends with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from projections.parties import Parties
from projections.placing import Placing
from projections.record import Record
from projections.slots import Slots
from schemas.time import FOREVER_US


class Associations(Placing):
    """The holdings of such kinds, brought to the slots."""

    def __init__(self, views: sqlite3.Connection, slots: Slots, parties: Parties) -> None:
        super().__init__(slots, parties)
        self._views = views
        # Most ledgers have none: then the end of a subscription looks nothing up.
        found = views.execute("SELECT EXISTS (SELECT 1 FROM association_places)").fetchone()
        self._any = bool(found[0])

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "association.recorded.v1": self._recorded,
            "association.ended.v1": self._ended,
            "subscription.ended.v1": self._subscription_ended,
            "subscription.moved.v1": self._subscription_moved,
            "agreement.ended.v1": self._agreement_ended,
        }

    def _recorded(self, record: Record) -> None:
        data = record.data
        slot, subscription = data["slot"], data.get("subscription")
        kind = data["kind"].upper()
        for place in ("subscription", "agreement"):
            if data.get(place):
                row = (place, data[place], slot)
                self._views.execute(
                    "INSERT OR IGNORE INTO association_places VALUES (?, ?, ?)", row
                )
                self._any = True
        holding = self._plain(
            record, kind, slot, data["location"], "recorded", subscription=subscription
        )
        end_us = self._parties.subscription_end(subscription) if subscription else FOREVER_US
        self._set(slot, holding, end_us, record)

    def _ended(self, record: Record) -> None:
        self._empty(record.data["slot"], record)

    def _subscription_ended(self, record: Record) -> None:
        self._end_with("subscription", record)

    def _subscription_moved(self, record: Record) -> None:
        if record.data["becomes"] != record.data["subscription"]:
            self._end_with("subscription", record)

    def _agreement_ended(self, record: Record) -> None:
        self._end_with("agreement", record)

    def _end_with(self, place: str, record: Record) -> None:
        if not self._any:
            return
        sql = "SELECT slot FROM association_places WHERE place = ? AND value = ? ORDER BY slot"
        for (slot,) in self._views.execute(sql, (place, record.data[place])).fetchall():
            self._cut(slot, record.effective_at_us, record)
