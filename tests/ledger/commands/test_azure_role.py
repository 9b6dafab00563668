"""Azure role assignments: given and taken by the customer, or recorded by the operator."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.assign_azure_role import AssignAzureRole
from ledger.decision_models.identity import ASSIGNMENT
from schemas.associations import AzureRoleAssigned, AzureRoleRemoved
from schemas.time import from_iso
from tests.builders import CONTOSO, FABRIKAM, OPERATOR, refuses
from tests.ledger.commands.estate import do_example, estate, example


@pytest.mark.parametrize("actor", [OPERATOR, "own-customer_admin"])
def test_a_role_is_assigned_on_a_scope_and_removed(actor: str) -> None:
    """The removal needs the assignment only; identity and tenant follow from it."""
    world = estate("azure_role.assign")
    assigned = world.do("azure_role.assign", actor, **example("azure_role.assign")).event
    assert isinstance(assigned, AzureRoleAssigned)
    assert (assigned.role, assigned.scope) == (
        "Contributor",
        "/subscriptions/S-3/resourceGroups/shop",
    )
    removed = world.do("azure_role.remove", actor, **example("azure_role.remove")).event
    assert removed == AzureRoleRemoved(assignment="RA-1", identity="dev-1", tenant=CONTOSO)
    state = world(ASSIGNMENT, "RA-1")
    assert state is not None
    assert state.removed_us == from_iso("2021-03-01T00:00:00Z")


@pytest.mark.parametrize(
    "other", [{"identity": "dev-9"}, {"tenant": FABRIKAM}], ids=["identity", "tenant"]
)
def test_what_an_assignment_names_must_exist(other: dict[str, Any]) -> None:
    """Identity and customer are references."""
    with refuses("unknown_reference"):
        do_example(estate("azure_role.assign"), "azure_role.assign", **other)


def test_an_assignment_is_made_once_and_removed_once() -> None:
    """A used id, an unknown one and a second removal are refused."""
    world = estate("azure_role.assign")
    with refuses("unknown_reference"):
        do_example(world, "azure_role.remove")
    do_example(world, "azure_role.assign")
    with refuses("already_exists"):
        do_example(world, "azure_role.assign")
    do_example(world, "azure_role.remove")
    with refuses("already_ended"):
        do_example(world, "azure_role.remove")


def test_an_identity_may_have_several_roles() -> None:
    """Contributor on one resource group and Reader on another are two assignments."""
    world = estate("azure_role.remove")
    do_example(
        world,
        "azure_role.assign",
        assignment="RA-2",
        role="Reader",
        scope="/subscriptions/S-3/resourceGroups/billing",
    )
    assert world(ASSIGNMENT, "RA-1") != world(ASSIGNMENT, "RA-2")


@pytest.mark.parametrize("scope", ["shop", "", "/a b"])
def test_a_scope_is_an_azure_path(scope: str) -> None:
    """Anything else is bad input."""
    with pytest.raises(ValidationError):
        AssignAzureRole.model_validate(example("azure_role.assign", scope=scope))
