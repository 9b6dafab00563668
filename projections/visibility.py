"""Who may see what: one table, and the one place that applies it (domain.md §14.2, DESIGN §8).

A ``Sight`` is what an actor's roles let it see of one ledger. Rows that it may not see are left
out; where it asks for the slot itself it sees that another holds it, and no more.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, NamedTuple

from projections import moved_claims
from projections.filters import Row
from schemas.time import FOREVER_US

_UNSUBMITTED = ("draft", "discarded")
"""States of a claim that only those who write it may see."""

HIDDEN = "hidden"
"""Stands for what a reader may not see of an event."""


@cache
def table() -> dict[str, Any]:
    """The table of ``visibility.toml``."""
    return tomllib.loads(files("projections").joinpath("visibility.toml").read_text("utf-8"))


class Held(NamedTuple):
    """A role of a reader, with its scope; '' where the role is not limited in that way."""

    role: str
    organisation: str
    location: str
    tenant: str


class Scopes(NamedTuple):
    """What a reader's roles cover for a subject: everything, or these."""

    everything: bool
    locations: frozenset[str]
    organisations: frozenset[str]
    tenants: frozenset[str]

    def __bool__(self) -> bool:
        """Whether they cover anything at all."""
        return self.everything or bool(self.locations or self.organisations or self.tenants)


def _of_employer(relation: str, held: Held) -> str:
    """Of sums, in which rivals can't be left out, who is employed sees the employer's own."""
    return "own_organisation" if relation == "any" and held.organisation else relation


