"""The claim's fold: states never change in place, and follow from what became of the slots."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.claim import CLAIM, Delivered, SlotOutcome
from ledger.rules.policy import ClaimState
from schemas.values import Document, Proof, ProofElement
from tests.claims import admin, claim_in, claims, m365

OUTCOMES = st.lists(st.sampled_from(SlotOutcome), min_size=1, max_size=4)


def test_a_fold_leaves_the_earlier_state_as_it_was() -> None:
    """Warm states may be kept and compared (ledger/decision.py)."""
    world = claims()
    world.submit("C-1")
    before = world.claim("C-1")
    copy = before._replace()
    world.review("C-1")
    world.approve("C-1")
    assert before == copy
    assert world.claim("C-1") != before


def test_a_claim_begins_with_its_submission() -> None:
    """Before it there is none."""
    assert claims()(CLAIM, "C-1") is None


def test_the_latest_event_is_what_led_to_the_next() -> None:
    """Each step names the event before it as its cause."""
    world = claim_in(ClaimState.SUBMITTED)
    decision = world.decide("claim.start_review", "reviewer", claim="C-1")
    assert decision.causation == world.claim("C-1").position == len(world.facts)


@given(OUTCOMES)
def test_the_state_follows_from_what_became_of_the_slots(outcomes: list[SlotOutcome]) -> None:
    """Asked keeps it pending, held keeps it approved, else it is at its end."""
    world = claims()
    world.submit("C-1", "101", *("exchange", "teams", "yammer", "intune")[: len(outcomes)])
    claim = world.claim("C-1")
    for slot, outcome in zip(claim.slots, outcomes, strict=True):
        claim = claim.turned((slot.slot,), outcome, ClaimState.REJECTED)
    held = {SlotOutcome.HELD, SlotOutcome.AWAITING_CONSENT}
    if SlotOutcome.ASKED in outcomes:
        assert claim.state is ClaimState.SUBMITTED
    elif held.intersection(outcomes):
        assert claim.state is ClaimState.APPROVED
    else:
        assert claim.state is ClaimState.REJECTED
    over = (SlotOutcome.GIVEN_BACK, SlotOutcome.WITHDRAWN, SlotOutcome.ENDED, SlotOutcome.MOVED)
    parts = claim.asked + claim.held + claim.lost + claim.names(*over)
    assert sorted(parts) == sorted(slot.slot for slot in claim.slots)


def test_a_slot_never_asked_for_has_no_outcome() -> None:
    """Not even a negative one."""
    world = claim_in(ClaimState.APPROVED)
    assert world.claim("C-1").outcome(m365("teams")) is None


days = st.none() | st.dates(date(2020, 1, 1), date(2021, 1, 1))


@given(st.lists(days, min_size=1, max_size=5))
def test_the_newest_acknowledgement_counts_in_whatever_order_it_came(
    dates: list[date | None],
) -> None:
    """The most recent proof is what is compared (domain.md §5, 4)."""
    document = Document(title="Statement", sha256="ab" * 32)
    proofs = [
        Proof(documents=(document,), elements=(ProofElement.ACTIVITIES,), acknowledged_on=day)
        for day in dates
    ]
    delivered = Delivered.of(proofs[0])
    for proof in proofs[1:]:
        delivered = delivered.and_also(proof)
    assert delivered.acknowledged_on == max((day for day in dates if day), default=None)
    assert delivered.documents == len(dates)


def test_an_answer_replaces_the_proof_and_a_new_one_adds_to_it() -> None:
    """Resubmitted is whole by itself; added is beside (domain.md §3.4, §4.2 row 5)."""
    world = claim_in(ClaimState.PARTNER_ACTION_REQUIRED)
    alone = {
        "documents": [{"title": "Letter", "sha256": "cd" * 32}],
        "elements": ["identities"],
    }
    world.do("claim.resubmit", admin("101"), claim="C-1", proof=alone)
    assert world.claim("C-1").proof == Delivered(frozenset({ProofElement.IDENTITIES}), None, 1)
