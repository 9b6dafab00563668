"""Review, the request for more, the answer and its deadline (domain.md §4.2, rows 3-6)."""

from __future__ import annotations

import pytest

from ledger.rules.policy import ClaimState
from schemas.claims import ClaimActionRequested, ClaimLapsed, ClaimResubmitted
from schemas.time import from_iso, to_us
from tests.builders import OPERATOR, refuses
from tests.claims import REVIEWER, Claims, admin, claim_in, claims, m365, proof

DUE = "2021-03-09T00:00:00Z"
"""Five business days after Monday 2021-03-01, in UTC."""
JUST_BEFORE = "2021-03-08T23:59:59.999999Z"


@pytest.fixture
def returned() -> Claims:
    """A market in which C-1 awaits its partner's answer since 2021-03-01."""
    return claim_in(ClaimState.PARTNER_ACTION_REQUIRED)


def answer(world: Claims) -> ClaimResubmitted:
    """The partner's answer."""
    event = world.do("claim.resubmit", admin("101"), claim="C-1", proof=proof("2021-03-01")).event
    assert isinstance(event, ClaimResubmitted)
    return event


def test_the_request_sets_the_deadline_by_business_days() -> None:
    """Five business days under P2020, fourteen under P2023."""
    dues = {}
    for policy in ("P2020", "P2023"):
        world = claims(policy)
        world.submit("C-1")
        world.review("C-1")
        event = world.request("C-1").event
        assert isinstance(event, ClaimActionRequested)
        dues[policy] = event.answer_due.isoformat()
    assert dues == {"P2020": "2021-03-09T00:00:00+00:00", "P2023": "2021-03-20T00:00:00+00:00"}


def test_an_answer_a_moment_before_the_deadline_is_in_time(returned: Claims) -> None:
    """And its proof replaces the earlier one."""
    returned.at(JUST_BEFORE)
    answer(returned)
    claim = returned.claim("C-1")
    assert claim.state is ClaimState.SUBMITTED
    assert str(claim.proof.acknowledged_on) == "2021-03-01"


@pytest.mark.parametrize("recorded", [False, True])
def test_an_answer_at_the_deadline_is_late(returned: Claims, recorded: bool) -> None:
    """Whether or not the lapse is recorded already (DESIGN §3)."""
    returned.at(DUE)
    if recorded:
        returned.lapse("C-1", "answer")
    with refuses("answer_late"):
        answer(returned)


def test_silence_until_the_deadline_rejects(returned: Claims) -> None:
    """The clock records it, effective at the deadline, disputable from then on."""
    returned.at("2021-03-15T12:00:00Z")
    fact = returned.lapse("C-1", "answer")
    assert isinstance(fact.event, ClaimLapsed)
    assert fact.effective_at_us == from_iso(DUE) == to_us(fact.event.due)
    assert fact.event.slots == (m365("exchange"),)
    assert str(fact.event.dispute_until) == "2021-04-08 00:00:00+00:00"
    assert returned.claim("C-1").state is ClaimState.REJECTED


def test_nothing_lapses_before_its_deadline(returned: Claims) -> None:
    """A lapse is recorded when it is due, not earlier."""
    returned.at(JUST_BEFORE)
    with refuses("not_due"):
        returned.lapse("C-1", "answer")


def test_only_the_clock_records_lapses(returned: Claims) -> None:
    """Not even the operator."""
    returned.at(DUE)
    with refuses("not_permitted"):
        returned.do("clock.lapse", OPERATOR, claim="C-1", name="answer")


@pytest.mark.parametrize("recorded", [False, True])
def test_an_answer_that_came_in_time_may_be_keyed_in_late(returned: Claims, recorded: bool) -> None:
    """It is judged by when it was received, and undoes a lapse recorded meanwhile (DESIGN §3)."""
    returned.at("2021-03-10T09:00:00Z")
    if recorded:
        returned.lapse("C-1", "answer")
    fact = returned.do(
        "claim.resubmit",
        OPERATOR,
        claim="C-1",
        proof=proof(),
        received_at="2021-03-08T12:00:00Z",
        comment="E-mail of 8 March, kept as ticket 17.",
    )
    assert fact.effective_at_us == from_iso("2021-03-08T12:00:00Z")
    claim = returned.claim("C-1")
    assert (claim.state, claim.asked) == (ClaimState.SUBMITTED, (m365("exchange"),))


