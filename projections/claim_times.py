"""Claims as known at a position: what stands now where nothing came since, else what stood then.

The table ``claims`` holds the present, ``claim_states`` everything before it; each question asks
both by an index. ``claim_no`` is dense in order of submission, so that the claims known at a
position are those up to a number.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from projections.filters import Row, rows, where
from projections.moved_claims import filed_or_moved
from schemas.time import FOREVER_US

COLUMNS = (
    *("claim_no", "claim", "title", "tenant", "partner", "organisation", "policy"),
    *("solution_area", "activity", "contested", "payment_opt_out", "submitted_at_us"),
    *("submitted_at", "state", "consent", "consent_mode", "consent_closes_us", "deadline"),
    *("deadline_us", "dispute_until_us", "disputes", "updated_at_us", "updated_at"),
)
"""What is told of a claim."""

_CHANGING = frozenset(
    {"partner", "organisation", "contested", *COLUMNS[COLUMNS.index("state") :]},
)
_OF_ONE = ("slot", "tenant", "partner", "organisation")
_ASKS = "c.claim_no IN (SELECT claim_no FROM claim_slots WHERE slot = ? AND asked_at <= ?)"
_KNOWN = "s.updated_at <= ? AND s.known_to > ?"


def _listed(table: str) -> str:
    return ", ".join(f"{table if name in _CHANGING else 'c'}.{name}" for name in COLUMNS)


def present(views: sqlite3.Connection, limit: int, **asked: Any) -> list[Row]:
    """Claims as they stand that fit every filter, newest first."""
    conditions, values = where(_sought(_conditions(views, "c", asked)))
    sql = f"SELECT {_listed('c')} FROM claims c{conditions} ORDER BY c.claim_no DESC LIMIT ?"
    return rows(views, sql, [*values, limit])


def as_known(views: sqlite3.Connection, known: int, limit: int, **asked: Any) -> list[Row]:
    """As ``present``, of the claims as they stood at the position ``known``."""
    reach = {"c.claim_no <= ?": _claims_by(views, known)}
    asked = {**asked, "reach": known}
    now, now_values = where(
        {**_sought(_conditions(views, "c", asked)), **reach, "c.updated_at <= ?": known}
    )
    by_state = asked.get("state") and not any(asked.get(name) for name in _OF_ONE)
    order = ("claim_states s", "claims c") if by_state else ("claims c", "claim_states s")
    number = "s.claim_no" if by_state else "c.claim_no"
    # Asked apart: each then stops at its limit, which SQLite does not do within a UNION.
    newest = rows(
        views,
        f"SELECT {_listed('c')} FROM claims c{now} ORDER BY c.claim_no DESC LIMIT ?",
        [*now_values, limit],
    )
    # What is older than a full page of these is on no first page.
    oldest = newest[-1]["claim_no"] if len(newest) == limit else 0
    past = _conditions(views, "s", asked)
    if not by_state:
        past = {name.replace("s.state", "+s.state"): value for name, value in past.items()}
    past |= reach | {"c.claim_no > ?": oldest, _KNOWN: (known, known)}
    then, then_values = where(past)
    newest += rows(
        views,
        f"SELECT {_listed('s').replace('c.claim_no', number)}"
        f" FROM {order[0]} CROSS JOIN {order[1]} ON s.claim_no = c.claim_no{then}"
        f" ORDER BY {number} DESC LIMIT ?",
        [*then_values, limit],
    )
    return sorted(newest, key=lambda row: -row["claim_no"])[:limit]


def outcomes(views: sqlite3.Connection, claim_no: int, known: int | None = None) -> list[Row]:
    """The slots of a claim with what became of each, as known at a position (None: now)."""
    sql = "SELECT slot, workload, subscription, outcome FROM claim_slots WHERE claim_no = ?"
    slots = rows(views, f"{sql} ORDER BY n", [claim_no])
    past = None
    if known is not None:
        past = views.execute(
            f"SELECT s.outcomes FROM claim_states s WHERE s.claim_no = ? AND {_KNOWN}",
            (claim_no, known, known),
        ).fetchone()
    if past is None:
        return slots
    # Slots that the claim asked for only later stand behind those of then.
    then = zip(slots, past[0].split(), strict=False)
    return [{**slot, "outcome": outcome} for slot, outcome in then]


def _conditions(views: sqlite3.Connection, table: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Conditions on ``c``, and on the row of ``table`` where it says what events change."""
    partner, before, slot = asked.get("partner"), asked.get("before"), asked.get("slot")
    organisation, reach = asked.get("organisation"), asked.get("reach", FOREVER_US)
    now = table == "c"
    found: dict[str, Any] = {
        _ASKS: slot and (slot, reach),
        "c.claim = ?": asked.get("claim"),
        **filed_or_moved(views, asked.get("tenant"), asked.get("reach")),
        **({"c.partner = ?": partner, "c.organisation = ?": organisation} if now else {}),
        f"{table}.state = ?": asked.get("state"),
        "c.policy = ?": asked.get("policy"),
        f"{table}.contested = ?": asked.get("contested"),
        "c.claim_no < ?": before,
    }
    if now:
        return found
    ever = (
        "c.claim_no IN (SELECT claim_no FROM claims WHERE {0} = ?"
        " UNION SELECT claim_no FROM claim_moves WHERE partner = ?) AND s.{0} = ?"
    )
    # A claim once contested stays so; the index of those is found by the present value.
    return {
        **found,
        ever.format("partner"): partner and (partner,) * 3,
        ever.format("organisation"): organisation and (organisation,) * 3,
        "c.contested = ?": asked.get("contested") or None,
    }


def _sought(conditions: dict[str, Any]) -> dict[str, Any]:
    """The same, of which only the first, the most telling, is sought by: "+column" has no index."""
    asked = [(text, value) for text, value in conditions.items() if value is not None]
    return {
        text if n == 0 or text.startswith("c.claim_no") else f"+{text}": value
        for n, (text, value) in enumerate(asked)
    }


def _claims_by(views: sqlite3.Connection, known: int) -> int:
    """How many claims had been submitted at a position, found by halving."""
    low, high = 0, views.execute("SELECT coalesce(max(claim_no), 0) FROM claims").fetchone()[0]
    while low < high:
        middle = (low + high + 1) // 2
        sql = "SELECT submitted_at FROM claims WHERE claim_no = ?"
        if views.execute(sql, (middle,)).fetchone()[0] <= known:
            low = middle
        else:
            high = middle - 1
    return int(low)
