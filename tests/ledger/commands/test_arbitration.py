"""Arbitration of holder and challenger, and what a later no restores (domain.md §5; DESIGN §6)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.decision_models.claim import SlotOutcome
from ledger.rules.policy import ClaimState
from schemas.consent import ConsentDeclined, Restored
from schemas.disputes import ArbitrationDecided
from schemas.time import FOREVER_US, from_iso, from_us
from tests.builders import refuses
from tests.claims import CUSTOMER, HOUR_US, Claims, admin, claims, m365, proof


@pytest.fixture
def contested() -> Claims:
    """A market in which C-1 (101) holds Exchange since 1 March and C-2 (201) is under review."""
    world = claims()
    world.approved("C-1")
    world.challenged("C-2")
    return world.at("2021-03-05T10:00:00Z")


def decided(world: Claims, challenger: str, outcome: str, **other: Any) -> ArbitrationDecided:
    """The event of an arbitration."""
    event = world.arbitrate(challenger, outcome, **other).event
    assert isinstance(event, ArbitrationDecided)
    return event


def spans(world: Claims, workload: str = "exchange") -> list[tuple[str, str]]:
    """Who holds a slot, and whether still."""
    holdings = world.slot(workload).holdings
    return [(one.claim, "open" if one.until_us == FOREVER_US else "ended") for one in holdings]


def decline(world: Claims, claim: str) -> ConsentDeclined:
    """The customer's no inside the window."""
    event = world.do("consent.decline", CUSTOMER, claim=claim).event
    assert isinstance(event, ConsentDeclined)
    return event


def test_one_event_ends_the_loser_and_starts_the_winner(contested: Claims) -> None:
    """At one instant, with a consent window of the winner's own."""
    event = decided(contested, "C-2", "challenger_wins")
    first, second = contested.slot("exchange").holdings
    assert first.until_us == second.since_us == from_iso("2021-03-05T10:00:00Z")
    assert contested.claim("C-1").state is ClaimState.REPLACED
    assert contested.claim("C-2").state is ClaimState.APPROVED
    assert str(event.consent_closes) == "2021-03-13 00:00:00+00:00"


def test_the_event_compares_the_newest_proofs(contested: Claims) -> None:
    """Each side with the date its customer last acknowledged (domain.md §5, 4)."""
    contested.do("claim.add_proof", admin("101"), claim="C-1", proof=proof("2021-03-04"))
    event = decided(contested, "C-2", "incumbent_stays")
    (incumbent,) = event.incumbents
    assert (incumbent.claim, str(incumbent.acknowledged_on)) == ("C-1", "2021-03-04")
    assert (event.challenger.claim, str(event.challenger.acknowledged_on)) == (
        "C-2",
        "2021-02-15",
    )


def test_when_the_incumbent_stays_the_challenger_is_rejected(contested: Claims) -> None:
    """Disputable, and nothing moves."""
    event = decided(contested, "C-2", "incumbent_stays")
    assert event.dispute_until is not None
    assert spans(contested) == [("C-1", "open")]
    assert contested.claim("C-2").state is ClaimState.REJECTED
    assert contested.claim("C-1").state is ClaimState.APPROVED


def test_the_challenger_has_to_be_under_review() -> None:
    """Its details are checked first (domain.md §5, 2)."""
    world = claims()
    world.approved("C-1")
    world.submit("C-2", "201")
    with refuses("wrong_state"):
        world.arbitrate("C-2", "challenger_wins")


def test_a_winner_needs_a_complete_proof() -> None:
    """The newcomer's proof is checked before any comparison (domain.md §5, 2)."""
    world = claims()
    world.approved("C-1")
    world.now_us += HOUR_US
    world.submit("C-2", "201", proof=proof(None))
    world.review("C-2")
    with refuses("proof_incomplete"):
        world.arbitrate("C-2", "challenger_wins")


def test_a_back_dated_win_moves_the_holders_end_but_never_before_its_start(
    contested: Claims,
) -> None:
    """DESIGN §6: a start before the older holder's own start is refused."""
    with refuses("slot_was_held"):
        contested.arbitrate("C-2", "challenger_wins", effective_at="2021-03-01T08:59:59Z")
    contested.arbitrate("C-2", "challenger_wins", effective_at="2021-03-03T00:00:00Z")
    first, second = contested.slot("exchange").holdings
    assert first.until_us == second.since_us == from_iso("2021-03-03T00:00:00Z")


