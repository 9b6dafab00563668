"""Security groups and their members, and the scope tree of a tenant (domain.md §6, §6.2)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands import catalogue
from ledger.rules.azure_scope import DEEPEST
from schemas.associations import AzureRoleAssignedToGroup, AzureRoleRemovedFromGroup
from tests.builders import CONTOSO, OPERATOR, World, refuses
from tests.ledger.commands.estate import do_example, estate, example


@pytest.fixture
def world() -> World:
    """Contoso, the identity dev-1 of 101 and the group azure-managers of Contoso's directory."""
    world = estate("group.add_member")
    assert world.facts[-1].event.TYPE == "group.registered.v1"
    return world


def test_a_group_gets_and_loses_a_role_as_an_identity_does(world: World) -> None:
    """One command for both; the event says whose it is."""
    given = example("azure_role.assign", identity=None, group="azure-managers")
    assigned = world.do("azure_role.assign", OPERATOR, **given).event
    assert isinstance(assigned, AzureRoleAssignedToGroup)
    assert assigned.group == "azure-managers"
    removed = do_example(world, "azure_role.remove").event
    assert removed == AzureRoleRemovedFromGroup(
        assignment="RA-1", group="azure-managers", tenant=CONTOSO
    )
    with refuses("already_ended"):
        do_example(world, "azure_role.remove")


@pytest.mark.parametrize("who", [{}, {"identity": "dev-1", "group": "azure-managers"}])
def test_a_role_is_given_to_one(who: dict[str, str]) -> None:
    """An identity or a group, never both, never nobody."""
    data = example("azure_role.assign", identity=None) | who
    with pytest.raises(ValidationError, match="either identity or group"):
        catalogue.load("azure_role.assign").model_validate(data)


@pytest.mark.parametrize(
    "scope",
    [
        "/subscriptions/",
        "/subscriptions/S-1/resourceGroups",
        "/subscriptions//resourceGroups/shop",
        "/providers/Microsoft.Management/managementGroups/",
        "/providers/Microsoft.Management/managementGroups/one/two",
        "/somewhere",
    ],
)
def test_a_role_is_given_on_a_scope_of_the_tree(world: World, scope: str) -> None:
    """Anything else would roll down to nothing, silently."""
    with refuses("scope_unknown"):
        do_example(world, "azure_role.assign", scope=scope)


def test_group_and_member_must_exist(world: World) -> None:
    """Before a role or a membership names them."""
    with refuses("unknown_reference"):
        do_example(world, "azure_role.assign", identity=None, group="nobody")
    with refuses("unknown_reference"):
        do_example(world, "group.add_member", group="nobody")
    with refuses("unknown_reference"):
        do_example(world, "group.add_member", identity="nobody")


def test_a_member_joins_and_leaves_in_turn(world: World) -> None:
    """Twice is refused, and no change lies before the last one."""
    with refuses("not_a_member"):
        do_example(world, "group.remove_member")
    do_example(world, "group.add_member")
    with refuses("already_member"):
        do_example(world, "group.add_member")
    with refuses("effective_too_early"):
        do_example(world, "group.remove_member", effective_at="2020-08-31T00:00:00Z")
    do_example(world, "group.remove_member")
    with refuses("not_a_member"):
        do_example(world, "group.remove_member")


def place(world: World, **data: Any) -> None:
    """Place something in Contoso's tree."""
    world.do("scope.place", OPERATOR, tenant=CONTOSO, **data)


def test_a_subscription_moves_in_the_tree(world: World) -> None:
    """From one management group to another, or to the root; not to where it is."""
    place(world, subscription="S-1", parent="production")
    with refuses("already_placed"):
        place(world, subscription="S-1", parent="production")
    place(world, subscription="S-1", parent="retired")
    place(world, subscription="S-1")
    with refuses("already_placed"):
        place(world, subscription="S-1")


def test_a_management_group_never_lies_in_itself(world: World) -> None:
    """Neither directly nor by way of others."""
    with refuses("scope_in_itself"):
        place(world, management_group="one", parent="one")
    place(world, management_group="two", parent="one")
    place(world, management_group="three", parent="two")
    with refuses("scope_in_itself"):
        place(world, management_group="one", parent="three")


def test_a_tree_is_no_deeper_than_azure_allows(world: World) -> None:
    """So that every walk up it is short."""
    for depth in range(1, DEEPEST):
        place(world, management_group=f"mg-{depth + 1}", parent=f"mg-{depth}")
    place(world, subscription="S-1", parent=f"mg-{DEEPEST}")
    place(world, management_group="one-more", parent=f"mg-{DEEPEST}")
    with refuses("scope_too_deep"):
        place(world, subscription="S-2", parent="one-more")


@pytest.mark.parametrize("what", [{}, {"subscription": "S-1", "management_group": "one"}])
def test_one_thing_is_placed(what: dict[str, str]) -> None:
    """A subscription or a management group."""
    with pytest.raises(ValidationError, match="either subscription or management_group"):
        catalogue.load("scope.place").model_validate({"tenant": CONTOSO, **what})
