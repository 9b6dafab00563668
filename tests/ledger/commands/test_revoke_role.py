"""Revoking roles: what was granted, by who may grant it, and never the last operator."""

from __future__ import annotations

import pytest

from ledger.decision_models.actor import ACTOR
from schemas.access import Role, RoleRevoked
from schemas.time import from_iso
from tests.builders import CONTOSO, OPERATOR, market, refuses


def test_a_revoked_role_is_gone_and_another_stays() -> None:
    """The scope that is named is taken, a sister location's stays."""
    world = market()
    world.do("role.grant", "admin-100", grantee="user-101", role="incentive_user", location="102")
    event = world.do(
        "role.revoke",
        "admin-100",
        grantee="user-101",
        role="incentive_user",
        location="101",
        reason="Moved to Brno.",
    ).event
    assert isinstance(event, RoleRevoked)
    assert (event.organisation, event.location, event.reason) == ("100", "101", "Moved to Brno.")
    actor = world(ACTOR, "user-101")
    assert not actor.holds(Role.INCENTIVE_USER, world.now_us, location="101")
    assert actor.holds(Role.INCENTIVE_USER, world.now_us, location="102")


@pytest.mark.parametrize("actor", [OPERATOR, "admin-200", "user-101"])
def test_an_incentive_role_is_revoked_by_the_own_admins_alone(actor: str) -> None:
    """Who may not grant it may not revoke it."""
    with refuses("not_permitted"):
        market().do("role.revoke", actor, grantee="user-101", role="incentive_user", location="101")


def test_a_role_that_is_not_held_is_not_revoked() -> None:
    """Neither one never granted, nor one of another scope, nor one revoked before."""
    world = market()
    for grantee in ("nobody", "fabrikam-admin"):
        with refuses("role_not_held"):
            world.do("role.revoke", grantee=grantee, role="customer_admin", tenant=CONTOSO)
    world.do("role.revoke", grantee="contoso-admin", role="customer_admin", tenant=CONTOSO)
    with refuses("role_not_held"):
        world.do("role.revoke", grantee="contoso-admin", role="customer_admin", tenant=CONTOSO)


def test_a_role_that_lapsed_is_not_revoked() -> None:
    """There is nothing left to take from then on; before its end there is."""
    world = market()
    world.do("role.grant", grantee="r", role="reviewer", until="2020-08-01T00:00:00Z")
    world.at("2020-09-01T00:00:00Z")
    with refuses("role_not_held"):
        world.do("role.revoke", grantee="r", role="reviewer")
    world.do("role.revoke", grantee="r", role="reviewer", effective_at="2020-07-31T00:00:00Z")


def test_a_role_can_be_revoked_ahead() -> None:
    """It counts until the day that is named."""
    world = market()
    world.do(
        "role.revoke", grantee="reviewer", role="reviewer", effective_at="2020-08-01T00:00:00Z"
    )
    actor = world(ACTOR, "reviewer")
    assert actor.holds(Role.REVIEWER, from_iso("2020-07-31T23:59:59Z"))
    assert not actor.holds(Role.REVIEWER, from_iso("2020-08-01T00:00:00Z"))


def test_a_revoked_role_can_be_granted_again() -> None:
    """It counts from the new grant on."""
    world = market()
    world.do("role.revoke", grantee="reviewer", role="reviewer")
    world.at("2020-08-01T00:00:00Z").do("role.grant", grantee="reviewer", role="reviewer")
    assert world(ACTOR, "reviewer").holds(Role.REVIEWER, world.now_us)


def test_an_operator_does_not_revoke_itself() -> None:
    """A ledger is never without an operator: only another one can take the role."""
    world = market()
    with refuses("own_operator_role"):
        world.do("role.revoke", grantee=OPERATOR, role="operator")
    world.do("role.grant", grantee="second", role="operator")
    world.do("role.revoke", "second", grantee=OPERATOR, role="operator")
    with refuses("not_permitted"):
        world.do("role.grant", grantee="third", role="operator")
