"""Fold of claims that are still being written: what stands in each draft, version by version.

Drafts are few beside claims and short-lived, so each change is written at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from ledger.errors import DamagedError
from projections.record import Record
from projections.views import index_for_folds
from schemas.time import FOREVER_US

_FIELDS = ("title", "tenant", "solution_area", "activity")
_NOW = f"SELECT policy, {', '.join(_FIELDS)} FROM claim_drafts WHERE claim = ? AND known_to = ?"
_CLOSE = "UPDATE claim_drafts SET known_to = ? WHERE claim = ? AND known_to = ?"
_INSERT = f"INSERT INTO claim_drafts VALUES ({', '.join('?' * 14)})"


class Drafts:
    """The table of drafts."""

    def __init__(self, views: sqlite3.Connection, *, fresh: bool = False) -> None:
        self._views = views
        self._indexed = not fresh

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "claim.drafted.v1": self._drafted,
            "claim.draft_edited.v1": self._edited,
            "claim.discarded.v1": self._discarded,
            "claim.submitted.v1": self._submitted,
        }

    def _drafted(self, record: Record) -> None:
        content = record.data["content"]
        found = (record.data.get("policy"), *(content.get(name) for name in _FIELDS))
        self._add(record, found, record.data["organisation"], "draft")

    def _edited(self, record: Record) -> None:
        data = record.data
        policy, *before = self._now(record)
        emptied, content = data.get("emptied", ()), data["content"]
        kept = [None if name in emptied else old for name, old in zip(_FIELDS, before, strict=True)]
        found = (content.get(name, old) for name, old in zip(_FIELDS, kept, strict=True))
        self._close(record)
        self._add(record, (policy, *found), data["organisation"], "draft")

    def _discarded(self, record: Record) -> None:
        now, organisation = self._now(record), self._organisation(record)
        self._close(record)
        self._add(record, now, organisation, "discarded")

    def _submitted(self, record: Record) -> None:
        if record.data.get("drafted"):
            self._close(record)

    def _now(self, record: Record) -> tuple[Any, ...]:
        self._index()
        claim = record.data["claim"]
        found: tuple[Any, ...] | None = self._views.execute(_NOW, (claim, FOREVER_US)).fetchone()
        if found is None:
            raise DamagedError(
                f"Position {record.position} ({record.type}) is about the draft {claim!r}, which"
                " no earlier event began.",
                hint="Check the log with `attribution verify`.",
                code="claim_unknown",
            )
        return found

    def _organisation(self, record: Record) -> str:
        sql = "SELECT organisation FROM claim_drafts WHERE claim = ? AND known_to = ?"
        place = (record.data["claim"], FOREVER_US)
        organisation: str = self._views.execute(sql, place).fetchone()[0]
        return organisation

    def _close(self, record: Record) -> None:
        self._index()
        place = (record.data["claim"], FOREVER_US)
        self._views.execute(_CLOSE, (record.position, *place))

    def _add(self, record: Record, content: tuple[Any, ...], organisation: str, state: str) -> None:
        data = record.data
        whose = (data["claim"], data["location"], organisation)
        known = (record.recorded_at_us, record.position, FOREVER_US)
        row = (None, *whose, *content, state, record.type, *known)
        self._views.execute(_INSERT, row)

    def _index(self) -> None:
        if not self._indexed:
            index_for_folds(self._views)
            self._indexed = True
