"""What a partner organisation earns: every line of a month, pinned to a position (DESIGN §7)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.rules.incentive_programmes.programme import ActiveUsers, DailyRole, IncentiveProgramme
from ledger.rules.programmes.programme import Programme
from projections import claim_queries, holder_queries
from projections.azure_earning_queries import pec_days
from projections.filters import Row
from projections.growth.engine import AnalyticsEngine
from projections.incentives import evaluate, outlook
from projections.incentives.caps import capped
from projections.incentives.evaluate import Counted
from projections.incentives.known import Known
from projections.incentives.lines import Line, Place, Tenure
from projections.incentives.months import between, first_us, of_us, plus
from projections.incentives.outlook import Finding
from projections.incentives.prices import pricing
from projections.incentives.rule_book import RuleBook
from projections.incentives.standing import Standing
from projections.incentives.usage import Usage, UsageHistory, read_usage
from projections.programmes.holder import Holder
from projections.programmes.level import partner_level
from projections.programmes.measures import measuring
from projections.programmes.nearby import nearby
from projections.record import Record
from projections.subscription_queries import sellers, subscription

_LOOK_BACK_MONTHS = 13
_NEAR_MONTHS = 4
_USERS = "m365.mau"


@dataclass(frozen=True)
class Sources:
    """Where facts come from: the views, the growth tables, the log's events and their times."""

    views: sqlite3.Connection
    engine: AnalyticsEngine
    event_at: Callable[[int], Record]
    recorded_at_us: Callable[[int], int]


class Earnings:
    """The lines of one organisation, at any position up to the one it is opened at.

    Usage is read once; ``lines`` at several positions then costs little.
    """

    def __init__(self, sources: Sources, organisation: str, book: RuleBook, upto: int) -> None:
        self._sources, self.organisation, self._book = sources, organisation, book
        self._upto = upto
        self._usage: UsageHistory | None = None

    def lines(
        self, month: date, position: int, book: RuleBook | None = None, *, since: date | None = None
    ) -> list[Line]:
        """Every line of a month (or of months ``since`` then) as known at a position, in order."""
        rules = (book or self._book).for_month(month)
        return [
            line
            for programme in rules.programmes
            for line in self._of(programme, rules, month, position)
            if (since or month) <= line.month <= month
        ]

    def outlook(
        self, now_us: int, position: int, holder: Holder, designations: Mapping[str, Programme]
    ) -> list[Finding]:
        """Next month's visible gaps, seen from an instant, as known at a position.

        ``designations`` are the programmes whose thresholds are looked at for ``holder`` (the
        organisation or a location of it), by the names under which figures are recorded.
        """
        month = plus(of_us(now_us), 1)
        book = self._book.for_month(month)
        lines = self.lines(month, position, since=plus(month, -_LOOK_BACK_MONTHS))
        awaited = claim_queries.deadlines(
            self._sources.views, from_us=now_us, until_us=first_us(plus(month, 1)), known=position
        )
        mine = [row for row in awaited if row["organisation"] == self.organisation]
        named = {one.id: one for one in book.programmes}
        priced = frozenset(rate.programme for card in book.cards for rate in card.rate)
        return [
            *outlook.of_deadlines(mine),
            *outlook.of_lines(named, lines, month, priced=priced),
            *self._unclaimed(plus(month, -1), position),
            *self._designated(holder, designations, month, position),
        ]

    def _designated(
        self, holder: Holder, designations: Mapping[str, Programme], month: date, position: int
    ) -> Iterator[Finding]:
        """What is near in every designation that can be had next month."""
        last = plus(month, -2)
        sources = (self._sources.engine, self._sources.views)
        for name, programme in sorted(designations.items()):
            until = programme.valid_until
            if month < programme.valid_from or (until is not None and month >= until):
                continue
            level = partner_level(*sources, programme, name, holder, last, position)
            asks = measuring(*sources, programme, name, position, holder, margin=_NEAR_MONTHS)
            yield from outlook.of_designation(name, level, nearby(asks, plus(month, -1)))

    def _unclaimed(self, month: date, position: int) -> Iterator[Finding]:
        known, usage = Known(self._sources.views, position), self._at(position)
        for tenant in sorted(_customers(self._sources.views, self.organisation)):
            names = usage.workloads(tenant, _USERS)
            users = {name: usage.of(Place(tenant, name, ""), (_USERS,))[_USERS] for name in names}
            held = {
                name: known.tenures(f"cpor:m365:{tenant}:{name}", self.organisation)
                for name in names
            }
            yield from outlook.of_unclaimed(tenant, users, held, month)

    def _of(
        self, programme: IncentiveProgramme, book: RuleBook, month: date, position: int
    ) -> list[Line]:
        known = Known(self._sources.views, position)
        known_us = self._sources.recorded_at_us(position) if position else 0
        standing = Standing(known, known_us, book, self._sources.event_at, programme)
        found = evaluate.lines(
            programme, self._counted(programme, known, month), month, standing.why_not
        )
        mine = [line for line in found if line.tenure.organisation == self.organisation]
        price = pricing(
            programme, book.cards, lambda line: standing.countries(line.tenure, line.place)
        )
        return capped(programme.cap, mine, price)

    def _counted(
        self, programme: IncentiveProgramme, known: Known, month: date
    ) -> Iterator[Counted]:
        if isinstance(programme.formula, DailyRole):
            yield from self._by_day(programme, known, month)
        elif isinstance(programme.formula, ActiveUsers):
            yield from self._by_record(programme, known, programme.formula)
        else:
            yield from self._by_claim(programme, known)

    def _by_claim(self, programme: IncentiveProgramme, known: Known) -> Iterator[Counted]:
        usage = self._at(known.position)
        for slot, place in known.places(programme, self.organisation).items():
            tenures = known.tenures(slot, self.organisation)
            sold = _sold(known, place)
            yield Counted(
                place,
                usage.of(place, programme.metrics),
                tenures,
                started_us=sold["started_us"] if sold else None,
                channel=sold["channel"] if sold else "",
            )

    def _by_record(
        self, programme: IncentiveProgramme, known: Known, formula: ActiveUsers
    ) -> Iterator[Counted]:
        """The workloads of customers whose partner of record the organisation ever was."""
        usage = self._at(known.position)
        for tenant in _tenants(known, "DPOR", self.organisation):
            asked = {"known": known.position, "tenant": tenant, "kind": "DPOR"}
            every = holder_queries.pages(known.views, holder_queries.associations, asked)
            held = tuple(
                known.tenure(row)
                for row in every
                if _product(known, row["subscription"]) in formula.products
            )
            for workload in usage.workloads(tenant, formula.pays) if held else ():
                place = Place(tenant, workload, "")
                yield Counted(place, usage.of(place, programme.metrics), held)

    def _by_day(
        self, programme: IncentiveProgramme, known: Known, month: date
    ) -> Iterator[Counted]:
        """The subscriptions that the organisation sold, with whole days of access by month."""
        usage = self._at(known.position)
        first = programme.valid_from if programme.cap else month
        for row in _sold_by(known, self.organisation):
            place = Place(row["tenant"], "", row["subscription"])
            days = {
                each: _days(known, self.organisation, place, each) for each in between(first, month)
            }
            yield Counted(place, usage.of(place, programme.metrics), (), days)

    def _at(self, position: int) -> Usage:
        if self._usage is None:
            self._usage = self._read()
        return self._usage.at(position)

    def _read(self) -> UsageHistory:
        """Everything said about the organisation's customers, by any programme of the book."""
        metrics = sorted({_USERS, *(n for one in self._book.programmes for n in one.metrics)})
        tenants = sorted(_customers(self._sources.views, self.organisation))
        return read_usage(self._sources.engine, metrics, tenants, self._upto)