def test_keying_in_late_needs_evidence_a_date_in_time_and_the_right(returned: Claims) -> None:
    """Without them everybody could answer in the past."""
    returned.at("2021-03-10T09:00:00Z")
    data = {"claim": "C-1", "proof": proof(), "comment": "E-mail."}
    with refuses("evidence_needed"):
        returned.do(
            "claim.resubmit",
            OPERATOR,
            claim="C-1",
            proof=proof(),
            received_at="2021-03-08T12:00:00Z",
        )
    with refuses("answer_late"):
        returned.do("claim.resubmit", OPERATOR, **data, received_at=DUE)
    with refuses("effective_in_future"):
        returned.do("claim.resubmit", OPERATOR, **data, received_at="2021-03-10T09:00:01Z")
    with refuses("not_permitted"):
        returned.do("claim.resubmit", admin("101"), **data, received_at="2021-03-08T12:00:00Z")


def test_a_lapsed_claim_does_not_come_back_beside_its_successor(returned: Claims) -> None:
    """The location already asked for the slot anew."""
    returned.at("2021-03-10T09:00:00Z")
    returned.lapse("C-1", "answer")
    returned.submit("C-2")
    with refuses("claimed_by_you"):
        returned.do(
            "claim.resubmit",
            OPERATOR,
            claim="C-1",
            proof=proof(),
            received_at="2021-03-08T12:00:00Z",
            comment="E-mail.",
        )


def test_a_deadline_beyond_the_calendar_is_refused() -> None:
    """Years whose holidays nobody knows are not guessed."""
    world = claims()
    world.do("calendar.adopt", builtin="CZ", zone="Europe/Prague", first_year=2019, last_year=2020)
    with refuses("calendar_ends"):
        world.submit("C-1")


@pytest.mark.parametrize("organisation", ["100", "200"])
def test_nobody_judges_a_claim_of_the_own_organisation_or_its_rival(organisation: str) -> None:
    """Separation of duties, for the holder's people too (domain.md §14.5)."""
    world = claims()
    world.approved("C-1", "201")
    world.submit("C-2", "101")
    world.do("role.grant", grantee="judge", role="reviewer", organisation=organisation)
    with refuses("own_interest"):
        world.do("claim.start_review", "judge", claim="C-2")


def test_a_rival_that_is_out_of_the_race_has_no_interest() -> None:
    """Its reviewer may judge again."""
    world = claims()
    world.submit("C-1", "201")
    world.review("C-1")
    world.reject("C-1")
    world.submit("C-2", "101")
    world.do("role.grant", grantee="judge", role="reviewer", organisation="200")
    world.do("claim.start_review", "judge", claim="C-2")


@pytest.mark.parametrize(
    "command, more",
    [
        ("claim.request_action", {"deficiencies": ["all_missing"], "comment": "Missing."}),
        ("claim.approve", {}),
        ("claim.reject", {"reason": "wrong_details", "comment": "Wrong."}),
        ("arbitration.decide", {"outcome": "incumbent_stays", "reason": "Compared."}),
    ],
)
def test_every_judgement_is_made_apart(command: str, more: dict[str, object]) -> None:
    """The rule holds for each step of a reviewer."""
    world = claim_in(ClaimState.UNDER_REVIEW)
    world.do("role.grant", grantee="judge", role="reviewer", organisation="100")
    with refuses("own_interest"):
        world.do(command, "judge", claim="C-1", **more)


def test_a_partner_is_no_reviewer() -> None:
    """Nobody approves the own claim by having filed it."""
    world = claim_in(ClaimState.SUBMITTED)
    with refuses("not_permitted"):
        world.do("claim.start_review", admin("101"), claim="C-1")


def test_every_step_names_a_claim_that_exists() -> None:
    """An unknown claim is named as such."""
    world = claims()
    with refuses("unknown_reference"):
        world.do("claim.start_review", REVIEWER, claim="C-9")
