"""Worlds in which the example of a command is what somebody would do next."""

from __future__ import annotations

from typing import Any

from ledger.commands import catalogue
from ledger.decision import Fact
from schemas.access import RoleGranted
from schemas.parties import OrganisationRegistered
from tests.builders import FABRIKAM, World
from tests.ledger.rules.permissions import COLUMNS, FOREIGN, GRID, OWN

_PLACE = ("organisation.register", "location.register")
_MARKET = (*_PLACE, "customer.register")
_SUBSCRIPTION = (*_MARKET, "agreement.sign", "subscription.start")
_BEGUN = (*_PLACE, "enrolment.start")
_IDENTITY = (*_MARKET, "identity.register")

BEFORE: dict[str, tuple[str, ...]] = {
    "role.grant": _PLACE,
    "role.revoke": (*_PLACE, "role.grant"),
    "organisation.register": (),
    "location.register": ("organisation.register",),
    "organisation.merge": _PLACE,
    "location.move": _PLACE,
    "location.repoint": _PLACE,
    "location.delete": _PLACE,
    "customer.register": (),
    "customer.migrate": ("customer.register", "another customer"),
    "identity.register": _PLACE,
    "agreement.sign": _MARKET,
    "agreement.amend": (*_MARKET, "agreement.sign"),
    "agreement.end": (*_MARKET, "agreement.sign"),
    "subscription.start": (*_MARKET, "agreement.sign"),
    "subscription.change_state": _SUBSCRIPTION,
    "subscription.change_seats": _SUBSCRIPTION,
    "subscription.transfer": (*_MARKET, "sold by CSP"),
    "subscription.move": _SUBSCRIPTION,
    "subscription.end": _SUBSCRIPTION,
    "dpor.set": _SUBSCRIPTION,
    "dpor.remove": (*_SUBSCRIPTION, "dpor.set"),
    "pal.link": _IDENTITY,
    "pal.unlink": (*_IDENTITY, "pal.link"),
    "azure_role.assign": _IDENTITY,
    "azure_role.remove": (*_IDENTITY, "azure_role.assign"),
    "identity.disable": _IDENTITY,
    "identity.enable": (*_IDENTITY, "identity.disable"),
    "identity.delete": _IDENTITY,
    "group.register": _MARKET,
    "group.add_member": (*_IDENTITY, "group.register"),
    "group.remove_member": (*_IDENTITY, "group.register", "group.add_member"),
    "scope.place": _MARKET,
    "gdap.request": _MARKET,
    "gdap.approve": (*_MARKET, "gdap.request"),
    "gdap.set_auto_extend": (*_MARKET, "gdap.request", "gdap.approve"),
    "gdap.terminate": (*_MARKET, "gdap.request", "gdap.approve"),
    "tracking_id.register": _MARKET,
    "tracking_id.remove": (*_MARKET, "tracking_id.register"),
    "deployment.report": (*_MARKET, "tracking_id.register"),
    "deployment.end": (*_MARKET, "tracking_id.register", "deployment.report"),
    "delegated_admin.grant": _MARKET,
    "delegated_admin.end": (*_MARKET, "delegated_admin.grant"),
    "roles.adopt": (),
    "person.erase": (),
    "incentive.adopt": (),
    "enrolment.invite": _PLACE,
    "enrolment.start": _PLACE,
    "enrolment.submit_profiles": _BEGUN,
    "enrolment.validate_profiles": (*_BEGUN, "enrolment.submit_profiles"),
    "enrolment.reject_profiles": (*_BEGUN, "enrolment.submit_profiles"),
    "enrolment.make_ineligible": _BEGUN,
    "enrolment.leave": _BEGUN,
    "enrolment.discontinue": _BEGUN,
    "competency.start": _PLACE,
    "competency.qualify": (*_PLACE, "competency.start"),
    "competency.attain": _PLACE,
    "competency.renew": (*_PLACE, "competency.attain"),
    "competency.risk": (*_PLACE, "competency.attain"),
    "partner_agreement.sign": _PLACE,
    "partner_agreement.end": (*_PLACE, "partner_agreement.sign"),
    "fact.correct": (*_SUBSCRIPTION, "as many events as the example says", "dpor.set"),
    "fact.retract": (*_SUBSCRIPTION, "as many events as the example says", "dpor.set"),
    "association.record": _MARKET,
    "association.end": (*_MARKET, "association.record"),
    "programme.adopt": (),
    "metric.record": _PLACE,
    "metric.withdraw": (*_PLACE, "metric.record"),
    "rates.adopt": (),
    "statement.issue": ("organisation.register",),
    "usage.load": (),
    "usage.withdraw": ("usage.load",),
    "usage.reserve": (),
}
"""The examples that lead up to the example of each command, in order."""

OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "another customer": (
        "customer.register",
        {"tenant": FABRIKAM, "name": "Fabrikam", "domains": ["fabrikam.example"]},
    ),
    "sold by CSP": (
        "subscription.start",
        {
            "subscription": "S-7",
            "product": "azure",
            "offer": "Azure plan",
            "channel": "csp_direct",
            "seats": None,
            "agreement": None,
            "transacting_partner": "101",
        },
    ),
}
"""Steps that are an example with some fields changed."""

_CLOCK = {
    # The competency of the examples was ended in 2022 (domain.md §13.7).
    **dict.fromkeys(
        (f"competency.{verb}" for verb in ("start", "qualify", "attain", "renew", "risk")),
        "2021-06-01T00:00:00Z",
    ),
    "usage.reserve": "2020-09-16T00:00:00Z",
    "statement.issue": "2020-09-16T00:00:00Z",
    "delegated_admin.end": "2021-03-02T00:00:00Z",
    "role.revoke": "2021-03-02T00:00:00Z",
    "gdap.set_auto_extend": "2023-10-30T00:00:00Z",
}
_LATE = "2023-07-01T00:00:00Z"


def row_of(name: str) -> str:
    """The row of the role table that decides about the example of a command."""
    example = catalogue.load(name).EXAMPLE
    if name.startswith("fact."):
        return "dpor.set"  # whoever may record the fact
    if name == "gdap.terminate":
        return f"{name} {example['by']}"
    return f"{name} {example['role']}" if name.startswith("role.") else name


def permitted(name: str) -> str:
    """An actor that may do the example of a command."""
    cells = GRID[row_of(name)]
    return next(f"own-{role}" for role in COLUMNS if cells[role] != "-")


def estate(name: str) -> World:
    """The world before the example of a command, with two actors for each role.

    ``own-<role>`` has the role for organisation 100, location 101 or Contoso, which the examples
    are about; ``foreign-<role>`` has it elsewhere. Location 101 has a sister, 102; beside
    organisation 100 there is 200.
    """
    world = World()
    for role in COLUMNS:
        world.record(RoleGranted(grantee=f"own-{role}", role=role, **OWN[role]._asdict()))
        world.record(RoleGranted(grantee=f"foreign-{role}", role=role, **FOREIGN[role]._asdict()))
    world.at(_CLOCK.get(name, _LATE))
    for step in BEFORE[name]:
        if step == "as many events as the example says":
            _fill(world, catalogue.load(name).EXAMPLE["position"])
            continue
        command, other = OTHERS.get(step, (step, {}))
        world.do(command, permitted(command), **example(command, **other))
        if step == "organisation.register":
            world.do(step, permitted(step), **example(step, organisation="200", domains=[]))
        if step == "location.register":
            sister = catalogue.load(step).EXAMPLE | {"location": "102"}
            world.do(step, permitted(step), **sister)
    return world


def _fill(world: World, position: int) -> None:
    """Events that nothing here asks about, until the next one has the position."""
    while len(world.facts) + 1 < position:
        number = len(world.facts)
        name = {"organisation": f"filler-{number}", "name": "Filler", "country": "CZ"}
        world.record(OrganisationRegistered.model_validate({**name, "domains": []}))


def example(name: str, /, **other: Any) -> dict[str, Any]:
    """The example of a command with some fields changed; None leaves a field out."""
    changed = catalogue.load(name).EXAMPLE | other
    return {field: value for field, value in changed.items() if value is not None}


def do_example(world: World, name: str, /, **other: Any) -> Fact:
    """Decide and append the example, with some fields changed, as somebody who may."""
    return world.do(name, permitted(name), **example(name, **other))
