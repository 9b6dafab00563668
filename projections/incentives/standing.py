"""Whether an association is eligible in a month, apart from usage: the checks of domain.md §8.4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import orjson

from ledger.rules.incentive_programmes.programme import IncentiveProgramme
from projections import party_queries, proof_queries, subscription_queries
from projections.access_queries import enrolments
from projections.filters import Row
from projections.incentives.known import Known
from projections.incentives.lines import Place, Tenure
from projections.incentives.months import last_us
from projections.incentives.reasons import Reason
from projections.incentives.rule_book import RuleBook
from projections.prerequisites import Asked, prerequisites
from projections.record import Record
from schemas.time import iso

_IN_FORCE = ("active", "in_grace")


@dataclass(frozen=True)
class Standing:
    """The checks of one programme, as known; ``known_us`` is when the position was recorded.

    What a partner must have is judged at the month's end: what was completed in a month earns from
    its first day on (domain.md §2), what was lost in it earns nothing for it [P].
    """

    known: Known
    known_us: int
    book: RuleBook
    event_at: Callable[[int], Record]
    programme: IncentiveProgramme

    def why_not(self, tenure: Tenure, place: Place, month: date) -> tuple[Reason, ...]:
        """Every reason why the association is not eligible in the month; empty: it is."""
        return (
            *self._by_claim(tenure),
            *self._by_customer(tenure, place),
            *self._by_partner(tenure, place, month),
            *self._by_subscription(place, month),
        )

    def _by_claim(self, tenure: Tenure) -> Iterator[Reason]:
        claim = self.known.claim(tenure.claim) if tenure.claim else None
        if claim is None:
            return
        closes_us = claim["consent_closes_us"]
        if claim["consent"] == "window" and closes_us is not None and closes_us > self.known_us:
            yield Reason("CONSENT", f"until {iso(closes_us)}")
        if claim["payment_opt_out"]:
            yield Reason("OPTOUT")

    def _by_customer(self, tenure: Tenure, place: Place) -> Iterator[Reason]:
        customer = self.customer(place.tenant)
        if customer is None:
            return
        partner = self.organisation(tenure.organisation)
        shared = set(customer["domains"]) & set((partner or {}).get("own_domains", ()))
        if shared:
            yield Reason("CUSEQPTR", min(shared))
        rule = self.programme.public_sector
        if rule is None or not customer["public_sector"] or not tenure.claim:
            return
        if customer["country"] in rule.countries and not self._disclosed(tenure.claim):
            yield Reason("CUSPUBSEC", customer["country"])

    def customer(self, tenant: str) -> Row | None:
        """A customer, if it is known."""
        if tenant not in self._customers:
            found = party_queries.customer(self.known.views, tenant)
            known = found is not None and found["position"] <= self.known.position
            self._customers[tenant] = found if known else None
        return self._customers[tenant]

    def organisation(self, organisation: str) -> Row | None:
        """A partner organisation with its ``own_domains``, if it is known."""
        if organisation not in self._organisations:
            found = party_queries.organisation(self.known.views, organisation)
            known = found is not None and found["position"] <= self.known.position
            self._organisations[organisation] = _with_domains(found) if found and known else None
        return self._organisations[organisation]

    @cached_property
    def _customers(self) -> dict[str, Row | None]:
        return {}

    @cached_property
    def _organisations(self) -> dict[str, Row | None]:
        return {}

    @cached_property
    def _needs(self) -> dict[tuple[str, str, date], list[Row]]:
        return {}

    def _disclosed(self, claim: str) -> bool:
        """Whether the claim's proof discloses that the partner may receive fees (§3.4)."""
        position = self.known.position
        told = proof_queries.proofs(self.known.views, claim, self.event_at, position)
        return any(one["counts"] and "public_sector_disclosure" in one["elements"] for one in told)

    def _by_partner(self, tenure: Tenure, place: Place, month: date) -> Iterator[Reason]:
        for row in self._prerequisites(tenure, month):
            if row["met"] is False and (not row["workloads"] or place.workload in row["workloads"]):
                yield Reason(row["reason"], f"{row['need']}: {row['found']}")
        earns_from = self._earns_from(tenure, month)
        if earns_from is not None and earns_from > month:
            yield Reason("IVDMPN", f"earns from {earns_from:%Y-%m} on")

    def _prerequisites(self, tenure: Tenure, month: date) -> list[Row]:
        name = self.programme.incentive
        rules = self.book.incentives.get(name) if name else None
        if name is None or rules is None:
            return []
        key = (tenure.organisation, tenure.partner, month)
        if key not in self._needs:
            asked = Asked(tenure.organisation, tenure.partner, last_us(month), self.known.position)
            self._needs[key] = prerequisites(self.known.views, name, rules, asked)
        return self._needs[key]

    def _earns_from(self, tenure: Tenure, month: date) -> date | None:
        """The month from which on the location earns (domain.md §2), None where it is told none."""
        if self.programme.incentive is None:
            return None
        found = enrolments(
            self.known.views,
            at_us=last_us(month),
            known=self.known.position,
            programme=self.programme.incentive,
            location=tenure.partner,
        )
        told = [row["earns_from"] for row in found if row["earns_from"]]
        return date.fromisoformat(max(told)) if told else None

    def _by_subscription(self, place: Place, month: date) -> Iterator[Reason]:
        if not place.subscription:
            return
        found = subscription_queries.subscription(
            self.known.views,
            place.subscription,
            effective_us=last_us(month),
            known=self.known.position,
        )
        if found is not None and found["state"] not in _IN_FORCE:
            yield Reason("SUBNOTACT", found["state"].replace("_", " "))

    def countries(self, tenure: Tenure, place: Place) -> tuple[str, str]:
        """The country of the customer, and of the partner's parent organisation (§13.12)."""
        customer = self.customer(place.tenant)
        partner = self.organisation(tenure.organisation)
        return (customer or {}).get("country", ""), (partner or {}).get("country", "")


def _with_domains(found: Row) -> Row:
    return {**found, "own_domains": orjson.loads(found["domains"])}
