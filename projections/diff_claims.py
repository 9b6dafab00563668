"""What changed about claims between two states of knowledge: state, slots, consent, deadline."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

from projections.diff_holdings import Between
from projections.filters import Row, where

_SIDE = ("state", "consent", "outcomes", "deadline", "deadline_us", "partner", "contested")
_NOW = (
    "(SELECT group_concat(outcome, ' ') FROM"
    " (SELECT outcome FROM claim_slots WHERE claim_no = c.claim_no ORDER BY n))"
)
_ABOUT = ("claim", "tenant", "organisation", "policy")


def known_between(views: sqlite3.Connection, asked: Between) -> list[Row]:
    """Every claim that an event between the two positions touched, in order of submission.

    ``before`` (None: not submitted yet) and ``after`` are its two states, ``steps`` what happened:
    position, step, slots, other_claim.
    """
    steps = _steps(views, asked)
    before, after = (_states(views, asked, known) for known in (asked.before, asked.after))
    found = []
    for claim_no, row in sorted(after.items()):
        sides = {"before": _side(before.get(claim_no)), "after": _side(row)}
        about = dict(zip(_ABOUT, row, strict=False))
        found.append({**about, **sides, "steps": steps[claim_no]})
    return found


def _side(row: tuple[Any, ...] | None) -> Row | None:
    if row is None:
        return None
    side = dict(zip(_SIDE, row[len(_ABOUT) :], strict=True))
    side["contested"] = bool(side["contested"])
    return side


def _touched(views: sqlite3.Connection, asked: Between) -> tuple[str, list[Any]]:
    """Conditions on ``claim_history h`` that leave the steps between, found by an index."""
    between = {"h.position > ? AND h.position <= ?": (asked.before, asked.after)}
    if asked.slot or asked.tenant or asked.partner:
        own, values = where(
            {
                "claim_no IN (SELECT claim_no FROM claim_slots WHERE slot = ?)": asked.slot,
                "tenant = ?": asked.tenant,
                "partner = ? OR claim_no IN (SELECT claim_no FROM claim_moves WHERE partner = ?)": (
                    (asked.partner, asked.partner) if asked.partner else None
                ),
            }
        )
        sql, more = where(between)
        return f"{sql} AND h.claim_no IN (SELECT claim_no FROM claims{own})", [*more, *values]
    # row_id and position rise together, so the steps between lie side by side.
    first = _steps_by(views, asked.before)
    return where({"h.row_id > ? AND h.row_id <= ?": (first, _steps_by(views, asked.after))})


def _steps(views: sqlite3.Connection, asked: Between) -> dict[int, list[Row]]:
    conditions, values = _touched(views, asked)
    columns = "h.claim_no, h.position, h.step, h.slots, h.other_claim"
    sql = f"SELECT {columns} FROM claim_history h{conditions} ORDER BY h.row_id"
    found: dict[int, list[Row]] = defaultdict(list)
    for claim_no, position, step, slots, other in views.execute(sql, values):
        row = {"position": position, "step": step, "slots": slots, "other_claim": other}
        found[claim_no].append(row)
    return found


def _states(
    views: sqlite3.Connection, asked: Between, known: int
) -> dict[int, tuple[str | int | None, ...]]:
    """How every claim that was touched stood at a position; those submitted later are left out.

    Each as ``_ABOUT`` and ``_SIDE`` name it.
    """
    conditions, values = _touched(views, asked)
    touched = f"WITH t AS (SELECT DISTINCT h.claim_no FROM claim_history h{conditions})"
    side = ", ".join(f"c.{name}" if name != "outcomes" else _NOW for name in _SIDE)
    past = ", ".join(f"s.{name}" for name in _SIDE)
    about = ", ".join(f"c.{name}" for name in ("claim_no", *_ABOUT))
    sql = (
        f"{touched} SELECT {about}, {side} FROM t CROSS JOIN claims c"
        " ON c.claim_no = t.claim_no WHERE c.updated_at <= ? UNION ALL"
        f" SELECT {about}, {past} FROM t CROSS JOIN claim_states s ON s.claim_no = t.claim_no"
        " CROSS JOIN claims c ON c.claim_no = t.claim_no"
        " WHERE s.updated_at <= ? AND s.known_to > ?"
    )
    cursor = views.execute(sql, [*values, known, known, known])
    return {row[0]: row[1:] for row in cursor}


def _steps_by(views: sqlite3.Connection, position: int) -> int:
    """The last ``row_id`` of ``claim_history`` at a position, found by halving."""
    sql = "SELECT coalesce(max(row_id), 0) FROM claim_history"
    low, high = 0, views.execute(sql).fetchone()[0]
    while low < high:
        middle = (low + high + 1) // 2
        sql = "SELECT position FROM claim_history WHERE row_id = ?"
        if views.execute(sql, (middle,)).fetchone()[0] <= position:
            low = middle
        else:
            high = middle - 1
    return int(low)
