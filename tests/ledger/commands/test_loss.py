"""Rejection, dispute, giving back: what is lost, until when that is disputed, when it is final."""

from __future__ import annotations

import pytest

from ledger.decision_models.claim import SlotOutcome
from ledger.rules.policy import ClaimState, builtin
from schemas.claims import ClaimRejected
from schemas.disputes import ClaimDisputed
from schemas.subscriptions import SubscriptionEnded
from tests.builders import refuses
from tests.claims import Claims, admin, claim_in, claims, dynamics, for_dynamics, m365, proof
from tests.ledger.commands.test_submit_claim import submitted


@pytest.fixture
def world() -> Claims:
    """A market under P2020."""
    return claims()


def test_a_rejection_may_be_disputed_for_thirty_days() -> None:
    """To the same time of day, thirty days later (domain.md §4.2 row 9)."""
    world = claim_in(ClaimState.UNDER_REVIEW)
    event = world.reject("C-1").event
    assert isinstance(event, ClaimRejected)
    assert str(event.dispute_until) == "2021-03-31 09:00:00+00:00"
    world.at("2021-03-31T08:59:59.999999Z")
    world.dispute("C-1")


def test_a_dispute_after_thirty_days_is_late() -> None:
    """Then only a new claim helps (domain.md §4.2 row 11)."""
    world = claim_in(ClaimState.REJECTED)
    world.at("2021-03-31T09:00:00Z")
    with refuses("dispute_late"):
        world.dispute("C-1")


def test_a_lost_dispute_is_final() -> None:
    """The second loss ends it: no time to dispute is given, and none is taken (row 10)."""
    world = claim_in(ClaimState.DISPUTE)
    event = world.reject("C-1").event
    assert isinstance(event, ClaimRejected)
    assert event.dispute_until is None
    with refuses("loss_is_final"):
        world.dispute("C-1")


def test_a_policy_of_ones_own_may_allow_two_disputes(world: Claims) -> None:
    """The count is a parameter, not a constant."""
    content = builtin("P2020") | {"policy": "TWICE"}
    content["dispute"] = content["dispute"] | {"most": 2}
    world.do("policy.adopt", content=content, in_force_from="2021-01-01T00:00:00Z")
    world.submit("C-1")
    world.review("C-1")
    world.reject("C-1")
    world.dispute("C-1")
    world.reject("C-1")
    world.dispute("C-1")
    world.reject("C-1")
    with refuses("loss_is_final"):
        world.dispute("C-1")


def test_a_partly_lost_claim_is_disputed_as_often_as_the_policy_allows() -> None:
    """Also while it still holds something, its one dispute is one."""
    world = claims()
    world.approved("C-1", "101", "exchange", "teams")
    world.challenged("C-2", "201", "teams")
    world.arbitrate("C-2", "challenger_wins")
    world.dispute("C-1")
    world.arbitrate("C-1", "incumbent_stays")
    assert world.claim("C-1").state is ClaimState.APPROVED
    with refuses("loss_is_final"):
        world.dispute("C-1")


def test_a_won_dispute_holds_the_slot() -> None:
    """With a proof that came with it."""
    world = claims()
    world.submit("C-1", proof=proof(None))
    world.review("C-1")
    world.reject("C-1")
    event = world.dispute("C-1", proof=proof("2021-02-28")).event
    assert isinstance(event, ClaimDisputed)
    assert str(event.answer_due) == "2021-03-09 00:00:00+00:00"
    world.approve("C-1")
    assert world.slot("exchange").holder is not None


def test_a_disputed_slot_is_not_asked_for_twice_by_one_location() -> None:
    """A new claim and a dispute of the old one exclude each other."""
    world = claim_in(ClaimState.REJECTED)
    world.submit("C-2")
    with refuses("claimed_by_you"):
        world.dispute("C-1")


@pytest.mark.parametrize("policy", ["P2020", "P2023"])
def test_giving_back_ends_the_holding_for_good(policy: str) -> None:
    """From now on, with a reason, and not disputable (domain.md §4.2 row 12)."""
    world = claim_in(ClaimState.APPROVED, policy)
    world.at("2021-05-01T00:00:00Z")
    fact = world.give_back("C-1")
    (holding,) = world.slot("exchange").holdings
    assert holding.until_us == fact.effective_at_us
    assert world.claim("C-1").state is ClaimState.REJECTED_FINAL


