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
) -> list[Row]:
    """Relationships and requests that fit, the soonest to end first; ended ones included."""
    conditions, values = where({"tenant = ?": tenant, "partner = ?": partner, "state = ?": state})
    sql = f"SELECT * FROM gdap_relationships{conditions} ORDER BY until_us, relationship LIMIT ?"
    found = rows(views, sql, [*values, _MOST])
    return [
        {**row, "roles": orjson.loads(row["roles"]), "auto_extend": bool(row["auto_extend"])}
        for row in found
    ]
