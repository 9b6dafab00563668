"""Claims that hold at other tenants than they were filed for: their customer's users moved (§14.9).

Such a claim is found by each of its tenants.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from projections.filters import Row
from schemas.time import FOREVER_US

_AT = "SELECT claim_no FROM claim_tenants WHERE tenant = ? AND known_from <= ?"
_OF = """
SELECT claim FROM claims WHERE claim_no IN (
  SELECT claim_no FROM claim_tenants WHERE tenant = ?1 AND known_from <= ?2
  UNION
  SELECT m.claim_no FROM claim_tenants m CROSS JOIN claims c USING (claim_no)
  WHERE c.tenant = ?1 AND m.known_from <= ?2
) ORDER BY claim
"""


def filed_or_moved(
    views: sqlite3.Connection, tenant: str | None, known: int | None
) -> dict[str, Any]:
    """The condition on ``claims c`` that a claim is this tenant's, by filing or by a migration."""
    if tenant is None:
        return {"c.tenant = ?": None}
    reach = FOREVER_US if known is None else known
    moved = [number for (number,) in views.execute(_AT, (tenant, reach))]
    if not moved:
        return {"c.tenant = ?": tenant}
    marks = ", ".join("?" * len(moved))
    return {f"(c.tenant = ? OR c.claim_no IN ({marks}))": (tenant, *moved)}


def held_or_moved(views: sqlite3.Connection, customer: str, known: int) -> dict[str, Any]:
    """The condition on ``holdings`` that one is a customer's, here or where its claims went."""
    moved = [claim for (claim,) in views.execute(_OF, (customer, known))]
    marks = ", ".join("?" * len(moved))
    return {f"(tenant = ? OR claim IN ({marks}))": (customer, *moved)} if moved else {}


def tenants(views: sqlite3.Connection, claim_no: int, known: int | None) -> list[str]:
    """The other tenants that a claim held at, as known at a position."""
    return _between(views, claim_no, claim_no, known).get(claim_no, [])


def with_tenants(views: sqlite3.Connection, found: list[Row], known: int | None) -> list[Row]:
    """The claims, each with the other tenants it came to hold at under ``migrated_to``."""
    numbers = [row["claim_no"] for row in found]
    moved = _between(views, min(numbers), max(numbers), known) if numbers else {}
    return [{**row, "migrated_to": moved.get(row["claim_no"], [])} for row in found]


def _between(
    views: sqlite3.Connection, first: int, last: int, known: int | None
) -> dict[int, list[str]]:
    reach = FOREVER_US if known is None else known
    sql = (
        "SELECT claim_no, tenant FROM claim_tenants"
        " WHERE claim_no BETWEEN ? AND ? AND known_from <= ? ORDER BY claim_no, tenant"
    )
    moved: dict[int, list[str]] = {}
    for claim_no, tenant in views.execute(sql, (first, last, reach)):
        moved.setdefault(claim_no, []).append(tenant)
    return moved