def test_one_slot_of_several_can_be_given_back(world: Claims) -> None:
    """Each slot has its own outcome (DESIGN §6)."""
    world.approved("C-1", "101", "exchange", "teams")
    with refuses("not_held"):
        world.give_back("C-1", m365("yammer"))
    world.give_back("C-1", m365("teams"))
    claim = world.claim("C-1")
    assert claim.outcomes == (SlotOutcome.HELD, SlotOutcome.GIVEN_BACK)
    assert claim.state is ClaimState.APPROVED
    assert world.slot("teams").holder is None
    assert world.slot("exchange").holder is not None


def test_what_ended_with_its_subscription_is_not_given_back() -> None:
    """There is nothing left to give (domain.md §4.2 row 14)."""
    world = claims("P2023")
    dynamics(world, "S-1", effective_at="2021-01-01T00:00:00Z")
    submitted(world, for_dynamics("C-1", "101", "S-1"))
    world.review("C-1")
    world.approve("C-1")
    world.do("subscription.end", subscription="S-1", reason="expired")
    assert world.claim("C-1").state is ClaimState.ENDED
    with refuses("not_held"):
        world.give_back("C-1")


def test_proof_is_added_to_approved_claims_from_july_2020_on() -> None:
    """Before, what was accepted counts (domain.md §3.4)."""
    world = claims()
    world.approved("C-1")
    world.do("claim.add_proof", admin("101"), claim="C-1", proof=proof("2021-02-20"))
    assert str(world.claim("C-1").proof.acknowledged_on) == "2021-02-20"
    content = builtin("P2020") | {"policy": "LATER"}
    content["proof"] = content["proof"] | {"added_when_approved_from": "2021-07-01T00:00:00Z"}
    world.do("policy.adopt", content=content, in_force_from="2021-01-01T00:00:00Z")
    world.approved("C-2", "101", "teams")
    with refuses("proof_not_taken"):
        world.do("claim.add_proof", admin("101"), claim="C-2", proof=proof("2021-02-20"))


def test_an_added_proof_completes_the_earlier_one() -> None:
    """Elements add up, and the newest acknowledgement counts."""
    world = claims()
    world.submit("C-1", proof=proof(None, "identities", "activities", "workloads"))
    signed = proof("2021-02-01", "customer_acknowledgement")
    world.do("claim.add_proof", admin("101"), claim="C-1", proof=signed)
    world.review("C-1")
    world.approve("C-1")


def test_a_proof_dated_ahead_is_refused_wherever_it_comes_in() -> None:
    """Added, answered or disputed with."""
    ahead = proof("2021-03-05")
    for state, name, more in (
        (ClaimState.APPROVED, "claim.add_proof", {}),
        (ClaimState.PARTNER_ACTION_REQUIRED, "claim.resubmit", {}),
        (ClaimState.REJECTED, "claim.dispute", {"justification": "New proof."}),
    ):
        world = claim_in(state)
        with refuses("proof_dated_ahead"):
            world.do(name, admin("101"), claim="C-1", proof=ahead, **more)


@pytest.mark.parametrize("policy", ["P2020", "P2023", "EXPLICIT"])
def test_only_what_is_held_ends_with_the_subscription(policy: str) -> None:
    """What the claim asks for still waits for its reviewer; its other subscription goes on."""
    world = claims(policy)
    for subscription in ("S-1", "S-2", "S-3"):
        dynamics(world, subscription, effective_at="2021-01-01T00:00:00Z")
    slots = [f"cpor:bizapps:{subscription}:usage" for subscription in ("S-1", "S-2", "S-3")]
    submitted(world, for_dynamics("C-1", "101", "S-1", "S-2", "S-3"))
    world.review("C-1")
    world.approve("C-1", slots=slots[:2])
    fact = world.do("subscription.end", subscription="S-1", reason="expired")
    assert isinstance(fact.event, SubscriptionEnded)
    (ended,) = fact.event.claims or ()
    assert (ended.claim, bool(ended.consent_closes)) == ("C-1", policy == "P2020")
    held = SlotOutcome.AWAITING_CONSENT if policy == "EXPLICIT" else SlotOutcome.HELD
    claim = world.claim("C-1")
    assert claim.outcomes == (SlotOutcome.ENDED, held, SlotOutcome.ASKED)
    assert claim.state is ClaimState.UNDER_REVIEW
    world.do("subscription.end", subscription="S-3", reason="expired")
    with refuses("subscription_ended"):
        world.approve("C-1")
    world.reject("C-1")
    assert world.claim("C-1").state is ClaimState.APPROVED
