"""Consent: silence, yes, no in time and too late, bounced notices (domain.md §4.3, §14)."""

from __future__ import annotations

import pytest

from ledger.decision_models.claim import Consent, SlotOutcome
from ledger.rules.policy import ClaimState, builtin
from schemas.consent import ConsentConfirmed, ConsentDeclined, ConsentPassed, ObjectionRecorded
from schemas.time import from_iso, to_us
from tests.builders import OPERATOR, refuses
from tests.claims import CONTACT, CUSTOMER, REVIEWER, Claims, claim_in, claims, m365

CLOSES = "2021-03-09T00:00:00Z"
"""Seven whole days after the approval on 2021-03-01, in UTC."""
JUST_BEFORE = "2021-03-08T23:59:59.999999Z"


@pytest.fixture
def approved() -> Claims:
    """A market in which C-1 was approved on 2021-03-01 under P2020."""
    return claim_in(ClaimState.APPROVED)


def decline(world: Claims, claim: str = "C-1") -> ConsentDeclined | ObjectionRecorded:
    """The customer's no."""
    event = world.do("consent.decline", CUSTOMER, claim=claim, comment="Not them.").event
    assert isinstance(event, ConsentDeclined | ObjectionRecorded)
    return event


def confirm(world: Claims, claim: str = "C-1") -> ConsentConfirmed:
    """The customer's yes."""
    event = world.do("consent.confirm", CUSTOMER, claim=claim, how="in_person").event
    assert isinstance(event, ConsentConfirmed)
    return event


def test_silence_until_the_window_closes_confirms(approved: Claims) -> None:
    """The clock records it, effective when it closed (domain.md §4.2 row 8)."""
    approved.at("2021-03-12T00:00:00Z")
    fact = approved.lapse("C-1", "consent")
    assert isinstance(fact.event, ConsentPassed)
    assert fact.effective_at_us == from_iso(CLOSES) == to_us(fact.event.due)
    assert fact.event.slots == (m365("exchange"),)
    assert approved.claim("C-1").consent is Consent.PASSED


def test_the_window_does_not_close_early(approved: Claims) -> None:
    """Not a moment."""
    approved.at(JUST_BEFORE)
    with refuses("not_due"):
        approved.lapse("C-1", "consent")


def test_a_no_inside_the_window_undoes_the_holding(approved: Claims) -> None:
    """As of its beginning; the loss can be disputed like a rejection (DESIGN §6)."""
    approved.at(JUST_BEFORE)
    event = decline(approved)
    assert isinstance(event, ConsentDeclined)
    assert event.from_the_beginning
    assert event.dispute_until is not None
    assert approved.slot("exchange").holdings == ()
    assert approved.claim("C-1").outcomes == (SlotOutcome.DECLINED,)
    approved.dispute("C-1")


@pytest.mark.parametrize("recorded", [False, True])
def test_a_no_when_the_window_has_closed_is_recorded_without_effect(
    approved: Claims, recorded: bool
) -> None:
    """An hour late is late, recorded or not, and visible to audit (domain.md §14.11)."""
    approved.at(CLOSES)
    if recorded:
        approved.lapse("C-1", "consent")
    event = decline(approved)
    assert isinstance(event, ObjectionRecorded)
    assert to_us(event.window_closed) == from_iso(CLOSES)
    assert approved.slot("exchange").holder is not None
    assert approved.claim("C-1").state is ClaimState.APPROVED


def test_a_no_that_came_in_time_may_be_keyed_in_late(approved: Claims) -> None:
    """It is judged by when it was received, even after the silence was recorded (DESIGN §3)."""
    approved.at("2021-03-12T00:00:00Z")
    approved.lapse("C-1", "consent")
    fact = approved.do(
        "consent.decline",
        OPERATOR,
        claim="C-1",
        received_at=JUST_BEFORE,
        comment="E-mail of 8 March, kept as ticket 18.",
    )
    assert isinstance(fact.event, ConsentDeclined)
    assert fact.effective_at_us == from_iso(JUST_BEFORE)
    assert approved.slot("exchange").holdings == ()


def test_a_no_keyed_in_late_needs_evidence(approved: Claims) -> None:
    """Else anybody could say no in the past."""
    approved.at("2021-03-12T00:00:00Z")
    with refuses("evidence_needed"):
        approved.do("consent.decline", OPERATOR, claim="C-1", received_at=JUST_BEFORE)


def test_a_yes_settles_the_consent(approved: Claims) -> None:
    """No silence is awaited any more, and a later no is an objection."""
    approved.at("2021-03-02T00:00:00Z")
    assert confirm(approved).slots == (m365("exchange"),)
    with refuses("consent_settled"):
        confirm(approved)
    approved.at("2021-03-03T00:00:00Z")
    event = decline(approved)
    assert isinstance(event, ObjectionRecorded)
    assert to_us(event.window_closed) == from_iso("2021-03-02T00:00:00Z")


@pytest.mark.parametrize("recorded", [False, True])
def test_after_the_window_there_is_nothing_to_confirm(approved: Claims, recorded: bool) -> None:
    """Silence has confirmed, recorded or not."""
    approved.at(CLOSES)
    if recorded:
        approved.lapse("C-1", "consent")
    with refuses("consent_settled"):
        confirm(approved)
    with refuses("consent_settled"):
        approved.do("consent.bounce", claim="C-1")