def test_a_winner_gets_the_free_slots_too_and_the_loser_keeps_the_others() -> None:
    """Each slot has its own outcome (DESIGN §6)."""
    world = claims()
    world.approved("C-1", "101", "exchange", "teams")
    world.challenged("C-2", "201", "teams", "yammer")
    event = decided(world, "C-2", "challenger_wins")
    assert event.slots == (m365("teams"), m365("yammer"))
    assert spans(world, "yammer") == [("C-2", "open")]
    assert spans(world, "exchange") == [("C-1", "open")]
    loser = world.claim("C-1")
    assert loser.outcomes == (SlotOutcome.HELD, SlotOutcome.REPLACED)
    assert loser.state is ClaimState.APPROVED


def test_a_challenger_that_lost_the_contested_slots_may_get_the_free_ones() -> None:
    """They are approved plainly afterwards."""
    world = claims()
    world.approved("C-1", "101", "teams")
    world.challenged("C-2", "201", "teams", "yammer")
    event = decided(world, "C-2", "incumbent_stays")
    assert event.slots == (m365("teams"),)
    assert world.claim("C-2").state is ClaimState.UNDER_REVIEW
    world.approve("C-2")
    assert world.claim("C-2").outcomes == (SlotOutcome.REJECTED, SlotOutcome.HELD)


def test_two_incumbents_can_fare_differently() -> None:
    """What the incumbent keeps is decided first, then the challenger wins the rest."""
    world = claims()
    world.approved("C-1", "101", "teams")
    world.approved("C-2", "102", "exchange")
    world.challenged("C-3", "201", "teams", "exchange")
    with refuses("not_asked"):
        world.arbitrate("C-3", "incumbent_stays", slots=[m365("yammer")])
    with pytest.raises(ValidationError):
        world.arbitrate("C-3", "challenger_wins", slots=[m365("teams")])
    event = decided(world, "C-3", "incumbent_stays", slots=[m365("teams")])
    assert [side.claim for side in event.incumbents] == ["C-1"]
    event = decided(world, "C-3", "challenger_wins")
    assert [side.claim for side in event.incumbents] == ["C-2"]
    assert (spans(world, "teams"), spans(world, "exchange")) == (
        [("C-1", "open")],
        [("C-2", "ended"), ("C-3", "open")],
    )


def test_the_loser_may_dispute_and_win_the_slot_back(contested: Claims) -> None:
    """The dispute is an arbitration with the roles exchanged (domain.md §5 (d))."""
    contested.arbitrate("C-2", "challenger_wins")
    contested.at("2021-03-20T00:00:00Z")
    contested.dispute("C-1")
    with refuses("contested"):
        contested.approve("C-1")
    contested.arbitrate("C-1", "challenger_wins")
    assert spans(contested) == [("C-1", "ended"), ("C-2", "ended"), ("C-1", "open")]


def test_a_dispute_lost_against_the_new_holder_is_final(contested: Claims) -> None:
    """The second loss (domain.md §4.2 row 10)."""
    contested.arbitrate("C-2", "challenger_wins")
    contested.dispute("C-1")
    event = decided(contested, "C-1", "incumbent_stays")
    assert event.dispute_until is None
    assert contested.claim("C-1").state is ClaimState.REJECTED_FINAL


def test_a_no_inside_the_window_restores_whom_the_claim_replaced(contested: Claims) -> None:
    """The vacated interval is the older holder's again, with no gap (DESIGN §6)."""
    contested.arbitrate("C-2", "challenger_wins")
    contested.at("2021-03-08T00:00:00Z")
    event = decline(contested, "C-2")
    closes = from_us(from_iso("2021-03-09T00:00:00Z"))
    assert event.restored == (Restored(slot=m365("exchange"), claim="C-1", consent_closes=closes),)
    (holding,) = contested.slot("exchange").holdings
    assert (holding.claim, holding.until_us) == ("C-1", FOREVER_US)
    claim = contested.claim("C-1")
    assert (claim.state, claim.outcomes) == (ClaimState.APPROVED, (SlotOutcome.HELD,))