def _customers(views: sqlite3.Connection, organisation: str) -> set[str]:
    """Customers the organisation ever held something of, or claimed, in any state of knowledge."""
    sql = (
        "SELECT tenant FROM holdings WHERE organisation = ?1"
        " UNION SELECT tenant FROM claims WHERE organisation = ?1"
        " UNION SELECT c.tenant FROM claim_states s JOIN claims c USING (claim_no)"
        " WHERE s.organisation = ?1"
    )
    return {tenant for (tenant,) in views.execute(sql, (organisation,))}


def _tenants(known: Known, kind: str, organisation: str) -> list[str]:
    asked = {"known": known.position, "organisation": organisation, "kind": kind}
    rows = holder_queries.pages(known.views, holder_queries.associations, asked)
    return sorted({row["tenant"] for row in rows})


def _sold_by(known: Known, organisation: str) -> list[dict[str, str]]:
    found = {
        row["subscription"]: row["tenant"]
        for kind in ("CSP_T1", "CSP_T2")
        for row in holder_queries.pages(
            known.views,
            holder_queries.associations,
            {"known": known.position, "organisation": organisation, "kind": kind},
        )
    }
    return [{"subscription": name, "tenant": found[name]} for name in sorted(found)]


def _sold(known: Known, place: Place) -> Row | None:
    if not place.subscription:
        return None
    at_us = first_us(date(9999, 1, 1))
    return subscription(known.views, place.subscription, effective_us=at_us, known=known.position)


def _product(known: Known, name: str | None) -> str:
    found = known.views.execute(
        "SELECT product FROM subscriptions WHERE subscription = ? AND position <= ?",
        (name, known.position),
    ).fetchone()
    return found[0] if found else ""


def _days(known: Known, organisation: str, place: Place, month: date) -> dict[Tenure, int]:
    """On how many whole days of a month each selling location of the organisation earns, 0 too."""
    first_at, end_at = first_us(month), first_us(plus(month, 1))
    chain = [
        row
        for row in sellers(known.views, place.subscription, known=known.position)
        if row["organisation"] == organisation
        and row["effective_from"] < end_at
        and row["effective_to"] > first_at
        and row["role"] != "indirect_reseller"
    ]
    last = plus(month, 1) - timedelta(days=1)
    rows = pec_days(known.views, place.subscription, month, last, known=known.position)
    counted = Counter(row["partner"] for row in rows if row["partner"])
    return {
        Tenure(
            "PAL",
            row["partner"],
            organisation,
            None,
            row["effective_from"],
            row["effective_to"],
            row["effective_from"],
            row["because"],
        ): counted[row["partner"]]
        for row in chain
    }


def earnings_of(lines: Sequence[Line], location: str | None) -> list[Line]:
    """The lines of one location of the organisation; of all where none is named."""
    return [line for line in lines if location in (None, line.tenure.partner)]
