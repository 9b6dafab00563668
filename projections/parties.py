"""Fold of who there is: partners, customers, subscriptions, agreements, identities, roles, rules.

Also answers what the other folds need of it: a location's organisation, a subscription's end, an
agreement's partners.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import orjson

from projections.record import Record
from projections.remembered import Remembered
from schemas.time import FOREVER_US, from_iso

_LIMIT = 50_000

# Tables whose rows come in bulk and are written with their batch, in this order.
_BULK = {
    "organisations": "INSERT OR REPLACE INTO organisations VALUES (?, ?, ?, ?, ?)",
    "locations": "INSERT OR REPLACE INTO locations VALUES (?, ?, ?, ?, ?)",
    "customers": "INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)",
    "domains": "INSERT OR IGNORE INTO customer_domains VALUES (?, ?)",
    "subscriptions": (
        "INSERT OR REPLACE INTO subscriptions"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)"
    ),
    "ends": "UPDATE subscriptions SET ended_us = ?, end_reason = ? WHERE subscription = ?",
    "identities": "INSERT OR REPLACE INTO identities VALUES (?, ?, ?, ?, ?)",
    "agreements": "INSERT OR REPLACE INTO agreements VALUES (?, ?, ?, ?, NULL, ?)",
    "agreement_partners": "INSERT OR REPLACE INTO agreement_partners VALUES (?, ?, ?, ?)",
}


class Parties:
    """The parties tables, with bulk rows gathered until ``write``."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._views = views
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _BULK}
        self._organisations: Remembered[str, str] = Remembered(_LIMIT)
        self._ends: Remembered[str, int] = Remembered(_LIMIT)
        self._homes: Remembered[str, str] = Remembered(_LIMIT)

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {
            "ledger.created.v1": self._ledger_created,
            "policy.adopted.v1": self._policy_adopted,
            "programme.adopted.v1": self._programme_adopted,
            "calendar.adopted.v1": self._calendar_adopted,
            "organisation.registered.v1": self._organisation_registered,
            "location.registered.v1": self._location_registered,
            "customer.registered.v2": self._customer_registered,
            "identity.registered.v1": self._identity_registered,
            "subscription.started.v1": self._subscription_started,
            "subscription.ended.v1": self._subscription_ended,
            "agreement.signed.v1": self._agreement_signed,
            "agreement.ended.v1": self._agreement_ended,
            "role.granted.v1": self._role_granted,
            "role.revoked.v1": self._role_revoked,
        }

    def organisation_of(self, location: str) -> str:
        """The organisation of a partner location; '' where it was never registered."""
        known = self._organisations.get(location)
        if known is None:
            sql = "SELECT organisation FROM locations WHERE location = ?"
            known = self._one(sql, location) or ""
            self._organisations[location] = known
        return known

    def home_of(self, identity: str) -> str | None:
        """The tenant an identity lives in; None where it was registered without, or never."""
        known = self._homes.get(identity)
        if known is None:
            sql = "SELECT home_tenant FROM identities WHERE identity = ?"
            known = self._homes[identity] = self._one(sql, identity) or ""
        return known or None

    def subscription_end(self, subscription: str) -> int:
        """The instant a subscription ended, or FOREVER_US."""
        known = self._ends.get(subscription)
        if known is None:
            sql = "SELECT ended_us FROM subscriptions WHERE subscription = ?"
            found = self._one(sql, subscription)
            known = FOREVER_US if found is None else found
            self._ends[subscription] = known
        return known

    def agreement_slots(self, agreement: str) -> list[str]:
        """The TPOR slots of an agreement's partners."""
        self._write_rows()
        sql = "SELECT role, location FROM agreement_partners WHERE agreement = ? ORDER BY n"
        found = self._views.execute(sql, (agreement,))
        return [f"tpor:{agreement}:{role}:{location}" for role, location in found]

    def write(self) -> None:
        """Bring the gathered rows into their tables."""
        self._write_rows()
        self._organisations.forget()
        self._ends.forget()
        self._homes.forget()

    def _write_rows(self) -> None:
        for name, rows in self._rows.items():
            if rows:
                self._views.executemany(_BULK[name], rows)
                rows.clear()

    def _one(self, sql: str, key: str) -> Any:
        row = self._views.execute(sql, (key,)).fetchone()
        return row[0] if row else None

    def _ledger_created(self, record: Record) -> None:
        self._grant(record, record.data["operator"], "operator", ("", "", ""), FOREVER_US)

    def _policy_adopted(self, record: Record) -> None:
        data = record.data
        self._adopt(record, "policy", data["policy"], from_iso(data["in_force_from"]))

    def _programme_adopted(self, record: Record) -> None:
        self._adopt(record, "programme", record.data["programme"], record.effective_at_us)

    def _calendar_adopted(self, record: Record) -> None:
        self._adopt(record, "calendar", record.data["calendar"], record.effective_at_us)

    def _adopt(self, record: Record, kind: str, name: str, in_force_from_us: int) -> None:
        row = (record.position, kind, name, in_force_from_us, record.data.get("sha256"))
        self._views.execute("INSERT INTO adopted VALUES (?, ?, ?, ?, ?)", row)

    def _organisation_registered(self, record: Record) -> None:
        data = record.data
        domains = orjson.dumps(data.get("domains", [])).decode()
        self._rows["organisations"].append(
            (data["organisation"], data["name"], data["country"], domains, record.position)
        )

    def _location_registered(self, record: Record) -> None:
        data = record.data
        location, organisation = data["location"], data["organisation"]
        self._organisations[location] = organisation
        self._rows["locations"].append(
            (location, organisation, data["name"], data["country"], record.position)
        )

    def _customer_registered(self, record: Record) -> None:
        data = record.data
        tenant = data["tenant"]
        self._rows["customers"].append(
            (
                tenant,
                data["name"],
                data["country"],
                data.get("public_sector", False),
                data.get("since"),
                data.get("succeeds"),
                record.position,
            )
        )
        self._rows["domains"] += [(domain, tenant) for domain in data["domains"]]

    def _identity_registered(self, record: Record) -> None:
        data = record.data
        self._rows["identities"].append(
            (
                data["identity"],
                data["kind"],
                data["location"],
                data.get("home_tenant"),
                record.position,
            )
        )
        self._homes[data["identity"]] = data.get("home_tenant", "")

    def _subscription_started(self, record: Record) -> None:
        data = record.data
        subscription = data["subscription"]
        self._ends[subscription] = FOREVER_US
        self._rows["subscriptions"].append(
            (
                subscription,
                data["tenant"],
                data["product"],
                data["offer"],
                data["channel"],
                data.get("seats"),
                data.get("agreement"),
                data.get("transacting_partner"),
                data.get("indirect_reseller"),
                data.get("succeeds"),
                record.effective_at_us,
                record.position,
            )
        )

    def _subscription_ended(self, record: Record) -> None:
        subscription = record.data["subscription"]
        end_us = min(record.effective_at_us, self.subscription_end(subscription))
        self._ends[subscription] = end_us
        self._rows["ends"].append((end_us, record.data["reason"], subscription))

    def _agreement_signed(self, record: Record) -> None:
        data = record.data
        agreement = data["agreement"]
        self._rows["agreements"].append(
            (agreement, data["kind"], data["tenant"], record.effective_at_us, record.position)
        )
        self._rows["agreement_partners"] += [
            (agreement, n, partner["location"], partner["role"])
            for n, partner in enumerate(data["partners"])
        ]

    def _agreement_ended(self, record: Record) -> None:
        self._write_rows()
        sql = (
            "UPDATE agreements SET ended_us = min(coalesce(ended_us, ?1), ?1) WHERE agreement = ?2"
        )
        self._views.execute(sql, (record.effective_at_us, record.data["agreement"]))

    def _role_granted(self, record: Record) -> None:
        data = record.data
        until = data.get("until")
        until_us = from_iso(until) if until else FOREVER_US
        self._grant(record, data["grantee"], data["role"], _scope(data), until_us)

    def _role_revoked(self, record: Record) -> None:
        data, at_us = record.data, record.effective_at_us
        self._views.execute(
            "UPDATE role_grants SET until_us = max(from_us, ?), revoked_at = ?"
            " WHERE grantee = ? AND role = ? AND organisation = ? AND location = ? AND tenant = ?"
            " AND until_us > ?",
            (at_us, record.position, data["grantee"], data["role"], *_scope(data), at_us),
        )

    def _grant(
        self, record: Record, grantee: str, role: str, scope: tuple[str, str, str], until_us: int
    ) -> None:
        row = (record.position, grantee, role, *scope, record.effective_at_us, until_us, None)
        self._views.execute("INSERT INTO role_grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _scope(data: dict[str, Any]) -> tuple[str, str, str]:
    return data.get("organisation", ""), data.get("location", ""), data.get("tenant", "")
