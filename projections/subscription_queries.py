"""A subscription's life: how it stood at an instant, and whose it is, as known at a position."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from projections.filters import Row, one, rows

_CHANGES = """
SELECT what, value, effective_us FROM subscription_changes
WHERE subscription = ?1 AND known_from <= ?2 AND known_to > ?2 AND effective_us <= ?3
  AND what != 'started'
ORDER BY effective_us, position
"""
_STARTED = """
SELECT effective_us FROM subscription_changes
WHERE subscription = ?1 AND known_from <= ?2 AND known_to > ?2 AND what = 'started'
"""
_CHAIN = """
SELECT partner, organisation, kind, role, effective_from, effective_to, because FROM holdings
WHERE slot = ? AND known_from <= ? AND known_to > ? ORDER BY effective_from, row_id
"""
_CHANGED = {"partner": "transacting_partner", "reseller": "indirect_reseller"}


class Owner(NamedTuple):
    """A partner in the CSP chain of a subscription, and which time is whose (domain.md §6.3).

    Instants in microseconds UTC. It *holds* from ``since_us`` on; who held on a day before is in
    ``sellers``. Credit for consumption follows the present owner, and so it *takes the history*
    from ``history_from_us`` on, the start of the first chain.
    """

    partner: str
    organisation: str
    kind: str
    role: str
    since_us: int
    until_us: int
    history_from_us: int
    because: int


def subscription(
    views: sqlite3.Connection, subscription: str, *, effective_us: int, known: int
) -> Row | None:
    """A subscription at an instant, as known at a position; None while it had not become known.

    ``state`` is *not started*, active, in_grace, suspended or ended; seats, channel and partners
    are those of the instant.
    """
    sql = "SELECT * FROM subscriptions WHERE subscription = ? AND position <= ?"
    found = one(views, sql, subscription, known)
    if found is None:
        return None
    told: dict[str, Any] = {**found, "state": "active", "ended_us": None, "end_reason": None}
    for (started_us,) in views.execute(_STARTED, (subscription, known)):
        told["started_us"] = started_us  # it was set right, and this is what was known then
    if told["started_us"] > effective_us:
        return {**told, "state": "not started"}
    for what, value, at_us in views.execute(_CHANGES, (subscription, known, effective_us)):
        if what == "ended":
            told |= {"end_reason": value, "ended_us": told["ended_us"] or at_us, "state": "ended"}
        elif what != "state" or told["state"] != "ended":
            told[_CHANGED.get(what, what)] = int(value) if what == "seats" else value
    return told


def successors(views: sqlite3.Connection, subscription: str, *, known: int) -> list[str]:
    """The subscriptions that go on with this one, in the order they became known."""
    sql = "SELECT subscription FROM subscriptions WHERE succeeds = ? AND position <= ?"
    return [name for (name,) in views.execute(f"{sql} ORDER BY position", (subscription, known))]


def sellers(views: sqlite3.Connection, subscription: str, *, known: int) -> list[Row]:
    """Every CSP partner that held the subscription, with its interval, oldest first.

    This is who held on which day; a transfer never changes it for the days before.
    """
    return rows(views, _CHAIN, [f"csp:{subscription}", known, known])


def present_owners(views: sqlite3.Connection, subscription: str, *, known: int) -> list[Owner]:
    """The CSP chain that owns a subscription, as known at a position; credit follows it (§6.3).

    After the subscription's end, those who owned it last; empty where no CSP partner ever sold it.
    """
    chain = sellers(views, subscription, known=known)
    if not chain:
        return []
    since_us, first_us = chain[-1]["effective_from"], chain[0]["effective_from"]
    return [
        Owner(
            row["partner"],
            row["organisation"],
            row["kind"],
            row["role"],
            since_us,
            row["effective_to"],
            first_us,
            row["because"],
        )
        for row in chain
        if row["effective_from"] == since_us
    ]
