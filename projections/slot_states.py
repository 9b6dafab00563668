"""Who holds a slot as of the views' position, and which slots a stretch of positions changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from projections.filters import Row, rows
from projections.record import Head
from schemas.time import FOREVER_US, iso

_TOLD = (
    "kind",
    "tenant",
    "subscription",
    "workload",
    "activity",
    "scope",
    "role",
    "partner",
    "organisation",
    "claim",
)
_CHANGED = f"""
SELECT slot FROM holdings WHERE row_id > ?
UNION
SELECT slot FROM holdings WHERE known_to > ? AND known_to < {FOREVER_US}
"""
_ROWS = "SELECT * FROM holdings WHERE slot IN ({}) ORDER BY slot, row_id"


class SlotState(NamedTuple):
    """A slot at one position: the last event that changed it, its holders, and what time will do.

    ``due_us`` is the next instant at which a holding begins or ends by what is known now; None
    when there is no such instant.
    """

    position: int
    holders: list[dict[str, Any]]
    due_us: int | None


def changed(views: sqlite3.Connection, after: int) -> Iterator[str]:
    """Every slot of which a row was opened or closed by an event beyond ``after``."""
    # row_id and known_from rise together.
    for (slot,) in views.execute(_CHANGED, (rows_known_by(views, after), after)):
        yield slot


def states(views: sqlite3.Connection, slots: Sequence[str], at: Head) -> dict[str, SlotState]:
    """The state of each slot at ``at``, where the views stand: effective when that was recorded.

    What `attribution holders` says for that position and instant. Slots that never had a holder
    are left out.
    """
    found: dict[str, list[Row]] = {}
    for row in rows(views, _ROWS.format(", ".join("?" * len(slots))), list(slots)):
        found.setdefault(row["slot"], []).append(row)
    return {slot: _state(known, at.recorded_at_us) for slot, known in found.items()}


def rows_known_by(views: sqlite3.Connection, position: int) -> int:
    """The last ``row_id`` that was known at a position, found by halving."""
    low, high = 0, views.execute("SELECT coalesce(max(row_id), 0) FROM holdings").fetchone()[0]
    sql = "SELECT known_from FROM holdings WHERE row_id = ?"
    while low < high:
        middle = (low + high + 1) // 2
        if views.execute(sql, (middle,)).fetchone()[0] <= position:
            low = middle
        else:
            high = middle - 1
    return int(low)


def _state(known: Sequence[Row], now_us: int) -> SlotState:
    now = [row for row in known if row["known_to"] == FOREVER_US]
    turns = [row[name] for row in now for name in ("effective_from", "effective_to")]
    learned = [row[name] for row in known for name in ("known_from", "known_to")]
    return SlotState(
        max(position for position in learned if position != FOREVER_US),
        [_told(row) for row in now if row["effective_from"] <= now_us < row["effective_to"]],
        min((us for us in turns if now_us < us < FOREVER_US), default=None),
    )


def _told(row: Row) -> dict[str, Any]:
    told = {name: row[name] for name in _TOLD if row[name] is not None}
    until = row["effective_to"]
    return told | {
        "since": iso(row["effective_from"]),
        "until": None if until == FOREVER_US else iso(until),
        "because": row["because"],
        "rule": row["rule"],
    }
