"""Fold of customer usage attribution: tracking ids, deployments, and whose they are (§6.4).

A deployment is its publisher's from the day it was deployed until its resources are gone. Removing
the tracking id changes nothing about what was deployed before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from ledger.rules.cua import rules
from projections import timeline
from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slots import Slots
from projections.timeline import Holding, Span
from schemas.time import FOREVER_US

# By type of fact: how it gets another instant, and how it is taken back. An end ends what was
# reported before it, not what was reported again under the same name.
_ENDED = "deployment = :deployment AND position < :fact"
_MENDS = {
    "deployment.reported.v1": (
        "UPDATE deployments SET deployed_us = :at WHERE position = :fact",
        "DELETE FROM deployments WHERE position = :fact",
    ),
    "deployment.ended.v1": (
        f"UPDATE deployments SET ended_us = :at WHERE {_ENDED}",
        f"UPDATE deployments SET ended_us = NULL WHERE {_ENDED}",
    ),
}


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

    def mend(self, record: Record, at_us: int | None) -> bool:
        """Give a deployment or its end another instant, or none; whether the fact was one."""
        sql = _MENDS.get(record.data["of"])
        if sql is None:
            return False
        named = dict(tag.split(":", 1) for tag in record.data["about"])
        asked = {"at": at_us, "fact": record.data["fact"], "deployment": named["deployment"]}
        self._views.execute(sql[at_us is None], asked)
        columns = "deployment, tracking_id, partner, kind, tenant, subscription, scope"
        found = self._views.execute(
            f"SELECT {columns}, position, deployed_us, coalesce(ended_us, :ever)"
            " FROM deployments WHERE deployment = :deployment",
            {**asked, "ever": FOREVER_US},
        ).fetchone()
        spans = []
        if found and found[-2] < found[-1]:
            names = columns.replace("partner", "location").split(", ")
            data = dict(zip(names, found, strict=False))
            spans = [Span(self._holding(data, found[-3]), *found[-2:])]
        self._slots.settle(f"cua:{named['tracking']}:{named['deployment']}", spans, record)
        return True

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
        span = Span(self._holding(data, record.position), record.effective_at_us, FOREVER_US)
        self._slots.settle(span.holding.slot, [span], record)

    def _ended(self, record: Record) -> None:
        at_us, slot = record.effective_at_us, _slot(record.data)
        sql = "UPDATE deployments SET ended_us = ? WHERE deployment = ?"
        self._views.execute(sql, (at_us, record.data["deployment"]))
        left = timeline.without(self._slots.spans(slot), at_us, FOREVER_US)
        self._slots.settle(slot, left, record)

    def _holding(self, data: Mapping[str, Any], position: int) -> Holding:
        return Holding(
            kind=rules().association[data["kind"]],
            slot=_slot(data),
            tenant=data["tenant"],
            subscription=data["subscription"],
            workload=None,
            activity=None,
            scope=data["scope"],
            role=None,
            partner=data["location"],
            organisation=self._parties.organisation_of(data["location"]),
            claim=None,
            because=position,
            rule=RULES["cua"],
        )


def _slot(data: Mapping[str, Any]) -> str:
    return f"cua:{data['tracking_id']}:{data['deployment']}"
