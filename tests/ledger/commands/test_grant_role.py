"""Granting roles: by whom, in which scope, from when until when."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.grant_role import GrantRole
from ledger.decision_models.actor import ACTOR
from schemas.access import Role, RoleGranted
from schemas.time import from_iso
from tests.builders import CONTOSO, OPERATOR, World, market, refuses
from tests.ledger.rules.permissions import COLUMNS, GRID

SCOPES: dict[Role, dict[str, str]] = {
    Role.OPERATOR: {},
    Role.GLOBAL_ADMIN: {"organisation": "100"},
    Role.ACCOUNT_ADMIN: {"organisation": "100"},
    Role.INCENTIVE_ADMIN: {"location": "101"},
    Role.INCENTIVE_USER: {"location": "101"},
    Role.CUSTOMER_ADMIN: {"tenant": CONTOSO},
    Role.REVIEWER: {"organisation": "200"},
    Role.AUDITOR: {},
    Role.ANALYST: {},
    Role.BILLING_ADMIN: {"organisation": "100"},
    Role.EXECUTIVE: {"organisation": "100"},
}
PARTS = {"organisation": "100", "location": "101", "tenant": CONTOSO, "programme": "OSU"}


def granter(role: Role) -> str:
    """Who may grant the role in the market's world."""
    return OPERATOR if GRID[f"role.grant {role}"][Role.OPERATOR] == "a" else "admin-100"


@pytest.mark.parametrize("role", COLUMNS)
def test_each_role_is_granted_by_who_may(role: Role) -> None:
    """From then on the grantee has the role in that scope, and had it nowhere before."""
    world = market()
    assert not world(ACTOR, "new").holds(role, world.now_us)
    world.do("role.grant", granter(role), grantee="new", role=role, **SCOPES[role])
    assert world(ACTOR, "new").holds(role, world.now_us, **SCOPES[role])


@pytest.mark.parametrize("role", [Role.INCENTIVE_ADMIN, Role.INCENTIVE_USER])
@pytest.mark.parametrize("actor", [OPERATOR, "admin-200", "user-101", "incentives-101"])
def test_incentive_roles_are_granted_by_the_own_organisations_admins_alone(
    role: Role, actor: str
) -> None:
    """Not by the operator, not by another organisation, not by who has one (domain.md §2)."""
    with refuses("not_permitted"):
        market().do("role.grant", actor, grantee="new", role=role, location="101")


def test_an_admin_has_no_incentive_role_until_assigned_to_itself() -> None:
    """Global admins don't have it by default; they may grant it to themselves (domain.md §2)."""
    world = market()
    assert not world(ACTOR, "admin-100").holds(Role.INCENTIVE_USER, world.now_us)
    world.do("role.grant", "admin-100", grantee="admin-100", role="incentive_user", location="101")
    assert world(ACTOR, "admin-100").holds(Role.INCENTIVE_USER, world.now_us, location="101")


def test_the_organisation_follows_from_the_location() -> None:
    """The event names both, so that separation of duties can read either."""
    event = (
        market()
        .do("role.grant", "admin-100", grantee="new", role="incentive_user", location="101")
        .event
    )
    assert isinstance(event, RoleGranted)
    assert (event.organisation, event.location) == ("100", "101")


def test_a_location_of_another_organisation_is_refused() -> None:
    """Both named must fit together."""
    with refuses("other_organisation"):
        market().do(
            "role.grant",
            "admin-200",
            grantee="new",
            role="incentive_user",
            organisation="200",
            location="101",
        )


@pytest.mark.parametrize(
    "role, scope",
    [
        (Role.GLOBAL_ADMIN, {"organisation": "999"}),
        (Role.INCENTIVE_USER, {"location": "999"}),
        (Role.CUSTOMER_ADMIN, {"tenant": "00000000-0000-4000-8000-000000000999"}),
        (Role.REVIEWER, {"organisation": "999"}),
    ],
)
def test_the_scope_must_exist(role: Role, scope: dict[str, str]) -> None:
    """A role of an unknown organisation, location or tenant is refused."""
    with refuses("unknown_reference"):
        market().do("role.grant", granter(role), grantee="new", role=role, **scope)


