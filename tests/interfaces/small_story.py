"""A small ledger told through the command line: two partners, a customer, claims, two reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BIRTH = "2020-07-01T08:00:00Z"
CONTOSO = "11111111-1111-4111-8111-111111111111"
SUBSCRIPTION = "36500000-0000-4000-8000-000000000001"
TEAMS = f"cpor:m365:{CONTOSO}:teams"
EXCHANGE = f"cpor:m365:{CONTOSO}:exchange"

HEADER = (
    *("CustomerTenantId", "CustomerName", "WorkloadName", "MonthlyActiveUsers"),
    *("PaidAvailableUnits", "ClaimId", "MpnId", "DateAssociated", "PartnerAttributionType", "Date"),
)


def line(command: str, command_id: str, at: str | None = None, **data: Any) -> dict[str, Any]:
    """One line of commands by the operator."""
    told = {} if at is None else {"at": at}
    return {"command": command, "id": command_id, **told, "data": data}


def by(actor: str, told: dict[str, Any]) -> dict[str, Any]:
    """The same line by somebody else."""
    return {**told, "actor": actor}


def claim(name: str = "C-1", location: str = "101", workload: str = "teams") -> dict[str, Any]:
    """The data of a claim for one workload."""
    return {
        "claim": name,
        "title": f"Contoso: {workload}",
        "location": location,
        "tenant": CONTOSO,
        "domain": "contoso.example",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": [workload],
        "customer_contact": {
            "name": "Jana Nova",
            "title": "IT manager",
            "email": "jana.nova@contoso.example",
        },
        "partner_contact": {"name": "Petr Maly", "email": "petr.maly@alfa.example"},
        "proof": {
            "documents": [{"title": "Statement of work", "sha256": "ab" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2020-07-02",
        },
    }


def who_there_is() -> list[dict[str, Any]]:
    """Partners, customer, subscription, roles, rules."""
    at = "2020-07-01T09:00:00Z"
    told = [
        line("calendar.adopt", "w-1", at, **_calendar()),
        line("policy.adopt", "w-2", at, builtin="P2020", calendar="CZ"),
    ]
    for number, name in (("1", "alfa"), ("2", "beta")):
        organisation = {"organisation": f"{number}00", "name": name.title(), "country": "CZ"}
        told += [
            line(
                "organisation.register",
                f"w-o{number}",
                at,
                **organisation,
                domains=[f"{name}.example"],
            ),
            line(
                "location.register",
                f"w-l{number}",
                at,
                location=f"{number}01",
                organisation=f"{number}00",
                name=f"{name.title()}, Praha",
                country="CZ",
            ),
        ]
    return told + _customer(at) + _roles(at)


def _calendar() -> dict[str, Any]:
    return {
        "builtin": "CZ",
        "calendar": "CZ",
        "zone": "Europe/Prague",
        "first_year": 2019,
        "last_year": 2022,
    }


def _customer(at: str) -> list[dict[str, Any]]:
    contoso = {"tenant": CONTOSO, "name": "Contoso", "country": "CZ"}
    return [
        line("customer.register", "w-c", at, **contoso, domains=["contoso.example"]),
        line(
            "subscription.start",
            "w-s",
            at,
            subscription=SUBSCRIPTION,
            tenant=CONTOSO,
            product="m365",
            offer="Microsoft 365 E3",
            channel="web_direct",
            seats=100,
            dpor="201",
        ),
    ]


def _roles(at: str) -> list[dict[str, Any]]:
    roles = [
        {"grantee": "a.admin", "role": "global_admin", "organisation": "100"},
        {"grantee": "r.rita", "role": "reviewer"},
        {"grantee": "contoso.admin", "role": "customer_admin", "tenant": CONTOSO},
    ]
    granted = [line("role.grant", f"w-r{n}", at, **role) for n, role in enumerate(roles)]
    anna = {"grantee": "a.anna", "role": "incentive_admin", "location": "101"}
    return [*granted, by("a.admin", line("role.grant", "w-r9", at, **anna))]


def what_happened() -> list[dict[str, Any]]:
    """A claim approved and confirmed by silence, a new DPOR known late, usage loaded twice."""
    return [
        by("a.anna", line("claim.submit", "h-1", "2020-07-06T09:00:00Z", **claim())),
        by("r.rita", line("claim.start_review", "h-2", "2020-07-07T09:00:00Z", claim="C-1")),
        by("r.rita", line("claim.approve", "h-3", "2020-07-08T09:00:00Z", claim="C-1")),
        by("a.anna", line("claim.submit", "h-4", "2020-08-03T09:00:00Z", **second_claim())),
        line("usage.load", "h-5", "2020-09-16T06:00:00Z", **report("july.tsv")),
        line("usage.load", "h-6", "2020-10-16T06:00:00Z", **report("autumn.tsv")),
        by(
            "contoso.admin",
            line(
                "dpor.set",
                "h-7",
                "2020-10-20T09:00:00Z",
                subscription=SUBSCRIPTION,
                location="101",
                effective_at="2020-10-01T00:00:00Z",
            ),
        ),
    ]


def second_claim() -> dict[str, Any]:
    """A claim that nobody has looked at yet."""
    return claim("C-2", workload="exchange")


def report(file: str) -> dict[str, Any]:
    """The data that loads a report, exported the day before it is."""
    day = {"july.tsv": "2020-09-15", "autumn.tsv": "2020-10-15"}[file]
    return {"file": file, "kind": "cpor_m365", "exported": day}


def rows(*told: tuple[str, str, int]) -> str:
    """The text of a CPOR-M365 report: workload, month, active users."""
    lines = ["\t".join(HEADER)]
    for workload, month, users in told:
        cells = (CONTOSO, "Contoso", workload, str(users), "100", "C-1", "101", "2020-07-08")
        lines.append("\t".join((*cells, "CPOR", month)))
    return "\n".join(lines) + "\n"


def write(folder: Path) -> Path:
    """Write the files of the story; the file of all commands."""
    folder.mkdir(parents=True, exist_ok=True)
    july = rows(("Teams", "2020-07-01", 10), ("Exchange", "2020-07-01", 50))
    # Exchange restates July and leaves August out; Teams grows every month.
    autumn = rows(
        ("Teams", "2020-08-01", 25),
        ("Teams", "2020-09-01", 40),
        ("Exchange", "2020-07-01", 55),
        ("Exchange", "2020-09-01", 65),
    )
    (folder / "july.tsv").write_text(july, encoding="utf-8")
    (folder / "autumn.tsv").write_text(autumn, encoding="utf-8")
    return write_lines(folder / "story.jsonl", *who_there_is(), *what_happened())


def write_lines(path: Path, *lines: dict[str, Any] | str) -> Path:
    """Write lines of commands; a text stands as it is."""
    told = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    return path