def test_a_loser_in_dispute_is_restored_too(contested: Claims) -> None:
    """It is still entitled, and its dispute has become needless."""
    contested.arbitrate("C-2", "challenger_wins")
    contested.dispute("C-1")
    assert decline(contested, "C-2").restored
    assert contested.claim("C-1").state is ClaimState.APPROVED


def test_a_loser_that_lost_for_good_is_not_restored(contested: Claims) -> None:
    """It is no longer entitled: its dispute was lost."""
    contested.arbitrate("C-2", "challenger_wins")
    contested.dispute("C-1")
    contested.arbitrate("C-1", "incumbent_stays")
    assert decline(contested, "C-2").restored == ()
    assert spans(contested) == [("C-1", "ended")]


def test_a_loser_whose_own_customer_declined_is_not_restored(contested: Claims) -> None:
    """A no to both leaves the slot empty."""
    contested.arbitrate("C-2", "challenger_wins")
    assert decline(contested, "C-1").restored == ()
    assert decline(contested, "C-2").restored == ()
    assert spans(contested) == []


def test_after_a_third_has_won_nobody_is_restored(contested: Claims) -> None:
    """The no to the one in the middle empties its interval only (DESIGN §6)."""
    contested.arbitrate("C-2", "challenger_wins")
    contested.challenged("C-3", "102")
    contested.at("2021-03-06T00:00:00Z")
    contested.arbitrate("C-3", "challenger_wins")
    event = decline(contested, "C-2")
    assert (event.from_the_beginning, event.restored) == (True, ())
    assert spans(contested) == [("C-1", "ended"), ("C-3", "open")]
    assert contested.slot("exchange").at(from_iso("2021-03-05T12:00:00Z")) is None


def test_a_late_no_restores_nobody() -> None:
    """Under P2023 the holding ends from then on, and the slot is free."""
    world = claims("P2023")
    world.approved("C-1")
    world.challenged("C-2")
    world.arbitrate("C-2", "challenger_wins")
    world.at("2021-03-08T00:00:00Z")
    assert decline(world, "C-2").restored == ()
    assert spans(world) == [("C-1", "ended"), ("C-2", "ended")]


def test_a_no_to_a_dispute_leaves_what_had_ended_before() -> None:
    """The slot was vacated by the first no; the second is about nothing that is held."""
    world = claims("P2023")
    world.approved("C-1")
    world.challenged("C-2")
    world.arbitrate("C-2", "challenger_wins")
    world.at("2021-03-08T00:00:00Z")
    decline(world, "C-2")
    world.dispute("C-2")
    assert decline(world, "C-2").restored == ()
    assert spans(world) == [("C-1", "ended"), ("C-2", "ended")]
    assert world.claim("C-1").held == ()


def test_under_an_explicit_policy_the_winner_brings_the_customers_yes() -> None:
    """So that loser and winner still change at one instant."""
    world = claims("EXPLICIT")
    world.approved("C-1")
    world.do("consent.confirm", CUSTOMER, claim="C-1", how="portal")
    world.challenged("C-2")
    with refuses("customers_yes_first"):
        world.arbitrate("C-2", "challenger_wins")
    world.do("consent.confirm", CUSTOMER, claim="C-2", how="portal")
    world.arbitrate("C-2", "challenger_wins")
    assert spans(world) == [("C-1", "ended"), ("C-2", "open")]


def test_one_who_still_awaits_the_yes_can_be_replaced() -> None:
    """Having approval but no yes, it blocks nobody for ever."""
    world = claims("EXPLICIT")
    world.approved("C-1")
    world.challenged("C-2")
    world.do("consent.confirm", CUSTOMER, claim="C-2", how="portal")
    world.arbitrate("C-2", "challenger_wins")
    assert spans(world) == [("C-2", "open")]
    assert world.claim("C-1").state is ClaimState.REPLACED
    with refuses("wrong_state"):
        world.do("consent.confirm", CUSTOMER, claim="C-1", how="portal")


def test_the_holders_people_do_not_judge_the_challenger(contested: Claims) -> None:
    """Nor the challenger's (domain.md §14.5)."""
    for organisation in ("100", "200"):
        judge = f"judge-{organisation}"
        contested.do("role.grant", grantee=judge, role="reviewer", organisation=organisation)
        with refuses("own_interest"):
            contested.do(
                "arbitration.decide",
                judge,
                claim="C-2",
                outcome="incumbent_stays",
                reason="Ours.",
            )
