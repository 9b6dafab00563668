"""Which claim policies were adopted, and which is in force when (DESIGN §5; domain.md §14)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import orjson

from ledger.decision import Fact, Facts, Model
from ledger.rules import policy as rules
from ledger.rules.policy import Policy
from schemas.governance import PolicyAdopted
from schemas.time import to_us


class Adoption(NamedTuple):
    """A policy from the instant on from which it is in force (microseconds UTC)."""

    from_us: int
    position: int
    policy: Policy


class Policies(NamedTuple):
    """Every adopted policy, in the order of coming into force."""

    adopted: tuple[Adoption, ...] = ()

    def in_force(self, at_us: int) -> Policy | None:
        """The policy in force at an instant: the latest start wins, then the latest adoption."""
        for adoption in reversed(self.adopted):
            if adoption.from_us <= at_us:
                return adoption.policy
        return None

    def named(self, name: str) -> Policy | None:
        """The adopted policy of that name."""
        return next((entry.policy for entry in self.adopted if entry.policy.policy == name), None)


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> Policy:
    return rules.parse(orjson.loads(content))


def _apply(state: Policies, fact: Fact) -> Policies:
    event = fact.event
    assert isinstance(event, PolicyAdopted)
    parsed = _parsed(orjson.dumps(event.content, option=orjson.OPT_SORT_KEYS))
    adoption = Adoption(to_us(event.in_force_from), fact.position, parsed)
    return Policies(tuple(sorted((*state.adopted, adoption), key=lambda entry: entry[:2])))


POLICY = Model(
    name="policy", tag="policies", types=(PolicyAdopted,), start=Policies(), apply=_apply
)
"""Every adopted policy; key: ``all``."""


def policy_of(facts: Facts, name: str) -> Policy:
    """The policy a claim was submitted under, which decides to the claim's end."""
    policy = facts(POLICY, "all").named(name)
    assert policy is not None, f"a claim names the policy {name}, which was never adopted"
    return policy
