"""The worked scenarios of domain.md §15 that claims decide alone, by number."""

from __future__ import annotations

from ledger.rules.policy import ClaimState, builtin
from schemas.claims import ClaimApproved, ClaimSubmitted
from schemas.consent import ConsentDeclined, ObjectionRecorded
from schemas.disputes import ArbitrationDecided
from schemas.time import from_iso
from tests.builders import refuses
from tests.claims import CUSTOMER, Claims, claims, dynamics, for_dynamics, m365, proof
from tests.ledger.commands.test_submit_claim import submitted

WON = "2023-11-20T10:00:00Z"


def test_s1_arbitration() -> None:
    """A holds until B wins, B from then; one event tags both; A is replaced, disputable 30 days."""
    world = claims("P2023", "2023-11-01T00:00:00Z")
    fresh = {"proof": proof("2023-10-15")}
    world.approved("C1", "101", "teams", **fresh)
    world.at("2023-11-06T09:00:00Z")
    event = world.submit("C2", "201", "teams", **fresh).event
    assert isinstance(event, ClaimSubmitted)
    assert [contest.holder_claim for contest in event.contested] == ["C1"]
    world.review("C2")
    decided = world.at(WON).arbitrate("C2", "challenger_wins").event
    assert isinstance(decided, ArbitrationDecided)
    assert {"claim:C1", "claim:C2", "partner:101", "partner:201"} <= set(decided.tags())
    assert str(decided.dispute_until) == "2023-12-20 10:00:00+00:00"
    slot, won_us = world.slot("teams"), from_iso(WON)
    before, after = slot.at(won_us - 1), slot.at(won_us)
    assert (before and before.claim, after and after.claim) == ("C1", "C2")
    assert slot.at(from_iso("2023-11-01T00:00:00Z")) == before
    assert world.claim("C1").state is ClaimState.REPLACED
    world.at("2023-12-20T09:59:59Z").dispute("C1")


def test_s1_the_same_on_a_subscription_under_p2020() -> None:
    """Refused: already claimed."""
    world = claims("P2020")
    dynamics(world, "S-1")
    submitted(world, for_dynamics("C1", "101", "S-1"))
    world.review("C1")
    world.approve("C1")
    with refuses("already_claimed"):
        submitted(world, for_dynamics("C2", "201", "S-1"))


def _approved_in_prague() -> Claims:
    """S2's claim, under P2020 with the window of five business days of the create page."""
    world = claims("P2020", "2021-03-20T00:00:00Z")
    world.do("calendar.adopt", builtin="CZ", zone="Europe/Prague", first_year=2019, last_year=2025)
    content = builtin("P2020") | {"policy": "P2020-CREATE-PAGE"}
    content["consent"] = content["consent"] | {"window": "5 business days"}
    world.do("policy.adopt", content=content, in_force_from="2021-03-01T00:00:00Z")
    world.submit("C1")
    world.review("C1")
    event = world.at("2021-03-26T23:30:00Z").approve("C1").event
    assert isinstance(event, ClaimApproved)
    assert str(event.consent_closes) == "2021-04-06 22:00:00+00:00"
    return world


def test_s2_a_decline_at_the_last_second_counts() -> None:
    """21:59:59Z is inside the window."""
    world = _approved_in_prague().at("2021-04-06T21:59:59Z")
    event = world.do("consent.decline", CUSTOMER, claim="C1").event
    assert isinstance(event, ConsentDeclined)
    assert world.slot("exchange").holdings == ()


def test_s2_a_decline_when_the_window_closes_is_late() -> None:
    """22:00:00Z is not."""
    world = _approved_in_prague().at("2021-04-06T22:00:00Z")
    event = world.do("consent.decline", CUSTOMER, claim="C1").event
    assert isinstance(event, ObjectionRecorded)
    assert world.slot("exchange").holder is not None
    assert m365("exchange") in world.claim("C1").held
