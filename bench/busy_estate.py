"""A busy estate, when large 1 M claims of 200 k tenants and 30 k partners: asked and decided.

First pages of `claim list`, `holders`, `diff` of two positions 10,000 apart, each in process, and
deciding a claim beside the same on a ledger that holds nothing but the partners.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from bench import estate, market
from bench.blocks import Pace, Plan, alternate, pace
from bench.table import Row, at_most, compared, number
from interfaces import diffing
from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.deciding import Request
from projections.claim_queries import claim_list
from projections.diff_holdings import Between
from projections.holder_queries import holders
from schemas.time import from_iso

LIST_MS, HOLDERS_MS, DIFF_MS = 100, 50, 200
PAGE = 100
APART = 10_000
_NOW_US = from_iso("2034-06-01T00:00:00Z")
_PEOPLE = 20
_WORKLOAD = "teams_phone"


def measure(plan: Plan) -> Iterator[Row]:
    """Every question in its ways, then deciding."""
    tenants = plan.pick(20, 40_000, 200_000)
    size = estate.Size(tenants * estate.DECISIONS_A_TENANT, 0, 20 / 3, 30_000)
    folder = plan.new_folder("busy") / "ledger"
    estate.build(folder, size)
    times = plan.pick(3, 200)
    with Workspace(folder) as workspace:
        head = workspace.ledger.head.position
        yield from _holders(workspace, size, times, head)
        yield from _lists(workspace, size, times, head)
        yield from _diffs(workspace, plan.pick(2, 20), head)
    yield _deciding(plan, folder, size)


def _row(work: str, limit_ms: float, questions: list[Callable[[], int]]) -> Row:
    taken, rows = [], 0
    for question in questions:
        began = time.perf_counter()
        rows += question()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    detail = f"p50 {number(p50)} ms, {rows / len(taken):.0f} rows each"
    return at_most(f"busy estate: {work}, p99", "ms", p99, limit_ms, detail)


def _holders(workspace: Workspace, size: estate.Size, times: int, head: int) -> Iterator[Row]:
    random, views = Random(5), workspace.views
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "partner": lambda: {"partner": market.location(random.randrange(size.partners))},
        "tenant": lambda: {"tenant": market.tenant(random.randrange(size.tenants))},
        "slot": lambda: {
            "slot": f"cpor:m365:{market.tenant(random.randrange(size.tenants))}:teams"
        },
    }
    for way, asked in ways.items():
        for when in ("now", "as known"):
            asks = [
                {**asked(), "known": _known(when, random, head), "effective_us": _NOW_US}
                for _ in range(times)
            ]
            questions = [_asking(holders, views, each) for each in asks]
            yield _row(f"holders by {way}, {when}", HOLDERS_MS, questions)


def _lists(workspace: Workspace, size: estate.Size, times: int, head: int) -> Iterator[Row]:
    random, views = Random(7), workspace.views
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "nothing": dict,
        "state approved": lambda: {"state": "approved"},
        "state submitted": lambda: {"state": "submitted"},
        "contested": lambda: {"contested": True},
        "tenant": lambda: {"tenant": market.tenant(random.randrange(size.tenants))},
        "partner and state": lambda: {
            "partner": market.location(random.randrange(size.partners)),
            "state": "approved",
        },
        "organisation": lambda: {"organisation": str(1000 + random.randrange(size.partners))},
    }
    for way, asked in ways.items():
        for when in ("now", "as known"):
            asks = [
                {**asked(), "known": _known(when, random, head), "limit": PAGE}
                for _ in range(times)
            ]
            questions = [_asking(claim_list, views, each) for each in asks]
            yield _row(f"claim list by {way}, {when}", LIST_MS, questions)


def _known(when: str, random: Random, head: int) -> int:
    return head if when == "now" else random.randrange(head)


def _asking(ask: Callable[..., list[Any]], views: Any, asked: dict[str, Any]) -> Callable[[], int]:
    return lambda: len(ask(views, **asked))


def _diffs(workspace: Workspace, times: int, head: int) -> Iterator[Row]:
    random = Random(9)
    starts = [random.randrange(max(1, head - APART)) for _ in range(times)]
    questions = [_comparing(workspace, Between(at, min(at + APART, head))) for at in starts]
    yield _row(f"diff of two positions {APART:,} apart", DIFF_MS, questions)


def _comparing(workspace: Workspace, asked: Between) -> Callable[[], int]:
    return lambda: sum(map(len, diffing.changes(workspace.views, workspace.source, asked)))


def _deciding(plan: Plan, folder: Path, size: estate.Size) -> Row:
    """Claims in groups, on the estate and on a ledger with a few partners: the same commands."""
    rounds, lot = plan.pick(1, 10), plan.pick(2, 50)
    lots = (rounds + 1) * lot
    small = plan.new_folder("empty") / "ledger"
    with (
        Ledger.open(folder) as busy,
        Ledger.create(small, clock_kind="told", at_us=busy.head.recorded_at_us) as empty,
    ):
        _settle(busy, lots, size, anew=False)
        _settle(empty, lots, size, anew=True)
        sides = [_Side(each, _claims(lots, size), lot) for each in (busy, empty)]
        found = alternate(rounds, *(side.block for side in sides))
    held = f"{size.decisions:,} decisions"
    return compared(f"deciding claim.submit on {held}", "/s", found, "on an empty ledger", 0.5)


class _Side:
    """One of the two ledgers, with the claims that are still to be decided on it."""

    def __init__(self, ledger: Ledger, requests: list[Request], lot: int) -> None:
        self._ledger, self._requests, self._lot = ledger, requests, lot
        self._at_us = ledger.head.recorded_at_us

    def block(self) -> Pace:
        """Decide the next lot."""
        lot, self._requests = self._requests[: self._lot], self._requests[self._lot :]
        return pace(len(lot), lambda: self._decide(lot))

    def _decide(self, lot: list[Request]) -> None:
        outcomes = self._ledger.submit_group([one._replace(at_us=self._at_us) for one in lot])
        failed = [outcome.error for outcome in outcomes if outcome.error is not None]
        if failed:
            raise failed[0]


def _settle(ledger: Ledger, customers: int, size: estate.Size, *, anew: bool) -> None:
    """Policy, people and, on an empty ledger, the partners and customers of the claims."""
    at_us = ledger.head.recorded_at_us
    facts = _facts(customers, size, anew=anew)
    requests = [
        market.request(name, actor, f"busy-{n}", data)._replace(at_us=at_us)
        for n, (name, actor, data) in enumerate(facts)
    ]
    for outcome in ledger.submit_many(requests):
        if outcome.error is not None:
            raise outcome.error


def _facts(
    customers: int, size: estate.Size, *, anew: bool
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    years = {"first_year": 2022, "last_year": 2045}
    yield "calendar.adopt", "operator", {"builtin": "CZ", "zone": "Europe/Prague", **years}
    yield "policy.adopt", "operator", {"builtin": "P2020", "calendar": "CZ"}
    for n in range(min(_PEOPLE, size.partners)):
        place = {"organisation": str(1000 + n), "country": "CZ", "name": f"Partner {n}"}
        if anew:
            domains = [f"partner-{n}.example"]
            yield "organisation.register", "operator", {**place, "domains": domains}
            yield "location.register", "operator", {**place, "location": market.location(n)}
        role = {"grantee": f"admin-{n}", "role": "global_admin", "organisation": str(1000 + n)}
        yield "role.grant", "operator", role
        user = {"grantee": market.user_of(n), "role": "incentive_user"}
        yield "role.grant", f"admin-{n}", {**user, "location": market.location(n)}
    for n in range(customers if anew else 0):
        tenant = market.tenant(n % size.tenants)
        if n < size.tenants:
            named = {"tenant": tenant, "name": f"Customer {n}", "country": "CZ"}
            yield "customer.register", "operator", {**named, "domains": [f"customer-{n}.example"]}


def _claims(count: int, size: estate.Size) -> list[Request]:
    found = []
    for n in range(count):
        partner = n % min(_PEOPLE, size.partners)
        home = n % size.tenants
        data = market.claim_data(home, partner, _WORKLOAD)
        data |= {"claim": f"B-{n}"}
        data["proof"] = {**data["proof"], "acknowledged_on": "2024-01-02"}
        found.append(market.request("claim.submit", market.user_of(partner), f"B-{n}", data))
    return found
