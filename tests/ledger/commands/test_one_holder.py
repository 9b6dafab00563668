"""Whatever anybody does in whatever order, a slot has one holder at every effective instant."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.claim import SlotOutcome
from ledger.rules.policy import BUILTIN
from schemas.time import FOREVER_US
from tests.claim_plans import WORKLOADS, Plan, plans, play
from tests.claims import Claims, m365


def _check(world: Claims) -> None:
    for workload in WORKLOADS:
        slot = world.slot(workload)
        for holding in slot.holdings:
            assert holding.since_us <= holding.until_us
            assert holding.since_us <= world.now_us
        for one, next_one in pairwise(slot.holdings):
            assert one.until_us <= next_one.since_us, "two holders at one instant"
        open_ones = [one for one in slot.holdings if one.until_us == FOREVER_US]
        assert len(open_ones) + len(slot.awaiting) <= 1
        _check_outcomes(world, workload)


def _check_outcomes(world: Claims, workload: str) -> None:
    """What the claims say became of the slot is what the slot says."""
    slot = world.slot(workload)
    known = {asker.claim for asker in slot.askers}
    outcomes = {claim: world.claim(claim).outcome(m365(workload)) for claim in known}
    held = [claim for claim, outcome in outcomes.items() if outcome is SlotOutcome.HELD]
    waits = [c for c, outcome in outcomes.items() if outcome is SlotOutcome.AWAITING_CONSENT]
    assert held == ([slot.holder.claim] if slot.holder else [])
    assert waits == list(slot.awaiting)


@given(st.sampled_from(BUILTIN), plans)
def test_a_slot_has_one_holder_at_every_instant(policy: str, plan: Plan) -> None:
    """Claims and slots agree about it after every step, and every deadline can be recorded."""
    for world in play(policy, plan):
        _check(world)
