"""A seeded estate of any size, sealed straight into a log: what millions of decisions leave behind.

Events are made as plain data and appended in large groups by the log's own writer, without deciding
them: what is measured afterwards is reading. A tenant has 25 decisions: its registration, agreement
and subscription, five claims from submission to consent, a new DPOR, and one claim given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson
import polars as pl

from bench.market import REVIEWER, location, tenant, user_of
from ledger.app import Ledger
from ledger.folder import Folder
from ledger.log.database import Database
from ledger.log.group import Group, NewEvent
from ledger.log.index import Index
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.writer import Writer
from ledger.usage.log import Cut
from ledger.usage.rows import INCREMENT_SCHEMA
from ledger.usage.sqlite_log import SqliteUsageLog
from schemas.envelope import Attributes
from schemas.event import Timer
from schemas.time import from_iso, iso, to_us

WORKLOADS = ("exchange", "sharepoint", "teams", "intune", "yammer", "proplus")
CLAIMS = 5
DECISIONS_A_TENANT = 5 + 4 * CLAIMS
DAY_US = 86_400_000_000
_BEGINS_US = from_iso("2020-01-06T09:00:00Z")
_RECORDED_US = from_iso("2024-01-08T09:00:00Z")
_COMMIT_EVENTS, _GROUP_COMMITS = 80, 100


class Told(NamedTuple):
    """An event before it has a position."""

    type: str
    data: dict[str, Any]
    tags: tuple[str, ...]
    effective_at_us: int
    actor: str
    timers: tuple[Timer, ...] = ()


class Size(NamedTuple):
    """How large an estate is. Increments come on top of decisions, one report a month."""

    decisions: int
    increments: int = 0
    tenants_a_partner: float = 40
    most_partners: int = 1000

    @property
    def tenants(self) -> int:
        """How many customers there are."""
        return max(1, self.decisions // DECISIONS_A_TENANT)

    @property
    def partners(self) -> int:
        """How many partner organisations there are, each with one location."""
        return max(5, min(self.most_partners, int(self.tenants / self.tenants_a_partner)))


def build(folder: Path, size: Size, seed: int = 11) -> Folder:
    """An embedded ledger of that size in a new folder; the same bytes for the same seed."""
    random = Random(seed)
    with Ledger.create(
        folder, clock_kind="told", at_us=_BEGINS_US, entropy=random.randbytes
    ) as ledger:
        made = ledger.folder
    database = Database(made.chain, durable=False)
    writer = Writer(database, SqliteJournal(database), Index(database), made.ledger)
    instants = iter(range(_RECORDED_US, 2**62, 60_000_000))
    _append(writer, events(size, random), instants)
    if size.increments:
        _append(writer, _reports(made, size), instants)
    database.close()
    return made


def _append(writer: Writer, told: Iterator[Told], instants: Iterator[int]) -> None:
    numbered = (_new(n, each) for n, each in enumerate(told, writer.head.position + 1))
    while events := list(islice(numbered, _COMMIT_EVENTS * _GROUP_COMMITS)):

        def work(group: Group, events: list[NewEvent] = events) -> None:
            for start in range(0, len(events), _COMMIT_EVENTS):
                at_us = next(instants)
                for event in events[start : start + _COMMIT_EVENTS]:
                    group.append([event], at_us)

        (error,) = writer.submit([work])
        if error is not None:
            raise error


def _new(number: int, told: Told) -> NewEvent:
    attributes = Attributes(
        told.type, told.tags, told.effective_at_us, told.actor, f"e-{number}", f"{number:064x}"
    )
    return NewEvent(attributes, orjson.dumps(told.data), told.timers)


def events(size: Size, random: Random) -> Iterator[Told]:
    """The estate's events in order, after the ledger's own birth."""
    for n in range(size.partners):
        yield from _partner(n)
    for n in range(size.tenants):
        yield from _customer(n, size.partners, random)


def _partner(n: int) -> Iterator[Told]:
    place = {"organisation": str(1000 + n), "name": f"Partner {n}", "country": "CZ"}
    data = {**place, "domains": [f"partner-{n}.example"]}
    tag = f"organisation:{1000 + n}"
    yield Told("organisation.registered.v1", data, (tag,), _BEGINS_US, "operator")
    tags = (f"partner:{location(n)}", tag)
    data = {"location": location(n), **place}
    yield Told("location.registered.v1", data, tags, _BEGINS_US, "operator")


def _customer(n: int, partners: int, random: Random) -> Iterator[Told]:
    at_us = _BEGINS_US + random.randrange(900) * DAY_US
    home, own = tenant(n), f"tenant:{tenant(n)}"
    data: dict[str, Any] = {
        "tenant": home,
        "name": f"Customer {n}",
        "domains": [f"customer-{n}.example"],
        "country": "CZ",
        "public_sector": False,
    }
    yield Told("customer.registered.v2", data, (own, "usage:births"), at_us, "operator")
    seller, later = (location(random.randrange(partners)) for _ in range(2))
    yield from _bought(n, seller, at_us)
    asked = [
        (workload, random.randrange(partners)) for workload in random.sample(WORKLOADS, CLAIMS)
    ]
    for number, (workload, partner) in enumerate(asked):
        start_us = at_us + (10 + random.randrange(200)) * DAY_US
        yield from _claim(f"C-{n}-{number}", n, partner, workload, start_us)
    subscription = _subscription(n)
    tags = [f"subscription:{subscription}", f"slot:dpor:{subscription}", own, f"partner:{later}"]
    if seller != later:
        tags.append(f"partner:{seller}")
    data = {"subscription": subscription, "tenant": home, "location": later, "previous": seller}
    yield Told("dpor.set.v1", data, tuple(tags), at_us + 300 * DAY_US, f"admin-{n}")
    workload, partner = asked[-1]
    yield _given_back(f"C-{n}-{CLAIMS - 1}", n, partner, workload, at_us + 400 * DAY_US)


def _subscription(n: int) -> str:
    return f"36500000-0000-4000-8000-{n:012x}"


def _bought(n: int, seller: str, at_us: int) -> Iterator[Told]:
    home, own, agreement = tenant(n), f"tenant:{tenant(n)}", f"EA-{n}"
    partners = [{"location": seller, "role": "reseller"}]
    data: dict[str, Any] = {
        "agreement": agreement,
        "kind": "EA",
        "tenant": home,
        "partners": partners,
    }
    tags = (f"agreement:{agreement}", own, f"partner:{seller}")
    yield Told("agreement.signed.v1", data, tags, at_us, "operator")
    subscription = _subscription(n)
    data = {
        "subscription": subscription,
        "tenant": home,
        "product": "m365",
        "offer": "Microsoft 365 E3",
        "channel": "ea",
        "seats": 900,
        "agreement": agreement,
        "dpor": seller,
    }
    place = (f"partner:{seller}", f"slot:dpor:{subscription}", "usage:births")
    about = (f"subscription:{subscription}", own, *place)
    yield Told("subscription.started.v1", data, about, at_us, "operator")


def _claim(claim: str, n: int, partner: int, workload: str, at_us: int) -> Iterator[Told]:
    slot = f"cpor:m365:{tenant(n)}:{workload}"
    about = {"claim": claim, "tenant": tenant(n), "location": location(partner)}
    tags = (f"claim:{claim}", f"tenant:{tenant(n)}", f"partner:{location(partner)}")
    held, user = (*tags, f"slot:{slot}"), user_of(partner)
    key = f"consent:{claim}"
    closes_us = at_us + 12 * DAY_US
    submitted = _submission(n, partner, workload, slot)
    due = {"review_due": iso(at_us + 7 * DAY_US)}
    yield Told("claim.submitted.v1", {**about, **submitted, **due}, held, at_us, user)
    started = {**about, "decision_due": iso(at_us + 8 * DAY_US)}
    yield Told("claim.review_started.v1", started, tags, at_us + DAY_US, REVIEWER)
    approved = {
        **about,
        "slots": [slot],
        "consent_mode": "opt_out_window",
        "consent_closes": iso(closes_us),
        "silence_confirms": True,
        "comment": "Proof complete.",
    }
    timers = (Timer(key, "consent", closes_us), Timer(f"answer:{claim}", "", None))
    yield Told("claim.approved.v1", approved, held, at_us + 4 * DAY_US, REVIEWER, timers)
    passed = {**about, "slots": [slot], "due": iso(closes_us)}
    yield Told("consent.passed.v1", passed, held, closes_us, "clock", (Timer(key, "", None),))


def _submission(n: int, partner: int, workload: str, slot: str) -> dict[str, Any]:
    box = "0xv1G6xm3th8YYwrvhyJL5gxCGU2SRGViGZ78G1RBo73SPQJU7JF4GXAuEC9U2NGPJ9fEOrwEmTsG8ztWAlN"
    return {
        "title": f"Customer {n}: {workload}",
        "policy": "P2020",
        "organisation": str(1000 + partner),
        "domain": f"customer-{n}.example",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "slots": [{"slot": slot, "workload": workload}],
        "customer_contact": {"key": f"p-{n:016x}", "box": box},
        "partner_contact": {"key": f"p-{2**40 + partner:016x}", "box": box},
        "contact_in_partner_domain": False,
        "proof": {
            "documents": [{"title": "Statement of work, signed", "sha256": f"{n:064x}"}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2019-12-29",
        },
        "payment_opt_out": False,
        "contested": [],
    }


def _given_back(claim: str, n: int, partner: int, workload: str, at_us: int) -> Told:
    slot = f"cpor:m365:{tenant(n)}:{workload}"
    about = {"claim": claim, "tenant": tenant(n), "location": location(partner)}
    data = {**about, "slots": [slot], "reason": "no_longer_working"}
    tags = (f"claim:{claim}", f"tenant:{tenant(n)}", f"partner:{location(partner)}")
    timers = (Timer(f"consent:{claim}", "", None),)
    actor = user_of(partner)
    return Told("claim.disassociated.v1", data, (*tags, f"slot:{slot}"), at_us, actor, timers)


def _reports(made: Folder, size: Size) -> Iterator[Told]:
    """Usage reports of active users, a month each, as many as give all increments."""
    log = SqliteUsageLog(made.usage)
    keys = pl.DataFrame({"tenant": [tenant(n) for n in range(size.tenants)]}).join(
        pl.DataFrame({"workload": WORKLOADS}), how="cross"
    )
    left, number = size.increments, 0
    while left > 0:
        rows = _increments(keys.head(left), number)
        attempt = f"u-{number}"
        (cut,) = log.append(attempt, (), rows.iter_slices(50_000))
        yield _loaded(attempt, _month(number), cut)
        left, number = left - len(rows), number + 1


def _month(number: int) -> date:
    return date(2020 + number // 12, number % 12 + 1, 1)


def _increments(keys: pl.DataFrame, number: int) -> pl.DataFrame:
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    growth = (place * 7919 + number * 104_729) % 50 * 1_000_000
    columns: dict[str, pl.Expr] = {
        "metric": pl.lit("m365.mau"),
        "subscription": pl.lit(""),
        "resource": pl.lit(""),
        "partner": pl.lit(""),
        "attribution": pl.lit(""),
        "date": pl.lit(_month(number)),
        "mark": pl.lit("growth" if number else "opening"),
        "delta_micro": growth,
        "level_micro": growth * (number + 1),
        "gap_from": pl.lit(None, dtype=pl.Date),
        "row": place + 2,
    }
    return keys.with_columns(**columns).select(
        pl.col(name).cast(kind) for name, kind in INCREMENT_SCHEMA.items()
    )


def _loaded(attempt: str, month: date, cut: Cut) -> Told:
    exported = datetime(month.year, month.month, 1, tzinfo=UTC) + timedelta(days=45)
    data = {
        "report": f"R-{attempt}",
        "attempt": attempt,
        "basis": 1,
        "cut": [asdict(cut)],
        "metrics": ["m365.mau"],
        "increments": cut.count,
        "kind": "cpor_m365",
        "file_name": f"{attempt}.tsv",
        "sha256": cut.digest,
        "period_from": month.isoformat(),
        "period_to": month.isoformat(),
        "exported_at": iso(to_us(exported)),
        "statements": cut.count,
        "rejected_rows": 0,
    }
    tags = (f"report:R-{attempt}", "metric:m365.mau", f"file:{cut.digest}")
    return Told("usage.report.loaded.v1", data, tags, _RECORDED_US, "operator")
