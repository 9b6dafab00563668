"""Delegated administration: DAP, and GDAP with its roles and term (domain.md §6.3)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.grant_delegated_admin import GrantDelegatedAdmin
from ledger.decision_models.delegated_admin import DELEGATIONS
from schemas.associations import DelegatedAdminEnded, DelegatedAdminGranted
from schemas.time import FOREVER_US, from_iso, from_us
from tests.builders import CONTOSO, FABRIKAM, OPERATOR, World, refuses
from tests.ledger.commands.estate import do_example, estate, example

DAP = {"kind": "DAP", "roles": None, "until": None}


@pytest.fixture
def world() -> World:
    """Contoso and the locations 101 and 102, on 2 March 2021."""
    world = estate("customer.register")
    world.now_us = from_iso("2021-03-02T00:00:00Z")
    for step in ("organisation.register", "location.register", "customer.register"):
        do_example(world, step)
    do_example(world, "location.register", location="102")
    return world


def grant(world: World, **other: Any) -> DelegatedAdminGranted:
    """Grant the example delegation, with some fields changed."""
    event = do_example(world, "delegated_admin.grant", **other).event
    assert isinstance(event, DelegatedAdminGranted)
    return event


@pytest.mark.parametrize("actor", [OPERATOR, "own-customer_admin"])
def test_the_customer_grants_and_ends_it(world: World, actor: str) -> None:
    """Or the operator records both."""
    world.do("delegated_admin.grant", actor, **example("delegated_admin.grant"))
    ended = world.do("delegated_admin.end", actor, **example("delegated_admin.end")).event
    assert ended == DelegatedAdminEnded(
        tenant=CONTOSO, location="101", overtaken=from_us(from_iso("2022-06-30T00:00:00Z"))
    )
    found = world(DELEGATIONS, CONTOSO).of("101")
    assert found is not None
    assert found.until_us == from_iso("2021-03-01T00:00:00Z")


def test_dap_has_no_end_of_its_own(world: World) -> None:
    """It stands until it is ended."""
    assert grant(world, **DAP).until is None
    found = world(DELEGATIONS, CONTOSO).of("101")
    assert found is not None
    assert (found.kind, found.until_us) == ("DAP", FOREVER_US)


@pytest.mark.parametrize(
    "fields, says",
    [
        ({"roles": None}, "GDAP needs roles"),
        ({"until": None}, "GDAP needs until"),
        (DAP | {"roles": ["Global reader"]}, "DAP has no roles"),
        (DAP | {"until": "2022-01-01T00:00:00Z"}, "DAP has no until"),
    ],
)
def test_only_gdap_has_roles_and_a_term(fields: dict[str, Any], says: str) -> None:
    """What is missing or does not belong is bad input."""
    with pytest.raises(ValidationError, match=says):
        GrantDelegatedAdmin.model_validate(example("delegated_admin.grant", **fields))


@pytest.mark.parametrize(
    "until, fits",
    [
        ("2020-07-01T23:59:59Z", False),
        ("2020-07-02T00:00:00Z", True),
        ("2022-07-02T00:00:00Z", True),
        ("2022-07-02T00:00:01Z", False),
        ("2020-06-01T00:00:00Z", False),
    ],
)
def test_gdap_lasts_a_day_to_two_years(world: World, until: str, *, fits: bool) -> None:
    """Counted from its effective instant, 1 July 2020; two years may hold a leap day."""
    if fits:
        grant(world, until=until)
    else:
        with refuses("gdap_term"):
            grant(world, until=until)


def test_a_partner_has_one_at_a_time(world: World) -> None:
    """A second while the first stands is refused; another partner's is its own."""
    grant(world)
    for fields in ({}, DAP):
        with refuses("delegated_admin_held"):
            grant(world, **fields)
    grant(world, location="102")


def test_after_its_end_or_lapse_it_can_be_granted_anew(world: World) -> None:
    """Not before the instant the earlier one was over."""
    grant(world)
    do_example(world, "delegated_admin.end")
    with refuses("effective_too_early"):
        grant(world, effective_at="2021-02-28T00:00:00Z")
    grant(world, effective_at="2021-03-01T00:00:00Z")
    world.at("2022-06-30T00:00:00Z")
    with refuses("effective_too_early"):
        grant(world, effective_at="2022-06-29T00:00:00Z", until="2023-01-01T00:00:00Z")
    grant(world, effective_at=None, until="2023-01-01T00:00:00Z")


def test_what_is_not_held_can_not_be_ended(world: World) -> None:
    """Never granted, ended before, or lapsed."""
    with refuses("delegated_admin_not_held"):
        do_example(world, "delegated_admin.end")
    grant(world)
    do_example(world, "delegated_admin.end")
    with refuses("delegated_admin_not_held"):
        do_example(world, "delegated_admin.end")
    grant(world, effective_at="2021-03-01T00:00:00Z", until="2021-04-01T00:00:00Z")
    world.at("2021-04-01T00:00:00Z")
    with refuses("delegated_admin_not_held"):
        do_example(world, "delegated_admin.end")


@pytest.mark.parametrize("name", ["delegated_admin.grant", "delegated_admin.end"])
@pytest.mark.parametrize("other", [{"location": "999"}, {"tenant": FABRIKAM}])
def test_what_it_names_must_exist(world: World, name: str, other: dict[str, str]) -> None:
    """Customer and location are references."""
    with refuses("unknown_reference"):
        do_example(world, name, **other)
