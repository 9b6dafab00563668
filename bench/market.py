"""A seeded market to run commands in: partners with their people, customers, a policy in force.

The ledger's clock starts on a Monday in September 2022 and runs on from there, so that dates in
commands mean the same on every day a measurement is run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import orjson

from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.deciding import Request
from schemas.time import from_iso

STARTS_US = from_iso("2022-09-05T09:00:00Z")
PARTNERS = 50
REVIEWER = "r.rita"
WORKLOADS = ("exchange", "sharepoint", "teams", "intune", "yammer")


class RunningClock:
    """A clock that shows ``STARTS_US`` when it is made and runs like any other."""

    def __init__(self) -> None:
        self._began_ns = time.monotonic_ns()

    def now_us(self) -> int:
        """The wall clock, in microseconds UTC."""
        return STARTS_US + self.monotonic_us()

    def monotonic_us(self) -> int:
        """The time since the clock was made, in microseconds."""
        return (time.monotonic_ns() - self._began_ns) // 1000


def new_ledger(folder: Path) -> Ledger:
    """An empty ledger of its own in ``folder``, on a running clock."""
    return Ledger.create(folder, clock=RunningClock())


def request(name: str, actor: str, command_id: str, data: dict[str, Any]) -> Request:
    """A request to decide the command ``name``."""
    return Request(catalogue.load(name).model_validate(data), actor, command_id)


def settle(ledger: Ledger, customers: int) -> None:
    """Adopt calendar and policy, register partners with their people, and ``customers``."""
    for outcome in ledger.submit_many(_market(customers)):
        if outcome.error is not None:
            raise outcome.error


def _market(customers: int) -> Iterator[Request]:
    for number, (name, actor, data) in enumerate(_facts(customers)):
        yield request(name, actor, f"market-{number}", data)


def _facts(customers: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    years = {"first_year": 2022, "last_year": 2025}
    yield "calendar.adopt", "operator", {"builtin": "CZ", "zone": "Europe/Prague", **years}
    yield "policy.adopt", "operator", {"builtin": "P2020", "calendar": "CZ"}
    yield "role.grant", "operator", {"grantee": REVIEWER, "role": "reviewer"}
    for n in range(PARTNERS):
        yield from _partner(n)
    for n in range(customers):
        named = {"tenant": tenant(n), "name": f"Customer {n}", "country": "CZ"}
        yield "customer.register", "operator", {**named, "domains": [f"customer-{n}.example"]}


def _partner(n: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    place = {"organisation": str(1000 + n), "country": "CZ", "name": f"Partner {n}"}
    yield "organisation.register", "operator", {**place, "domains": [f"partner-{n}.example"]}
    yield "location.register", "operator", {**place, "location": location(n)}
    admin = {"grantee": f"admin-{n}", "role": "global_admin", "organisation": str(1000 + n)}
    yield "role.grant", "operator", admin
    user = {"grantee": user_of(n), "role": "incentive_user", "location": location(n)}
    yield "role.grant", f"admin-{n}", user


def tenant(n: int) -> str:
    """The directory id of customer ``n``."""
    return f"{n:08x}-0000-4000-8000-{n:012x}"


def location(n: int) -> str:
    """The location of partner ``n``."""
    return f"{1000 + n}1"


def user_of(n: int) -> str:
    """Who claims for partner ``n``."""
    return f"user-{n}"


def claim_requests(customers: int, seed: int = 7) -> Iterator[tuple[Request, Request, Request]]:
    """For each customer a claim's submission, the start of its review and its approval."""
    lines = command_lines(customers, seed)
    while steps := [_as_request(line) for line in islice(lines, 3)]:
        submitted, started, approved = steps
        yield submitted, started, approved


def _as_request(line: bytes) -> Request:
    found = orjson.loads(line)
    return request(found["command"], found["actor"], found["id"], found["data"])


def command_lines(customers: int, seed: int = 7) -> Iterator[bytes]:
    """JSON lines as a user would submit: three for each customer, who claims one workload."""
    random = Random(seed)
    for n in range(customers):
        partner, workload = random.randrange(PARTNERS), random.choice(WORKLOADS)
        claim = f"C-{n}"
        yield _line("claim.submit", user_of(partner), claim, claim_data(n, partner, workload))
        yield _line("claim.start_review", REVIEWER, claim, {})
        yield _line("claim.approve", REVIEWER, claim, {"comment": "Proof complete."})


def _line(name: str, actor: str, claim: str, data: dict[str, Any]) -> bytes:
    fields = {"command": name, "id": f"{claim}-{name}", "actor": actor}
    return orjson.dumps({**fields, "data": {"claim": claim, **data}}) + b"\n"


def claim_data(n: int, partner: int, workload: str) -> dict[str, Any]:
    """What a claim of a partner for a workload of customer ``n`` says, but for its id."""
    return {
        "title": f"Customer {n}: {workload}",
        "location": location(partner),
        "tenant": tenant(n),
        "domain": f"customer-{n}.example",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": [workload],
        "customer_contact": {
            "name": f"Jana Nova {n}",
            "title": "IT manager",
            "email": f"jana.nova@customer-{n}.example",
        },
        "partner_contact": {
            "name": f"Petr Maly {partner}",
            "email": f"petr.maly@partner-{partner}.example",
        },
        "proof": {
            "documents": [{"title": "Statement of work, signed", "sha256": f"{n:064x}"}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2022-08-29",
        },
    }
