"""The scope tree: access at a higher scope rolls down, wherever a subscription lies that day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.azure_scope import (
    Access,
    Level,
    Placement,
    groups_above,
    level,
    parents_at,
    roles_on,
)
from schemas.time import FOREVER_US

ROOT = "00000000-0000-4000-8000-0000000000c1"
GROUPS = "/providers/Microsoft.Management/managementGroups"
SUB = "/subscriptions/S-1"
SHOP = f"{SUB}/resourceGroups/shop"
VM = f"{SHOP}/providers/Microsoft.Compute/virtualMachines/web"

PLACED = [
    Placement(f"{GROUPS}/production", "all", 0, 1),
    Placement(SUB, "production", 10, 2),
    Placement(SUB, "retired", 20, 3),
]
"""S-1 lies under the root, from 10 on under production under all, from 20 on under retired."""


@pytest.mark.parametrize(
    "scope, found",
    [
        (f"{GROUPS}/all", Level.MANAGEMENT_GROUP),
        (SUB, Level.SUBSCRIPTION),
        (f"{SUB}/", Level.SUBSCRIPTION),
        (SHOP, Level.RESOURCE_GROUP),
        (SHOP.upper(), Level.RESOURCE_GROUP),
        (VM, Level.RESOURCE),
        (f"{VM}/extensions/one", Level.RESOURCE),
        (f"{SUB}/providers/Microsoft.Security/pricings/one", Level.RESOURCE),
        ("/", None),
        ("/subscriptions", None),
        (f"{SUB}/resourceGroups", None),
        (f"{GROUPS}/", None),
    ],
)
def test_a_path_tells_how_high_it_lies(scope: str, found: Level | None) -> None:
    """Management group over subscription over resource group over resource (domain.md §6)."""
    assert level(scope) is found


@pytest.mark.parametrize(
    "given_on, reaches",
    [
        (VM, {VM}),
        (SHOP, {VM, SHOP}),
        (SUB, {VM, SHOP, SUB}),
        (f"{GROUPS}/production", {VM, SHOP, SUB, f"{GROUPS}/production"}),
        (f"{GROUPS}/ALL", {VM, SHOP, SUB, f"{GROUPS}/production"}),
        (f"{GROUPS}/{ROOT}", {VM, SHOP, SUB, f"{GROUPS}/production"}),
        (f"{GROUPS}/retired", set()),
        (f"{SUB}-2", set()),
        (f"{SUB}/resourceGroups/sho", set()),
        (f"{SHOP}/providers/Microsoft.Compute/virtualMachines/we", set()),
    ],
)
def test_a_role_reaches_its_scope_and_what_lies_in_it(given_on: str, reaches: set[str]) -> None:
    """Nothing beside it, above it, or with a name that only begins alike."""
    access = Access("dev-1", "Owner", given_on, 0, FOREVER_US)
    scopes = (VM, SHOP, SUB, f"{GROUPS}/production")
    found = {
        scope for scope in scopes if roles_on([access], scope, 15, placements=PLACED, root=ROOT)
    }
    assert found == reaches


@pytest.mark.parametrize(
    "at_us, above",
    [(5, (ROOT,)), (10, ("production", "all", ROOT)), (20, ("retired", ROOT))],
)
def test_a_subscription_lies_where_it_was_placed_that_day(
    at_us: int, above: tuple[str, ...]
) -> None:
    """What moved takes no role of its old place along."""
    assert groups_above(VM, parents_at(PLACED, at_us), ROOT) == above


def test_of_two_facts_about_an_instant_the_later_learned_stands() -> None:
    """A correction at the same instant."""
    again = [*PLACED, Placement(SUB, "development", 10, 9)]
    assert groups_above(SUB, parents_at(again, 12), ROOT)[0] == "development"


def test_a_role_counts_from_its_first_instant_to_before_its_last() -> None:
    """As every interval of the ledger."""
    access = Access("dev-1", "Reader", SUB, 10, 20)
    found = [at for at in (9, 10, 19, 20) if roles_on([access], VM, at)]
    assert found == [10, 19]


def test_a_circle_learned_late_is_walked_once() -> None:
    """No command makes one at its own instant; facts out of order could at another."""
    circle = [Placement(f"{GROUPS}/one", "two", 0, 1), Placement(f"{GROUPS}/two", "one", 0, 2)]
    assert groups_above(f"{GROUPS}/one", parents_at(circle, 5), ROOT) == ("one", "two", ROOT)


_names = st.sampled_from(["one", "two", "three", "four"])
_children = _names.map(f"{GROUPS}/{{}}".format) | st.just(SUB)
_placements = st.lists(
    st.builds(Placement, _children, st.none() | _names, st.integers(0, 9), st.integers(1, 99)),
    max_size=12,
)


def _named_above(placed: list[Placement], scope: str, at_us: int) -> set[str]:
    """The groups above, by sorting all that was learned and following the last of each."""
    parent_of: dict[str, str | None] = {}
    for one in sorted(placed, key=lambda one: (one.at_us, one.position)):
        if one.at_us <= at_us:
            parent_of[one.child] = one.parent
    found, at = {ROOT}, scope if scope.startswith(GROUPS) else SUB
    if scope.startswith(GROUPS):
        found.add(scope.rpartition("/")[2])
    while (parent := parent_of.get(at)) is not None and parent not in found:
        found.add(parent)
        at = f"{GROUPS}/{parent}"
    return found


@given(_placements, st.sampled_from([VM, SHOP, SUB, f"{GROUPS}/one"]), st.integers(0, 9), _names)
def test_a_role_reaches_what_naming_each_scope_above_would_find(
    placed: list[Placement], scope: str, at_us: int, group: str
) -> None:
    """Whatever was placed where: a path's own parts, and the management groups above it."""
    parts = scope.split("/")
    above = (
        {"/".join(parts[:end]) for end in range(3, len(parts) + 1)} if "sub" in scope else {scope}
    )
    above |= {f"{GROUPS}/{name}" for name in _named_above(placed, scope, at_us)}
    for outer in (VM, SHOP, SUB, f"{GROUPS}/{group}", f"{GROUPS}/{ROOT}", f"{SUB}-2"):
        access = Access("dev-1", "Owner", outer, 0, FOREVER_US)
        reaches = roles_on([access], scope, at_us, placements=placed, root=ROOT)
        assert bool(reaches) == (outer in above)
