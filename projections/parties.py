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
    "organisations": "INSERT OR REPLACE INTO organisations VALUES (?, ?, ?, ?, NULL, NULL, ?)",
    "locations": "INSERT OR REPLACE INTO locations VALUES (?, ?, ?, ?, ?, NULL, NULL, ?)",
    "customers": "INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)",
    "domains": "INSERT OR IGNORE INTO customer_domains VALUES (?, ?)",
    "subscriptions": (
        "INSERT OR REPLACE INTO subscriptions"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)"
    ),
    "ends": "UPDATE subscriptions SET ended_us = ?, end_reason = ? WHERE subscription = ?",
    "identities": "INSERT OR REPLACE INTO identities VALUES (?, ?, ?, ?, ?)",
    "agreements": "INSERT OR REPLACE INTO agreements VALUES (?, ?, ?, ?, NULL, ?)",
    "agreement_partners": "INSERT OR REPLACE INTO agreement_partners VALUES (?, ?, ?, ?, ?, NULL)",
    "changes": "INSERT INTO subscription_changes VALUES (?, ?, ?, ?, ?, ?2, 9223372036854775807)",
}


# What a corrected fact dates, by its type.
_MENDS = {
    "agreement.signed.v1": "UPDATE agreements SET signed_us = ? WHERE agreement = ?",
    "agreement.ended.v1": "UPDATE agreements SET ended_us = ? WHERE agreement = ?",
}
_ENDED = """
UPDATE subscriptions SET (ended_us, end_reason) = (
  SELECT min(effective_us), value FROM subscription_changes
  WHERE subscription = ?1 AND what = 'ended' AND known_to = 9223372036854775807
) WHERE subscription = ?1
"""
_BEGUN = "UPDATE subscriptions SET started_us = ? WHERE position = ?"
# How a change of a subscription that was set right is known from there on, and was before.
_SET_RIGHT = """
INSERT INTO subscription_changes
SELECT subscription, position, what, :at, value, :mend, 9223372036854775807
FROM subscription_changes
WHERE subscription = :of AND position = :fact AND known_to = 9223372036854775807
"""
_NO_MORE = """
UPDATE subscription_changes SET known_to = :mend
WHERE subscription = :of AND position = :fact AND known_from < :mend
  AND known_to = 9223372036854775807
"""
_FIRST_START = """
INSERT INTO subscription_changes
SELECT subscription, position, 'started', started_us, NULL, position, 9223372036854775807
FROM subscriptions WHERE position = :fact AND NOT EXISTS (
  SELECT 1 FROM subscription_changes c
  WHERE c.subscription = subscriptions.subscription AND c.what = 'started'
)
"""


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
            "roles.adopted.v1": self._roles_adopted,
            "incentive.adopted.v1": self._incentive_adopted,
            "rates.adopted.v1": self._rates_adopted,
            "organisation.registered.v1": self._organisation_registered,
            "location.registered.v1": self._location_registered,
            "organisation.merged.v1": self._organisation_merged,
            "location.moved.v1": self._location_moved,
            "location.repointed.v1": self._location_repointed,
            "location.deleted.v1": self._location_deleted,
            "customer.registered.v2": self._customer_registered,
            "customer.migrated.v1": self._customer_migrated,
            "identity.registered.v1": self._identity_registered,
            "subscription.started.v1": self._subscription_started,
            "subscription.transferred.v1": self._subscription_transferred,
            "subscription.moved.v1": self._subscription_moved,
            "subscription.state_changed.v1": self._state_changed,
            "subscription.seats_changed.v1": self._seats_changed,
            "subscription.ended.v1": self._subscription_ended,
            "agreement.signed.v1": self._agreement_signed,
            "agreement.amended.v1": self._agreement_amended,
            "agreement.ended.v1": self._agreement_ended,
            "role.granted.v1": self._role_granted,
            "role.revoked.v1": self._role_revoked,
        }

    def mend(self, record: Record, at_us: int | None) -> None:
        """Give what the fact of a correction dated another instant, or none (None)."""
        fact, of, about = (record.data[name] for name in ("fact", "of", "about"))
        family = of.partition(".")[0]
        if family not in ("subscription", "agreement"):
            return
        self.write()
        tag = next(each for each in about if each.startswith(f"{family}:"))
        named = tag.partition(":")[2]
        if of == "subscription.started.v1":
            self._change_mended(record, named, at_us)
        elif of in _MENDS:
            self._views.execute(_MENDS[of], (at_us, named))
        elif of == "agreement.amended.v1" and at_us is None:
            self._amendment_retracted(fact, named)
        elif family == "subscription":
            self._change_mended(record, named, at_us)

    def _amendment_retracted(self, fact: int, agreement: str) -> None:
        taken = "DELETE FROM agreement_partners WHERE agreement = ? AND position = ?"
        back = "UPDATE agreement_partners SET removed_at = NULL WHERE agreement = ? AND"
        for sql in (taken, f"{back} removed_at = ?"):
            self._views.execute(sql, (agreement, fact))

    def _change_mended(self, record: Record, subscription: str, at_us: int | None) -> None:
        asked = {"fact": record.data["fact"], "mend": record.position, "at": at_us}
        self._views.execute(_FIRST_START, asked)
        named = "SELECT subscription FROM subscriptions WHERE position = ?"
        begun = self._one(named, asked["fact"]) or subscription
        for of in sorted({subscription, begun}):  # also the new id of one that moved
            if at_us is not None:
                self._views.execute(_SET_RIGHT, {**asked, "of": of})
            self._views.execute(_NO_MORE, {**asked, "of": of})
        if at_us is not None:
            self._views.execute(_BEGUN, (at_us, asked["fact"]))
        self._views.execute(_ENDED, (subscription,))
        self._ends.pop(subscription, None)

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
        """The TPOR slots of all partners that an agreement ever had."""
        self._write_rows()
        sql = (
            "SELECT DISTINCT role, location FROM agreement_partners WHERE agreement = ?"
            " ORDER BY position, n"
        )
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

    def _one(self, sql: str, key: str | int) -> Any:
        row = self._views.execute(sql, (key,)).fetchone()
        return row[0] if row else None

    def _ledger_created(self, record: Record) -> None:
        self._grant(record, record.data["operator"], "operator", ("", "", "", ""), FOREVER_US)

    def _policy_adopted(self, record: Record) -> None:
        data = record.data
        self._adopt(record, "policy", data["policy"], from_iso(data["in_force_from"]))

    def _programme_adopted(self, record: Record) -> None:
        self._adopt(record, "programme", record.data["programme"], record.effective_at_us)

    def _calendar_adopted(self, record: Record) -> None:
        self._adopt(record, "calendar", record.data["calendar"], record.effective_at_us)

    def _roles_adopted(self, record: Record) -> None:
        self._adopt(record, "roles", record.data["roles"], record.effective_at_us)

    def _incentive_adopted(self, record: Record) -> None:
        self._adopt(record, "incentive", record.data["programme"], record.effective_at_us)

    def _rates_adopted(self, record: Record) -> None:
        self._adopt(record, "rates", record.data["rates"], record.effective_at_us)

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
            (
                location,
                organisation,
                data["name"],
                data["country"],
                data.get("kind"),
                record.position,
            )
        )

    def _organisation_merged(self, record: Record) -> None:
        data = record.data
        merged = "UPDATE organisations SET merged_into = ?, merged_us = ? WHERE organisation = ?"
        self._write_rows()
        self._views.execute(merged, (data["into"], record.effective_at_us, data["organisation"]))
        for location in data.get("locations", ()):
            self._belongs(location, data["into"])

    def _location_moved(self, record: Record) -> None:
        self._write_rows()
        self._belongs(record.data["location"], record.data["organisation"])

    def _belongs(self, location: str, organisation: str) -> None:
        self._organisations[location] = organisation
        sql = "UPDATE locations SET organisation = ? WHERE location = ?"
        self._views.execute(sql, (organisation, location))

    def _location_repointed(self, record: Record) -> None:
        self._write_rows()
        sql = "UPDATE locations SET repointed_to = ? WHERE location = ?"
        self._views.execute(sql, (record.data["to"], record.data["location"]))

    def _location_deleted(self, record: Record) -> None:
        self._write_rows()
        sql = "UPDATE locations SET deleted_us = ? WHERE location = ?"
        self._views.execute(sql, (record.effective_at_us, record.data["location"]))

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

    def _customer_migrated(self, record: Record) -> None:
        data = record.data
        row = (data["tenant"], data["to"], data.get("users"), record.effective_at_us)
        sql = "INSERT INTO customer_migrations VALUES (?, ?, ?, ?, ?)"
        self._views.execute(sql, (record.position, *row))

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
        self._over(record, record.data["reason"])

    def _over(self, record: Record, reason: str) -> None:
        subscription = record.data["subscription"]
        end_us = min(record.effective_at_us, self.subscription_end(subscription))
        self._ends[subscription] = end_us
        self._rows["ends"].append((end_us, reason, subscription))
        self._changed(record, ended=reason)

    def _subscription_transferred(self, record: Record) -> None:
        data = record.data
        self._changed(
            record,
            channel=data["channel"],
            partner=data["transacting_partner"],
            reseller=data.get("indirect_reseller"),
        )

    def _subscription_moved(self, record: Record) -> None:
        data = record.data
        if data["becomes"] == data["subscription"]:
            self._changed(
                record,
                channel=data["channel"],
                partner=data.get("transacting_partner"),
                reseller=data.get("indirect_reseller"),
                agreement=None,
            )
            return
        self._over(record, "moved")
        begun = {"subscription": data["becomes"], "succeeds": data["subscription"]}
        self._subscription_started(record._replace(data={**data, **begun}))

    def _state_changed(self, record: Record) -> None:
        self._changed(record, state=record.data["state"])

    def _seats_changed(self, record: Record) -> None:
        self._changed(record, seats=str(record.data["seats"]))

    def _changed(self, record: Record, **values: str | None) -> None:
        of = (record.data["subscription"], record.position)
        self._rows["changes"] += [
            (*of, what, record.effective_at_us, value) for what, value in values.items()
        ]

    def _agreement_signed(self, record: Record) -> None:
        data = record.data
        agreement = data["agreement"]
        self._rows["agreements"].append(
            (agreement, data["kind"], data["tenant"], record.effective_at_us, record.position)
        )
        self._rows["agreement_partners"] += [
            (agreement, record.position, n, partner["location"], partner["role"])
            for n, partner in enumerate(data["partners"])
        ]

    def _agreement_amended(self, record: Record) -> None:
        self._write_rows()
        data = record.data
        for partner in data["removed"]:
            self._views.execute(
                "UPDATE agreement_partners SET removed_at = ? WHERE agreement = ? AND location = ?"
                " AND role = ? AND removed_at IS NULL",
                (record.position, data["agreement"], partner["location"], partner["role"]),
            )
        self._rows["agreement_partners"] += [
            (data["agreement"], record.position, n, partner["location"], partner["role"])
            for n, partner in enumerate(data["added"])
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
        # A location may have changed its organisation since the role was granted (domain.md §7.5).
        data, at_us = record.data, record.effective_at_us
        self._views.execute(
            "UPDATE role_grants SET until_us = max(from_us, ?), revoked_at = ?"
            " WHERE grantee = ? AND role = ? AND (organisation = ? OR location != '')"
            " AND location = ? AND tenant = ? AND programme = ? AND until_us > ?",
            (at_us, record.position, data["grantee"], data["role"], *_scope(data), at_us),
        )

    def _grant(
        self, record: Record, grantee: str, role: str, scope: tuple[str, ...], until_us: int
    ) -> None:
        row = (record.position, grantee, role, *scope, record.effective_at_us, until_us, None)
        self._views.execute("INSERT INTO role_grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _scope(data: dict[str, Any]) -> tuple[str, ...]:
    return tuple(data.get(part, "") for part in ("organisation", "location", "tenant", "programme"))
