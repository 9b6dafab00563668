"""What callers of the fault suite want: real commands, on things that all want at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.deciding import Request

TENANT = "00000000-0000-4000-8000-0000000000c1"
SLOTS = 400
PARTNERS = 4
_BULK = 500


RACES, MIXED = "races", "mixed"
"""Only wishes for slots, or every other one for a name of its own."""


def settle(ledger: Ledger, slots: int = SLOTS) -> None:
    """Register partners, a customer and its subscriptions, each with an empty DPOR place."""
    requests = [
        _request(name, f"settle-{number}", data)
        for number, (name, data) in enumerate(_market(slots))
    ]
    for outcome in ledger.submit_many(requests):
        assert outcome.error is None, outcome.error


def wish(kind: str, node: str, caller: int, number: int) -> Request:
    """The wish of a caller of that number: a slot for a partner, or a name of its own."""
    command_id = f"{node}.{caller}.{number}"
    if kind == RACES or (number % 2 and number // 2 < SLOTS):
        slot = number if kind == RACES else number // 2
        return _place(command_id, slot, (ord(node[0]) + caller) % PARTNERS)
    data = {"organisation": command_id, "name": "New", "country": "CZ"}
    return _request("organisation.register", command_id, data)


def _place(command_id: str, slot: int, partner: int) -> Request:
    """The DPOR place of a subscription; only an empty one is filled (domain.md §6.1)."""
    data = {
        "subscription": f"S-{slot}",
        "location": f"{partner}01",
        "effective_at": "2021-01-15T00:00:00Z",
        "imported": {"source": "a.tsv", "sha256": "ab" * 32, "line": 2, "as_of": "2021-06-30"},
    }
    return _request("dpor.import", command_id, data)


def _market(slots: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for n in range(PARTNERS):
        organisation = {"organisation": f"{n}00", "country": "CZ"}
        yield "organisation.register", {**organisation, "name": f"Partner {n}"}
        yield "location.register", {**organisation, "location": f"{n}01", "name": f"Place {n}"}
    domains = ["contoso.example"]
    yield "customer.register", {"tenant": TENANT, "name": "C", "country": "CZ", "domains": domains}
    for n in range(slots):
        yield (
            "subscription.start",
            {
                "subscription": f"S-{n}",
                "tenant": TENANT,
                "product": "dynamics365",
                "offer": "Dynamics 365 Sales",
                "channel": "web_direct",
                "effective_at": "2021-01-01T00:00:00Z",
            },
        )


def _request(name: str, command_id: str, data: dict[str, Any]) -> Request:
    return Request(catalogue.load(name).model_validate(data), "operator", command_id)
