"""Granular delegated administration as it stands, from the views."""

from __future__ import annotations

import sqlite3

import orjson

from projections.filters import Row, rows, where

_MOST = 10_000


def gdap_list(
    views: sqlite3.Connection,
    *,
    tenant: str | None = None,
    partner: str | None = None,
    state: str | None = None,
    known: int,
    at_us: int | None = None,
) -> list[Row]:
    """Relationships and requests that fit, the soonest to end first; ended ones included.

    As known at a position; with ``at_us`` as each stood at that instant, whether or not the clock
    had recorded what ended by then.
    """
    fits = {"tenant = ?": tenant, "partner = ?": partner}
    conditions, values = where({**fits, "updated_at <= ? AND known_to > ?": (known, known)})
    sql = f"SELECT * FROM gdap_relationships{conditions} ORDER BY until_us, relationship LIMIT ?"
    found = rows(views, sql, [*values, _MOST])
    for row in found:
        del row["known_to"]
    told = [
        {**row, "roles": orjson.loads(row["roles"]), "auto_extend": bool(row["auto_extend"])}
        for row in (found if at_us is None else _at(found, at_us))
    ]
    return [row for row in told if state is None or row["state"] == state]


def _at(found: list[Row], at_us: int) -> list[Row]:
    """Each as it stood at the instant; those that nobody had requested by then are left out."""
    return [_standing(row, at_us) for row in found if row["requested_us"] <= at_us]


def _standing(row: Row, at_us: int) -> Row:
    approved_us, ended_us = row["approved_us"], row["ended_us"]
    if ended_us is not None and ended_us <= at_us:
        return row
    if approved_us is not None and at_us < approved_us:
        # Until when the request stood is not kept once it was approved.
        return row | {"state": "requested", "ended_us": None, "until_us": None, "approved_us": None}
    if row["until_us"] <= at_us:
        over = "lapsed" if approved_us is None else "expired"
        return row | {"state": over, "ended_us": row["until_us"]}
    return row | {"state": "requested" if approved_us is None else "active", "ended_us": None}
