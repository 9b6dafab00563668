"""A consent window goes on for its slots, whatever happens to others of the claim (DESIGN §6)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.decision_models.arbitration import ARBITRATION
from ledger.decision_models.claim import CLAIM, Consent
from ledger.rules.policy import BUILTIN, ClaimState
from schemas.claims import ClaimActionRequested, ClaimLapsed, ClaimRejected
from schemas.consent import ConsentPassed
from schemas.disputes import ArbitrationDecided
from schemas.time import from_iso, from_us
from schemas.values import Deficiency
from tests.builders import CONTOSO
from tests.claim_plans import CLAIMS, Plan, plans, play
from tests.claims import CUSTOMER, Claims, claims, m365

CLOSES = "2021-03-09T00:00:00Z"
"""The end of the seventh whole day after the approval of C-1."""


@pytest.fixture
def windowed() -> Claims:
    """C-1 (101) holds Exchange and Teams since 1 March, in its consent window."""
    world = claims()
    world.approved("C-1", "101", "exchange", "teams")
    return world


def awaited(world: Claims) -> list[tuple[str, int]]:
    """The keys of the running timers and when they are due."""
    return [(timer.key, timer.due_us) for timer in world.running()]


def passes(world: Claims, *workloads: str) -> None:
    """The window of C-1 closes in silence, which confirms what it still holds."""
    assert ("consent:C-1", from_iso(CLOSES)) in awaited(world)
    if world.now_us < from_iso(CLOSES):
        world.at(CLOSES)
    fact = world.lapse("C-1", "consent")
    assert isinstance(fact.event, ConsentPassed)
    assert fact.event.slots == tuple(m365(workload) for workload in workloads)
    assert fact.effective_at_us == from_iso(CLOSES)
    assert world.claim("C-1").consent is Consent.PASSED
    assert "consent:C-1" not in dict(awaited(world))


def _loses_teams(world: Claims) -> ArbitrationDecided:
    world.challenged("C-2", "201", "teams")
    event = world.at("2021-03-05T10:00:00Z").arbitrate("C-2", "challenger_wins").event
    assert isinstance(event, ArbitrationDecided)
    return event


# Mostly under P2020, the one with windows; rare orders of steps matter here.
@given(st.just("P2020") | st.sampled_from(BUILTIN), plans)
@settings(max_examples=4 * settings().max_examples)
def test_exactly_what_is_awaited_has_a_timer(policy: str, plan: Plan) -> None:
    """A window, a partner's answer, the incumbents' answers; nothing else, at any time."""
    for world in play(policy, plan):
        expected = {}
        for name in CLAIMS:
            claim = world(CLAIM, name)
            if claim is None:
                continue
            if claim.in_window:
                expected[f"consent:{name}"] = claim.consent_closes_us
            if claim.state is ClaimState.PARTNER_ACTION_REQUIRED:
                expected[f"answer:{name}"] = claim.answer_due_us
            challenge = world(ARBITRATION, name).own
            if f"incumbent:{name}" in dict(awaited(world)):
                assert challenge is not None
                expected[f"incumbent:{name}"] = challenge.due_us
            elif challenge and challenge.awaited and claim.asked:
                rivals = [world.slot(slot.workload or "").occupants() for slot in claim.slots]
                told = {one for occupants in rivals for one in occupants}
                assert not told & {*challenge.awaited} or world.now_us >= challenge.due_us
        assert dict(awaited(world)) == expected


def test_giving_one_of_two_slots_back_leaves_the_window_of_the_other(windowed: Claims) -> None:
    """What is kept is confirmed by silence at the same instant as before."""
    event = windowed.give_back("C-1", m365("teams")).event
    assert isinstance(event, ClaimRejected)
    assert event.consent_closes == from_us(from_iso(CLOSES))
    passes(windowed, "exchange")


def test_giving_everything_back_ends_the_window(windowed: Claims) -> None:
    """No silence is awaited for nothing."""
    event = windowed.give_back("C-1").event
    assert isinstance(event, ClaimRejected)
    assert event.consent_closes is None
    assert awaited(windowed) == []


def test_losing_one_of_two_slots_leaves_the_window_of_the_other(windowed: Claims) -> None:
    """The loser's window goes on beside the winner's own."""
    (loser,) = _loses_teams(windowed).incumbents
    assert loser.consent_closes == from_us(from_iso(CLOSES))
    assert [key for key, _ in awaited(windowed)] == ["consent:C-1", "consent:C-2"]
    passes(windowed, "exchange")


def test_an_incumbent_that_stays_keeps_its_window(windowed: Claims) -> None:
    """Nothing about it changed."""
    windowed.challenged("C-2", "201", "teams")
    windowed.arbitrate("C-2", "incumbent_stays")
    passes(windowed, "exchange", "teams")


def test_a_restored_claim_is_in_its_window_again(windowed: Claims) -> None:
    """Both slots, when the customer declines the winner in time."""
    _loses_teams(windowed)
    windowed.do("consent.decline", CUSTOMER, claim="C-2")
    passes(windowed, "exchange", "teams")


def test_a_claim_restored_after_its_window_is_confirmed_as_of_its_close() -> None:
    """Nobody was asked meanwhile, so the lapse is due at once; the deadline judges."""
    world = claims()
    world.approved("C-1")
    world.challenged("C-2")
    world.at("2021-03-05T10:00:00Z").arbitrate("C-2", "challenger_wins")
    assert [key for key, _ in awaited(world)] == ["consent:C-2"]
    world.at("2021-03-10T10:00:00Z").do("consent.decline", CUSTOMER, claim="C-2")
    passes(world, "exchange")


def test_a_claim_restored_after_silence_confirmed_it_awaits_nothing(windowed: Claims) -> None:
    """Its consent is not asked for twice."""
    _loses_teams(windowed)
    passes(windowed, "exchange")
    windowed.at("2021-03-10T10:00:00Z").do("consent.decline", CUSTOMER, claim="C-2")
    assert windowed.claim("C-1").held == (m365("exchange"), m365("teams"))
    assert awaited(windowed) == []


def test_a_dispute_lost_about_one_slot_leaves_the_window_of_the_other(windowed: Claims) -> None:
    """The rejection is about what was asked for again."""
    _loses_teams(windowed)
    windowed.dispute("C-1")
    windowed.reject("C-1")
    passes(windowed, "exchange")


def test_an_answer_and_a_silence_can_be_awaited_at_once(windowed: Claims) -> None:
    """Each has its own deadline, and neither lapse ends the other's wait."""
    _loses_teams(windowed)
    windowed.dispute("C-1")
    due = from_us(from_iso("2021-03-08T00:00:00Z"))
    about = {"claim": "C-1", "tenant": CONTOSO, "location": "101", "comment": "More."}
    asks = ClaimActionRequested(deficiencies=(Deficiency.ALL_MISSING,), answer_due=due, **about)
    windowed.record(asks)
    assert {"answer:C-1", "consent:C-1"} <= set(dict(awaited(windowed)))
    windowed.at("2021-03-08T00:00:00Z")
    lapsed = windowed.lapse("C-1", "answer").event
    assert isinstance(lapsed, ClaimLapsed)
    assert lapsed.slots == (m365("teams"),)
    passes(windowed, "exchange")


def test_a_bounce_leaves_the_partners_time_to_answer() -> None:
    """The customer was not reached; what the reviewer asked the partner for stands."""
    world = claims()
    world.submit("C-1")
    world.review("C-1")
    world.request("C-1")
    before = awaited(world)
    world.do("consent.bounce", claim="C-1")
    assert awaited(world) == before != []