def test_who_said_yes_is_sealed(approved: Claims) -> None:
    """A person's data enters no event in the clear (DESIGN §8)."""
    event = approved.do(
        "consent.confirm", CUSTOMER, claim="C-1", how="signature", given_by=CONTACT
    ).event
    assert isinstance(event, ConsentConfirmed)
    assert event.given_by is not None
    assert "jana" not in event.model_dump_json().lower()


@pytest.mark.parametrize("actor", ["fabrikam-admin", "incentives-101", "user-201"])
def test_only_the_customer_answers(approved: Claims, actor: str) -> None:
    """Neither another customer nor a partner; a reviewer records what came by other ways."""
    for name, more in (("consent.confirm", {"how": "portal"}), ("consent.decline", {})):
        with refuses("not_permitted"):
            approved.do(name, actor, claim="C-1", **more)
    approved.do("consent.confirm", REVIEWER, claim="C-1", how="in_person")


def test_after_a_bounce_only_the_customers_yes_confirms(approved: Claims) -> None:
    """And a no still undoes the holding, however late (domain.md §14.1)."""
    approved.do("consent.bounce", claim="C-1", comment="Mailbox unknown.")
    approved.at("2021-06-01T00:00:00Z")
    with refuses("not_due"):
        approved.lapse("C-1", "consent")
    event = decline(approved)
    assert isinstance(event, ConsentDeclined)
    assert event.from_the_beginning


def test_the_yes_after_a_bounce_settles(approved: Claims) -> None:
    """It was needed, and it came."""
    approved.do("consent.bounce", claim="C-1")
    approved.at("2021-06-01T00:00:00Z")
    confirm(approved)
    assert approved.claim("C-1").consent is Consent.CONFIRMED


def test_under_p2023_a_no_ends_the_holding_from_then_on() -> None:
    """At any time; what was before stays (DESIGN §6)."""
    world = claim_in(ClaimState.APPROVED, "P2023")
    world.at("2021-09-01T00:00:00Z")
    event = decline(world)
    assert isinstance(event, ConsentDeclined)
    assert not event.from_the_beginning
    (holding,) = world.slot("exchange").holdings
    assert holding.until_us == from_iso("2021-09-01T00:00:00Z")


@pytest.mark.parametrize(
    "state",
    [
        ClaimState.SUBMITTED,
        ClaimState.UNDER_REVIEW,
        ClaimState.PARTNER_ACTION_REQUIRED,
        ClaimState.DISPUTE,
    ],
)
def test_under_p2023_a_no_before_the_approval_rejects(state: ClaimState) -> None:
    """The notice goes out at submission, and the customer may decline at any time (§13.4)."""
    world = claim_in(state, "P2023")
    event = decline(world)
    assert isinstance(event, ConsentDeclined)
    assert event.from_the_beginning
    assert world.claim("C-1").asked == ()


def test_under_an_explicit_policy_the_holding_begins_with_the_yes() -> None:
    """Not with the approval (DESIGN §6)."""
    world = claim_in(ClaimState.APPROVED, "EXPLICIT")
    assert world.claim("C-1").outcomes == (SlotOutcome.AWAITING_CONSENT,)
    assert world.slot("exchange").holdings == ()
    world.at("2021-05-01T00:00:00Z")
    confirm(world)
    (holding,) = world.slot("exchange").holdings
    assert holding.since_us == from_iso("2021-05-01T00:00:00Z")
    assert world.claim("C-1").outcomes == (SlotOutcome.HELD,)


def test_an_approval_that_awaits_the_yes_keeps_rivals_waiting() -> None:
    """Else two customers' yeses could meet on one slot."""
    world = claim_in(ClaimState.APPROVED, "EXPLICIT")
    world.challenged("C-2")
    with refuses("contested"):
        world.approve("C-2")


def test_the_yes_may_come_before_the_approval_where_the_proof_comes_last() -> None:
    """Then the holding begins with the approval (domain.md §13.16)."""
    world = claim_in(ClaimState.UNDER_REVIEW, "EXPLICIT")
    confirm(world)
    world.at("2021-04-01T00:00:00Z")
    world.approve("C-1")
    (holding,) = world.slot("exchange").holdings
    assert holding.since_us == from_iso("2021-04-01T00:00:00Z")
    assert world.claim("C-1").consent is Consent.CONFIRMED


def test_a_no_instead_of_the_awaited_yes_leaves_no_trace_in_the_slot() -> None:
    """There was no holding yet; after the yes, a no ends it from then on."""
    world = claim_in(ClaimState.APPROVED, "EXPLICIT")
    decline(world)
    assert (world.slot("exchange").holdings, world.slot("exchange").awaiting) == ((), ())
    world = claim_in(ClaimState.APPROVED, "EXPLICIT")
    confirm(world)
    world.at("2021-05-01T00:00:00Z")
    event = decline(world)
    assert isinstance(event, ConsentDeclined)
    assert not event.from_the_beginning


def test_the_window_may_run_from_the_submission() -> None:
    """Its start is a parameter (domain.md §13.4)."""
    world = claims()
    content = builtin("P2020") | {"policy": "EARLY"}
    content["consent"] = content["consent"] | {"starts": "submission"}
    world.do("policy.adopt", content=content, in_force_from="2021-01-01T00:00:00Z")
    world.submit("C-1")
    world.at("2021-03-05T12:00:00Z")
    world.review("C-1")
    world.approve("C-1")
    world.at(CLOSES)
    world.lapse("C-1", "consent")
