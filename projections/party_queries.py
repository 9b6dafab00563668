"""Who there is: partners, customers, subscriptions, agreements, identities and roles."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from projections.filters import Row, one, rows, where

_MOST = 10_000


def organisation(views: sqlite3.Connection, organisation: str) -> Row | None:
    """A partner organisation with its ``locations``; None when unknown."""
    found = one(views, "SELECT * FROM organisations WHERE organisation = ?", organisation)
    return found and {**found, "locations": locations(views, organisation=organisation)}


def organisations(views: sqlite3.Connection) -> list[Row]:
    """Every partner organisation, by id."""
    return rows(views, "SELECT * FROM organisations ORDER BY organisation LIMIT ?", [_MOST])


def locations(views: sqlite3.Connection, *, organisation: str | None = None) -> list[Row]:
    """Partner locations, by id."""
    conditions, values = where({"organisation = ?": organisation})
    sql = f"SELECT * FROM locations{conditions} ORDER BY location LIMIT ?"
    return rows(views, sql, [*values, _MOST])


def location(views: sqlite3.Connection, location: str) -> Row | None:
    """A partner location; None when unknown."""
    return one(views, "SELECT * FROM locations WHERE location = ?", location)


def customer(views: sqlite3.Connection, tenant: str) -> Row | None:
    """A customer with its ``domains``; None when unknown."""
    found = one(views, "SELECT * FROM customers WHERE tenant = ?", tenant)
    if found is None:
        return None
    domains = views.execute(
        "SELECT domain FROM customer_domains WHERE tenant = ? ORDER BY domain", [tenant]
    )
    return {**found, "domains": [domain for (domain,) in domains]}


def customers(views: sqlite3.Connection, *, after: str = "", limit: int = _MOST) -> list[Row]:
    """Customers by tenant id; ``after`` (a tenant) pages on."""
    sql = "SELECT * FROM customers WHERE tenant > ? ORDER BY tenant LIMIT ?"
    return rows(views, sql, [after, min(limit, _MOST)])


def subscription(views: sqlite3.Connection, subscription: str) -> Row | None:
    """A subscription; ``ended_us`` is None while none of its ends is known."""
    return one(views, "SELECT * FROM subscriptions WHERE subscription = ?", subscription)


def subscriptions(views: sqlite3.Connection, tenant: str) -> list[Row]:
    """The subscriptions of a tenant, oldest first."""
    sql = "SELECT * FROM subscriptions WHERE tenant = ? ORDER BY started_us, subscription LIMIT ?"
    return rows(views, sql, [tenant, _MOST])


def agreement(views: sqlite3.Connection, agreement: str) -> Row | None:
    """An agreement with the ``partners`` now on it (location, role); None when unknown."""
    found = one(views, "SELECT * FROM agreements WHERE agreement = ?", agreement)
    sql = (
        "SELECT location, role FROM agreement_partners"
        " WHERE agreement = ? AND removed_at IS NULL ORDER BY position, n"
    )
    return found and {**found, "partners": rows(views, sql, [agreement])}


def agreements(views: sqlite3.Connection, tenant: str) -> list[Row]:
    """The agreements of a tenant, oldest first."""
    sql = "SELECT * FROM agreements WHERE tenant = ? ORDER BY signed_us, agreement LIMIT ?"
    return rows(views, sql, [tenant, _MOST])


def identity(views: sqlite3.Connection, identity: str) -> Row | None:
    """An identity with its Azure role ``assignments``; None when unknown."""
    found = one(views, "SELECT * FROM identities WHERE identity = ?", identity)
    sql = "SELECT * FROM role_assignments WHERE identity = ? ORDER BY tenant, assignment"
    return found and {**found, "assignments": rows(views, sql, [identity])}


def grants(
    views: sqlite3.Connection,
    *,
    grantee: str | None = None,
    role: str | None = None,
    at_us: int | None = None,
) -> list[Row]:
    """Grants of roles in order of position; ``at_us`` leaves only those in effect then."""
    conditions, values = where(
        {
            "grantee = ?": grantee,
            "role = ?": role,
            "from_us <= ? AND until_us > ?": None if at_us is None else (at_us, at_us),
        }
    )
    sql = f"SELECT * FROM role_grants{conditions} ORDER BY position LIMIT ?"
    return rows(views, sql, [*values, _MOST])


def organisations_named(views: sqlite3.Connection, name: str) -> list[str]:
    """The ids of the partner organisations of a name, whatever its case, in order."""
    sql = "SELECT organisation FROM organisations WHERE lower(name) = lower(?) ORDER BY 1"
    return [organisation for (organisation,) in views.execute(sql, (name,))]


def locations_named(views: sqlite3.Connection, name: str) -> list[str]:
    """The ids of the partner locations of a name, whatever its case, in order."""
    sql = "SELECT location FROM locations WHERE lower(name) = lower(?) ORDER BY 1"
    return [location for (location,) in views.execute(sql, (name,))]


def migrations(
    views: sqlite3.Connection, *, to: Collection[str] = (), known: int | None = None
) -> list[Row]:
    """Which users went over to which tenant and when, as known at a position, by position.

    To these tenants, where some are named. What such a tenant rises by is not growth where it had
    users before (domain.md §14.9).
    """
    places = ", ".join("?" * len(to))
    conditions, values = where(
        {f"to_tenant IN ({places})": tuple(to) or None, "position <= ?": known}
    )
    sql = f"SELECT * FROM customer_migrations{conditions} ORDER BY position LIMIT ?"
    return rows(views, sql, [*values, _MOST])
