"""Drafts as they stand or stood at a position, and what was written into them: questions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from projections.claim_times import COLUMNS
from projections.filters import Row, rows, where
from projections.record import Record
from schemas.time import FOREVER_US

_ASKED = ("claim", "tenant", "partner", "organisation", "state", "policy")
_NOT_OF_DRAFTS = ("slot", "contested", "before")
_CONTACTS = ("customer_contact", "customer_technical_contact", "partner_contact", "solution_seller")

EventAt = Callable[[int], Record]


def drafts(views: sqlite3.Connection, known: int | None, asked: Mapping[str, Any]) -> list[Row]:
    """Drafts that fit every filter, newest first, in the columns of claims.

    They ask for no slot and contest nobody, so a filter of those leaves none.
    """
    if any(asked.get(name) is not None for name in _NOT_OF_DRAFTS):
        return []
    conditions: dict[str, Any] = {f"{name} = ?": asked.get(name) for name in _ASKED}
    if known is None:
        conditions[f"known_to = {FOREVER_US} AND ?"] = 1
    else:
        conditions["known_from <= ? AND known_to > ?"] = (known, known)
    text, values = where(conditions)
    found = rows(views, f"SELECT * FROM claim_drafts{text} ORDER BY row_id DESC", values)
    return [_as_claim(row) for row in found]


def _as_claim(row: Row) -> Row:
    changes = {
        "contested": 0,
        "payment_opt_out": 0,
        "disputes": 0,
        "updated_at_us": row["recorded_us"],
        "updated_at": row["known_from"],
    }
    return {**{name: row.get(name) for name in COLUMNS}, **changes}


def steps(views: sqlite3.Connection, claim: str, known: int | None) -> list[Row]:
    """The steps of a draft in the columns of ``claim_history``, in order of position."""
    conditions, values = where({"claim = ?": claim, "known_from <= ?": known})
    sql = (
        "SELECT known_from AS position, step, state, NULL AS other_claim, NULL AS slots"
        f" FROM claim_drafts{conditions} ORDER BY row_id"
    )
    return rows(views, sql, values)


def content(
    views: sqlite3.Connection, claim: str, event_at: EventAt, known: int | None = None
) -> Row:
    """What stands in a draft, read from its events; a person only as ``sealed``."""
    found: dict[str, Any] = {}
    for step in steps(views, claim, known):
        data = event_at(step["position"]).data
        for name in data.get("emptied", ()):
            found.pop(name, None)
        found |= data.get("content", {})
    sealed = dict.fromkeys((name for name in _CONTACTS if name in found), "sealed")
    return {**found, **sealed}