@pytest.mark.parametrize("role", COLUMNS)
@pytest.mark.parametrize("part", PARTS)
def test_a_role_has_the_scope_that_belongs_to_it(role: Role, part: str) -> None:
    """A missing part is bad input, and so is one that the role does not have."""
    needed = {
        Role.GLOBAL_ADMIN: {"organisation"},
        Role.ACCOUNT_ADMIN: {"organisation"},
        Role.INCENTIVE_ADMIN: {"location"},
        Role.INCENTIVE_USER: {"location"},
        Role.CUSTOMER_ADMIN: {"tenant"},
        Role.BILLING_ADMIN: {"organisation"},
        Role.EXECUTIVE: {"organisation"},
    }.get(role, set())
    beside = {
        Role.INCENTIVE_ADMIN: {"organisation", "programme"},
        Role.INCENTIVE_USER: {"organisation", "programme"},
        Role.REVIEWER: {"organisation"},
        Role.AUDITOR: {"organisation"},
        Role.ANALYST: {"organisation"},
    }.get(role, set())
    right: dict[str, Any] = {"grantee": "new", "role": role} | {
        name: PARTS[name] for name in needed
    }
    GrantRole.model_validate(right)
    if part in needed:
        wrong = {name: value for name, value in right.items() if name != part}
        with pytest.raises(ValidationError, match=f"role {role} needs {part}"):
            GrantRole.model_validate(wrong)
    elif part in beside:
        GrantRole.model_validate(right | {part: PARTS[part]})
    else:
        with pytest.raises(ValidationError, match=f"role {role} has no {part}"):
            GrantRole.model_validate(right | {part: PARTS[part]})


def reviewer(world: World, **dates: str) -> None:
    """Grant the role of a reviewer to ``r``."""
    world.do("role.grant", grantee="r", role="reviewer", **dates)


def test_a_role_may_begin_later() -> None:
    """It takes a while to propagate (domain.md §2): granted ahead, it does not count before."""
    world = market()
    reviewer(world, effective_at="2020-08-01T00:00:00Z")
    actor = world(ACTOR, "r")
    assert not actor.holds(Role.REVIEWER, from_iso("2020-07-31T23:59:59Z"))
    assert actor.holds(Role.REVIEWER, from_iso("2020-08-01T00:00:00Z"))


@pytest.mark.parametrize("until", ["2020-08-01T00:00:00Z", "2020-07-31T00:00:00Z"])
def test_a_role_ends_after_it_begins(until: str) -> None:
    """An end at or before the beginning is refused."""
    with refuses("until_not_after"):
        reviewer(market(), effective_at="2020-08-01T00:00:00Z", until=until)


def test_a_role_that_is_held_all_that_time_is_not_granted_again() -> None:
    """The same scope and no longer: refused."""
    world = market()
    reviewer(world)
    for dates in ({}, {"until": "2021-01-01T00:00:00Z"}):
        with refuses("role_already_held"):
            reviewer(world, **dates)


def test_a_role_can_be_prolonged() -> None:
    """A later end than the one it has is a new grant."""
    world = market()
    reviewer(world, until="2020-08-01T00:00:00Z")
    reviewer(world, until="2020-09-01T00:00:00Z")
    assert world(ACTOR, "r").holds(Role.REVIEWER, from_iso("2020-08-15T00:00:00Z"))


def test_a_role_in_another_scope_is_another_role() -> None:
    """A user of location 101 can become one of 102 as well."""
    world = market()
    world.do("role.grant", "admin-100", grantee="user-101", role="incentive_user", location="102")
    for location in ("101", "102"):
        assert world(ACTOR, "user-101").holds(Role.INCENTIVE_USER, world.now_us, location=location)
