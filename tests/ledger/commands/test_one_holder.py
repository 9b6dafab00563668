"""Whatever anybody does in whatever order, a slot has one holder at every effective instant."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.claim import SlotOutcome
from ledger.refusal import Refused
from schemas.time import FOREVER_US, iso
from tests.claims import CLOCK, CUSTOMER, REVIEWER, Claims, admin, claims, m365, proof

HOUR_US = 3_600_000_000
WORKLOADS = ("exchange", "teams")
CLAIMS = ("C-1", "C-2", "C-3", "C-4")
LOCATION = {"C-1": "101", "C-2": "201", "C-3": "102", "C-4": "201"}

Step = tuple[str, str, dict[str, Any]]


def _on(name: str, actor: str, /, **more: Any) -> st.SearchStrategy[Step]:
    return st.sampled_from(CLAIMS).map(lambda claim: (name, actor, {"claim": claim, **more}))


def _as_partner(name: str, /, **more: Any) -> st.SearchStrategy[Step]:
    return st.sampled_from(CLAIMS).map(
        lambda claim: (name, admin(LOCATION[claim]), {"claim": claim, **more})
    )


_slots = st.sampled_from([["exchange"], ["teams"], ["exchange", "teams"]])
_back = st.sampled_from([None, None, None, 1, 24, 24 * 20])

_contest = st.one_of(
    st.tuples(st.just("approve"), st.sampled_from(CLAIMS), _back.map(lambda h: {"back": h})),
    st.tuples(st.just("win"), st.sampled_from(CLAIMS), _back.map(lambda h: {"back": h})),
    _as_partner("claim.dispute", justification="See page 2."),
    _on("consent.decline", CUSTOMER),
    _on("consent.confirm", CUSTOMER, how="portal"),
)
"""The steps by which holders come and go: drawn as often as all others together."""

_others = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(CLAIMS), _slots.map(lambda w: {"workloads": w})),
    _on("claim.start_review", REVIEWER),
    _on("arbitration.decide", REVIEWER, outcome="incumbent_stays", reason="Compared."),
    _on("claim.reject", REVIEWER, reason="wrong_details", comment="Wrong."),
    _on("claim.request_action", REVIEWER, deficiencies=["all_missing"], comment="More."),
    _as_partner("claim.resubmit", proof=proof()),
    _as_partner("claim.disassociate", reason="no_longer_working"),
    _on("consent.bounce", REVIEWER),
    _on("clock.lapse", CLOCK, name="consent"),
    _on("clock.lapse", CLOCK, name="answer"),
)

steps = st.booleans().flatmap(lambda contest: _contest if contest else _others)


def _take(world: Claims, step: Step) -> None:
    name, who, data = step
    if name == "submit":
        world.submit(who, LOCATION[who], *data["workloads"])
        world.review(who)
    elif name in ("approve", "win"):
        _decide(world, name, who, data["back"])
    else:
        world.do(name, who, **data)


def _decide(world: Claims, name: str, claim: str, hours_back: int | None) -> None:
    early: dict[str, Any] = {}
    if hours_back is not None:
        early["effective_at"] = iso(world.now_us - hours_back * HOUR_US)
    if name == "win":
        world.arbitrate(claim, "challenger_wins", **early)
    else:
        because = {"back_dated_because": "Earlier work."} if early else {}
        world.approve(claim, **early, **because)


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


@given(
    st.sampled_from(["P2020", "P2023", "EXPLICIT"]),
    st.lists(st.tuples(st.sampled_from([0, 0, 1, 30, 24 * 9]), steps), min_size=12, max_size=30),
)
def test_a_slot_has_one_holder_at_every_instant(policy: str, plan: list[tuple[int, Step]]) -> None:
    """And claims and slots agree about who holds what, after every step."""
    world = claims(policy)
    for claim in CLAIMS[:3]:
        world.submit(claim, LOCATION[claim], *WORKLOADS)
        world.review(claim)
    world.approve("C-1")
    for hours, step in plan:
        world.now_us += hours * HOUR_US
        try:
            _take(world, step)
        except Refused:
            continue
        _check(world)
