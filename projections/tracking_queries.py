"""Tracking ids and what was deployed with them: credit goes by partner and id (domain.md §6.4)."""

from __future__ import annotations

import sqlite3

from ledger.rules.cua import rules
from projections.filters import Row, rows, where

_MOST = 10_000


def deployments(
    views: sqlite3.Connection,
    *,
    tenant: str | None = None,
    partner: str | None = None,
    tracking_id: str | None = None,
    subscription: str | None = None,
    at_us: int | None = None,
) -> list[Row]:
    """Deployments by partner, tracking id and date; ``at_us`` leaves those that stood then.

    ``under_reported`` tells where Azure is known to report less usage than there is.
    """
    conditions, values = where(
        {
            "tenant = ?": tenant,
            "partner = ?": partner,
            "tracking_id = ?": tracking_id,
            "subscription = ?": subscription,
            "deployed_us <= ? AND (ended_us IS NULL OR ended_us > ?)": None
            if at_us is None
            else (at_us, at_us),
        }
    )
    sql = (
        f"SELECT * FROM deployments{conditions} ORDER BY partner, tracking_id, deployed_us LIMIT ?"
    )
    found = rows(views, sql, [*values, _MOST])
    return [
        {
            **row,
            "automatic": bool(row["automatic"]),
            "under_reported": rules().is_under_reported(row["scope"]),
        }
        for row in found
    ]


def tracking_ids(
    views: sqlite3.Connection, *, partner: str | None = None, tracking_id: str | None = None
) -> list[Row]:
    """Tracking ids by partner, each with how many deployments stand and how many there were."""
    conditions, values = where({"t.partner = ?": partner, "t.tracking_id = ?": tracking_id})
    sql = (
        "SELECT t.*, count(d.deployment) AS deployments,"
        " count(d.deployment) - count(d.ended_us) AS standing"
        " FROM tracking_ids t LEFT JOIN deployments d ON d.tracking_id = t.tracking_id"
        f"{conditions} GROUP BY t.tracking_id ORDER BY t.partner, t.tracking_id LIMIT ?"
    )
    return rows(views, sql, [*values, _MOST])
