"""What a file tells, as the commands that record it: parties first, then the associations.

Each command has an id made of the file and its line, so that importing a file twice changes
nothing; what the ledger knows already is left out. What no command can record is listed with what
to do instead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from interfaces.importing.locations import at_locations
from interfaces.importing.stated import Stated, Told
from ledger.rules import kinds, products
from projections import party_queries
from schemas.agreements import TporRole

Line = dict[str, Any]


class Given(NamedTuple):
    """What the importer knows besides the file: for partners and customers it does not place."""

    as_of: date
    organisation: str = ""
    country: str = ""


class Left(NamedTuple):
    """An association that could not become a command, and what to do."""

    line: int
    about: str
    problem: str
    hint: str


class Plan(NamedTuple):
    """The lines to submit, in order, and what is left to a person."""

    lines: tuple[Line, ...]
    left: tuple[Left, ...]


_TPOR_ROLES = tuple(role.value for role in TporRole)

_MAKES = {
    "organisation.register": ("organisation", "organisation"),
    "location.register": ("location", "location"),
    "customer.register": ("customer", "tenant"),
    "subscription.start": ("subscription", "subscription"),
    "claim.import": ("claim", "claim"),
}
"""What a command makes known, and the field of its data that names it."""


def plan(told: Told, views: sqlite3.Connection, given: Given) -> Plan:
    """The commands that record what the file tells and the ledger does not know yet."""
    return _Planner(at_locations(told, views), views, given).plan()


class _Planner:
    def __init__(self, told: Told, views: sqlite3.Connection, given: Given) -> None:
        self._told, self._views, self._given = told, views, given
        self._lines: list[Line] = []
        self._left: list[Left] = []
        self._made: set[tuple[str, str]] = set()
        self._agreements: dict[str, list[Stated]] = {}
        self._claims: dict[tuple[str, str, date], Line] = {}

    def plan(self) -> Plan:
        for one in self._told.stated:
            if self._parties(one):
                self._association(one)
        for agreement, signed in self._agreements.items():
            self._agreement(agreement, signed)
        return Plan(tuple(self._lines), tuple(self._left))

    # Parties

    def _parties(self, one: Stated) -> bool:
        """Whether partner, customer and subscription are known, or are once the lines are done."""
        return self._location(one) and self._customer(one) and self._subscription(one)

    def _location(self, one: Stated) -> bool:
        if not one.partner:
            return self._leave(
                one,
                f"names the organisation {one.organisation or '(none)'} and no partner location",
                "Register its one location, or record the association yourself.",
            )
        if self._known("location", one.partner, party_queries.location):
            return True
        organisation = one.organisation or self._given.organisation
        country = _code(one.partner_location) or self._given.country
        if not organisation or not country:
            return self._leave(
                one,
                f"partner location {one.partner} is not registered",
                "Register it, or say --organisation and --country for all such.",
            )
        name = one.partner_name or one.partner
        if not self._known("organisation", organisation, party_queries.organisation):
            self._add(
                one, "organisation.register", organisation=organisation, name=name, country=country
            )
        self._add(
            one,
            "location.register",
            location=one.partner,
            organisation=organisation,
            name=name,
            country=country,
        )
        return True

    def _customer(self, one: Stated) -> bool:
        if self._known("customer", one.tenant, party_queries.customer):
            return True
        country = _code(one.market) or self._given.country
        if not country:
            return self._leave(
                one,
                f"the country of customer {one.tenant} is not told as a code of two letters",
                "Register the customer, or say --country for all such.",
            )
        name = one.customer or one.tenant
        self._add(one, "customer.register", tenant=one.tenant, name=name, country=country)
        return True

    def _subscription(self, one: Stated) -> bool:
        if not one.subscription:
            return True
        if self._known("subscription", one.subscription, party_queries.subscription):
            return True
        product = _product(one.product)
        if product is None:
            return self._leave(
                one,
                f"the product {one.product!r} of subscription {one.subscription} is unknown",
                f"Start the subscription yourself; products are {', '.join(products.table())}.",
            )
        self._add(
            one,
            "subscription.start",
            subscription=one.subscription,
            tenant=one.tenant,
            product=product,
            offer=one.offer or one.product,
            effective_at=_midnight(one.started or one.since),
            **self._order(one),
        )
        return True

    def _order(self, one: Stated) -> dict[str, Any]:
        """The channel, as the attributions of the subscription in this file tell it."""
        sellers = {
            other.kind: other.partner
            for other in self._told.stated
            if other.subscription == one.subscription
        }
        if "CSP_T1" in sellers:
            return {"channel": "csp_direct", "transacting_partner": sellers["CSP_T1"]}
        if one.agreement or "ea" in one.channel.lower() or "TPOR" in sellers:
            return {"channel": "ea"}
        return {"channel": "web_direct"}

    # Associations

    def _association(self, one: Stated) -> None:
        kind = kinds.kind(one.kind)
        if kind is None:
            self._leave(one, f"{one.kind!r} is no kind of association", "See `attribution kinds`.")
            return
        family = kind.label_of or kind.kind
        if family == "CPOR":
            self._claim(one, kind)
        elif family == "DPOR":
            self._dpor(one)
        elif family == "TPOR":
            self._tpor(one, kind)
        elif family in ("CSP_T1", "CSP_T2"):
            self._csp(one, family)
        elif kind.commands:
            self._leave(
                one,
                f"{kind.title} is recorded with {kind.commands[0]}; the file lacks what that needs",
                f"See `attribution commands {kind.commands[0]}`.",
            )
        else:
            self._add(
                one,
                "association.record",
                kind=kind.kind,
                location=one.partner,
                source=f"{self._told.file.name}, line {one.line}",
                effective_at=_midnight(one.since),
                **_place(one),
            )

    def _claim(self, one: Stated, kind: kinds.Kind) -> None:
        """A claim with all that it holds since one day; what it holds since another has its own."""
        named = one.claim or f"imp-{self._told.file.sha256[:8]}-{one.line}"
        area, on = (
            ("microsoft_365", "workloads")
            if one.workload
            else ("business_applications", "subscriptions")
        )
        same = (named, one.partner, one.since)
        if same in self._claims:
            self._claims[same]["data"][on].append(one.workload or one.subscription)
            return
        others = sum(known[0] == named for known in self._claims)
        claim = f"{named}.{others + 1}" if others else named
        if self._known("claim", claim, _claim_row):
            return
        self._add(
            one,
            "claim.import",
            claim=claim,
            location=one.partner,
            tenant=one.tenant,
            solution_area=area,
            activity=kind.where.activity or one.activity or "usage",
            effective_at=_midnight(one.since),
            **{on: [one.workload or one.subscription]},
        )
        self._claims[same] = self._lines[-1]

    def _dpor(self, one: Stated) -> None:
        if not one.subscription:
            self._leave(
                one,
                "a DPOR stands on a subscription, and the file names none",
                "Import a file that names subscriptions, or let the customer set it with dpor.set.",
            )
            return
        since = max(one.since, one.started or one.since)
        self._add(
            one,
            "dpor.import",
            subscription=one.subscription,
            location=one.partner,
            effective_at=_midnight(since),
        )

    def _tpor(self, one: Stated, kind: kinds.Kind) -> None:
        if not one.agreement:
            self._leave(
                one,
                "a TPOR stands on an agreement, and the file names none",
                "Sign the agreement with agreement.sign and name its partners there.",
            )
            return
        role = kind.where.role or one.role.lower().replace(" ", "_") or "reseller"
        if role not in _TPOR_ROLES:
            self._leave(
                one,
                f"{one.role!r} is no role on an agreement",
                f"Roles are {', '.join(_TPOR_ROLES)}.",
            )
            return
        self._agreements.setdefault(one.agreement, []).append(one._replace(role=role))

    def _agreement(self, agreement: str, signed: list[Stated]) -> None:
        first = min(signed, key=lambda one: (one.since, one.line))
        if self._known("agreement", agreement, party_queries.agreement):
            return
        partners = dict.fromkeys((one.partner, one.role) for one in signed)
        self._add(
            first,
            "agreement.sign",
            agreement=agreement,
            kind="EA",
            tenant=first.tenant,
            partners=[{"location": location, "role": role} for location, role in partners],
            effective_at=_midnight(first.since),
        )

    def _csp(self, one: Stated, kind: str) -> None:
        """The order made it with the subscription, if this import began that."""
        begun = next(
            (
                line["data"]
                for line in self._lines
                if line["command"] == "subscription.start"
                and line["data"]["subscription"] == one.subscription
            ),
            None,
        )
        if begun is None or begun.get("transacting_partner") != one.partner:
            self._leave(
                one,
                f"{kind} of subscription {one.subscription or '(none)'} follows from its order",
                "Start the subscription with its partners, or transfer it with"
                " subscription.transfer.",
            )

    # Lines

    def _add(self, one: Stated, command: str, **data: Any) -> None:
        """One more line; what it makes known counts for the lines after it."""
        file = self._told.file
        if command in _MAKES:
            what, key = _MAKES[command]
            self._made.add((what, data[key]))
        imported = {
            "source": file.name,
            "sha256": file.sha256,
            "line": one.line,
            "as_of": self._given.as_of.isoformat(),
        }
        self._lines.append(
            {
                "command": command,
                "id": f"import:{file.sha256[:16]}:{one.line}:{command}",
                "data": {**data, "imported": imported},
            }
        )

    def _known(self, what: str, key: str, look: Callable[[sqlite3.Connection, str], Any]) -> bool:
        """Whether the ledger has it, or a line of this plan makes it."""
        return (what, key) in self._made or look(self._views, key) is not None

    def _leave(self, one: Stated, problem: str, hint: str) -> bool:
        about = " ".join(filter(None, (one.kind, one.partner, one.subscription or one.workload)))
        self._left.append(Left(one.line, about, problem, hint))
        return False


def _place(one: Stated) -> dict[str, str]:
    named = {
        "subscription": one.subscription,
        "agreement": "" if one.subscription else one.agreement,
        "tenant": one.tenant,
        "reference": one.reference,
    }
    return {name: value for name, value in named.items() if value}


def _claim_row(views: sqlite3.Connection, claim: str) -> Any:
    return views.execute("SELECT 1 FROM claims WHERE claim = ?", (claim,)).fetchone()


def _product(text: str) -> str | None:
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    for slug, row in products.table().items():
        names = (slug, row.title)
        if plain in {"".join(c for c in name.lower() if c.isalnum()) for name in names}:
            return slug
    return None


def _code(text: str) -> str:
    return text.upper() if len(text) == 2 and text.isalpha() and text.isascii() else ""


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")