class Sight:
    """What an actor may see, by its roles at an instant, over current views."""

    def __init__(self, views: sqlite3.Connection, actor: str, now_us: int) -> None:
        self._views = views
        self.actor = actor
        sql = (
            "SELECT role, organisation, location, tenant FROM role_grants"
            " WHERE grantee = ? AND from_us <= ? AND until_us > ?"
        )
        found = views.execute(sql, (actor, now_us, now_us))
        self.held = tuple(Held(*row) for row in found)
        self._organisations: dict[str, str] = {}
        self._scopes: dict[str, Scopes] = {}
        self._others: dict[str, bool] = {}
        self._acting: dict[str, bool] = {}

    @property
    def trusted(self) -> bool:
        """Whether the actor is an operator, who sees all."""
        return any(one.role == "operator" for one in self.held)

    def scopes(self, subject: str) -> Scopes:
        """What the actor's roles cover of a subject."""
        found = self._scopes.get(subject)
        if found is None:
            found = self._scopes[subject] = self._covered(subject)
        return found

    def _covered(self, subject: str) -> Scopes:
        may: Mapping[str, str] = table()["subjects"][subject]["may"]
        mine = [(may[one.role], one) for one in self.held if one.role in may]
        if subject in table()["interest"]["sums"]:
            mine = [(_of_employer(how, one), one) for how, one in mine]
        return Scopes(
            any(relation == "any" for relation, _ in mine),
            frozenset(one.location for how, one in mine if how == "own_location") - {""},
            frozenset(one.organisation for how, one in mine if how == "own_organisation") - {""},
            frozenset(one.tenant for how, one in mine if how == "own_tenant") - {""},
        )

    def whole(self) -> bool:
        """Whether the actor sees every claim of everybody, with no interest of its own."""
        return self.trusted or (self.scopes("claims").everything and not self._employers)

    def covers(self, subject: str, row: Mapping[str, Any]) -> bool:
        """Whether the actor may see all of a row, by partner, organisation, tenant and interest.

        Of a draft one sees nothing, whatever the subject, without seeing the draft itself.
        """
        if self.trusted:
            return True
        if subject == "deadlines":
            subject = table()["subjects"][subject]["named"].get(row["name"], "claims")
        if row.get("state") not in _UNSUBMITTED:
            return self._reaches(subject, row)
        of_drafts = subject in ("claims", "drafts")
        return self._reaches("drafts", row) and (of_drafts or self._reaches(subject, row))

    def _reaches(self, subject: str, row: Mapping[str, Any]) -> bool:
        scopes = self.scopes(subject)
        partner = row.get("partner") or row.get("location")
        if partner and partner in scopes.locations:
            return True
        if scopes.organisations and self._organisation(row, partner) in scopes.organisations:
            return True
        own = scopes.tenants
        if own and (row.get("tenant") in own or own.intersection(row.get("migrated_to") or ())):
            return True
        if not partner and row.get("organisation") in self._organisations_of(scopes):
            return True
        return scopes.everything and not self._competes(row, partner)

    def rows(self, subject: str, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that the actor may see; of slots that it asks for, another's holding masked."""
        for row in rows:
            if self.covers(subject, row):
                yield row
            elif "slot" in row and "since" in row and row["slot"] in self._own_slots:
                yield self._masked(row)

    def _masked(self, row: Row) -> Row:
        rule = table()["masked"]
        told = {name: row[name] if name in rule["keep"] else None for name in row}
        # A label can tell who holds (CPOR_FRP), so the masked one is as wide as the kind.
        label = {"label": row["kind"]} if "label" in row else {}
        return told | {"partner": rule["partner"]} | label

    def _organisation(self, row: Mapping[str, Any], partner: str | None) -> str:
        found = row.get("organisation")
        return found or (self.organisation_of(partner) if partner else "")

    def _organisations_of(self, scopes: Scopes) -> frozenset[str]:
        """Of what concerns an organisation as a whole, each of its locations may see all."""
        return frozenset(map(self.organisation_of, scopes.locations)) - {""}

    def locations_of(self, scopes: Scopes) -> frozenset[str]:
        """The locations that scopes cover, those of their organisations included."""
        found = set(scopes.locations)
        for organisation in scopes.organisations:
            sql = "SELECT location FROM locations WHERE organisation = ?"
            found |= {location for (location,) in self._views.execute(sql, (organisation,))}
        return frozenset(found)

    def organisation_of(self, location: str) -> str:
        """The organisation of a location; '' where it is unknown."""
        if location not in self._organisations:
            sql = "SELECT organisation FROM locations WHERE location = ?"
            found = self._views.execute(sql, (location,)).fetchone()
            self._organisations[location] = found[0] if found else ""
        return self._organisations[location]

    @cached_property
    def _employers(self) -> frozenset[str]:
        """The organisations that employ the actor in a role that judges or checks."""
        roles = table()["interest"]["roles"]
        return frozenset(one.organisation for one in self.held if one.role in roles) - {""}

    def _competes(self, row: Mapping[str, Any], partner: str | None) -> bool:
        """Whether a row is a rival's of an organisation that employs the actor."""
        if not self._employers or self._organisation(row, partner) in self._employers:
            return False
        return row.get("slot") in self._contended_slots or row.get("claim") in self._rival_claims

    @cached_property
    def _contended_slots(self) -> frozenset[str]:
        return self._slots("c.organisation", self._employers)

    @cached_property
    def _rival_claims(self) -> frozenset[str]:
        sql = "SELECT DISTINCT c.claim FROM claims c JOIN claim_slots s USING (claim_no)"
        found = set()
        for slot in self._contended_slots:
            rows = self._views.execute(f"{sql} WHERE s.slot = ?", (slot,))
            found |= {claim for (claim,) in rows}
        return frozenset(found)

    @cached_property
    def _own_slots(self) -> frozenset[str]:
        """The slots that the actor's own claims ask for."""
        scopes = self.scopes("claims")
        return self._slots("c.partner", scopes.locations) | self._slots(
            "c.organisation", scopes.organisations
        )

    def _slots(self, column: str, names: Iterable[str]) -> frozenset[str]:
        sql = (
            "SELECT DISTINCT s.slot FROM claims c JOIN claim_slots s USING (claim_no)"
            f" WHERE {column} = ?"
        )
        return frozenset(slot for name in names for (slot,) in self._views.execute(sql, (name,)))

    def sees_claim(self, claim: str) -> bool:
        """Whether the actor may read a claim; an unknown one it may not."""
        names = ("claim", "partner", "organisation", "tenant", "claim_no")
        sql = f"SELECT {', '.join(names)} FROM claims WHERE claim = ?"
        found = self._views.execute(sql, (claim,)).fetchone()
        if found is None:
            return self._sees_draft(claim)
        row = dict(zip(names, found, strict=True))
        row["migrated_to"] = moved_claims.tenants(self._views, row["claim_no"], None)
        return self.covers("claims", row)

    def _sees_draft(self, claim: str) -> bool:
        sql = (
            "SELECT claim, partner, organisation, state FROM claim_drafts"
            " WHERE claim = ? AND known_to = ?"
        )
        found = self._views.execute(sql, (claim, FOREVER_US)).fetchone()
        if found is None:
            return False
        row = dict(zip(("claim", "partner", "organisation", "state"), found, strict=True))
        return self.covers("drafts", row)

    def sees_tenant(self, tenant: str) -> bool:
        """Whether everything of a customer is the actor's to see."""
        return self.whole() or tenant in self.scopes("claims").tenants

    def sees_partner(self, partner: str) -> bool:
        """Whether a partner location is one that the actor may read about."""
        return self.covers("claims", {"partner": partner})

    def names_another(self, value: str) -> bool:
        """Whether a text is the id of a claim, partner or organisation one may not read of."""
        if value not in self._others:
            self._others[value] = self._is_another(value)
        return self._others[value]

    def _is_another(self, value: str) -> bool:
        for table_, column, sees in (
            ("claims", "claim", self.sees_claim),
            ("locations", "location", self.sees_partner),
            ("organisations", "organisation", self.sees_organisation),
        ):
            sql = f"SELECT 1 FROM {table_} WHERE {column} = ?"
            if self._views.execute(sql, (value,)).fetchone() and not sees(value):
                return True
        return False

    def acts_for_another(self, actor: str) -> bool:
        """Whether an actor has ever had a role at a partner that the reader may not read about."""
        if actor not in self._acting:
            sql = "SELECT organisation FROM role_grants WHERE grantee = ? AND location != ''"
            found = self._views.execute(sql, (actor,)).fetchall()
            self._acting[actor] = any(not self.sees_organisation(one) for (one,) in found)
        return self._acting[actor]

    def sees_organisation(self, organisation: str) -> bool:
        """Whether a partner organisation is one that the actor belongs to, or may read about."""
        scopes = self.scopes("claims")
        if scopes.everything:
            return organisation in self._employers or not self._employers
        own = {self.organisation_of(location) for location in scopes.locations}
        return organisation in scopes.organisations | own
