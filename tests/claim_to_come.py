"""A ledger on which one partner may claim at one customer: how tests of whole ledgers open."""

from __future__ import annotations

from typing import Any

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from schemas.time import from_iso
from tests.builders import CONTOSO, OPERATOR

AT_US = from_iso("2021-03-01T09:00:00Z")
"""When everything is submitted."""


def do(ledger: Ledger, name: str, actor: str, command_id: str, /, **data: Any) -> Any:
    """Submit one command."""
    command = commands.load(name).model_validate(data)
    return ledger.submit(command, actor=actor, command_id=command_id, at_us=AT_US)


def begin(ledger: Ledger) -> None:
    """A partner, a customer, and who may claim."""
    who = {"organisation": "100", "country": "CZ"}
    do(ledger, "policy.adopt", OPERATOR, "1", builtin="P2020")
    do(ledger, "organisation.register", OPERATOR, "2", **who, name="Alfa")
    do(ledger, "location.register", OPERATOR, "3", **who, location="101", name="Alfa")
    customer = {"tenant": CONTOSO, "name": "Contoso", "domains": ["contoso.example"]}
    do(ledger, "customer.register", OPERATOR, "4", **customer, country="CZ")
    grant = {"grantee": "admin", "role": "global_admin", "organisation": "100"}
    do(ledger, "role.grant", OPERATOR, "5", **grant)
    own = {"grantee": "anna", "role": "incentive_admin", "location": "101"}
    do(ledger, "role.grant", "admin", "6", **own)
