"""Which policy is in force when: the latest start wins (domain.md §14.13-14)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.policy import POLICY, Policies
from ledger.rules.policy import builtin
from schemas.time import from_iso, iso
from tests.builders import World


def adopted(*starts: int) -> Policies:
    """Policies P-0, P-1, ... adopted in this order, each with its start in days of 2020."""
    world = World()
    for n, day in enumerate(starts):
        content = builtin("P2020") | {"policy": f"P-{n}"}
        start = iso(from_iso("2020-01-01T00:00:00Z") + day * 86_400_000_000)
        world.do("policy.adopt", content=content, in_force_from=start)
    return world(POLICY, "all")


def test_between_two_policies_the_older_stays_in_force() -> None:
    """P2020 until P2023 starts, in the gap that no source covers too (domain.md §14.14)."""
    world = World()
    world.do("policy.adopt", builtin="P2023")
    world.do("policy.adopt", builtin="P2020")
    policies = world(POLICY, "all")
    names = {
        at: (policy := policies.in_force(from_iso(at))) and policy.policy
        for at in (
            "2019-09-30T23:59:59Z",
            "2019-10-01T00:00:00Z",
            "2022-06-01T00:00:00Z",
            "2023-10-01T00:00:00Z",
        )
    }
    assert list(names.values()) == [None, "P2020", "P2020", "P2023"]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.integers(0, 6))
def test_the_latest_start_wins_then_the_latest_adoption(starts: list[int], day: int) -> None:
    """In whatever order they were adopted."""
    at_us = from_iso("2020-01-01T12:00:00Z") + day * 86_400_000_000
    policy = adopted(*starts).in_force(at_us)
    begun = [(start, n) for n, start in enumerate(starts) if start <= day]
    assert (policy and policy.policy) == (f"P-{max(begun)[1]}" if begun else None)


def test_a_policy_is_found_by_its_name_and_no_other() -> None:
    """Claims name the policy that judges them."""
    policies = adopted(1, 0)
    found = policies.named("P-1")
    assert found is not None
    assert found.policy == "P-1"
    assert policies.named("P-9") is None
