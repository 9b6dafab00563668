"""Approving: complete proof, a free slot over the whole interval, and the terms of consent."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.rules.policy import ClaimState
from schemas.claims import ClaimApproved
from schemas.time import from_iso
from schemas.values import ConsentMode
from tests.builders import refuses
from tests.claims import (
    CLOCK,
    CONTACT,
    Claims,
    admin,
    claim_in,
    claims,
    dynamics,
    for_dynamics,
    m365,
    proof,
)
from tests.ledger.commands.test_submit_claim import submitted


@pytest.fixture
def world() -> Claims:
    """A market under P2020."""
    return claims()


def reviewed(world: Claims, claim: str = "C-1", location: str = "101", **other: Any) -> None:
    """Submit a claim and take it up."""
    world.submit(claim, location, **other)
    world.review(claim)


def test_the_partner_holds_every_slot_from_the_approval_on(world: Claims) -> None:
    """And the window closes seven whole days later (domain.md §4.3)."""
    world.submit("C-1", "101", "exchange", "sharepoint")
    world.review("C-1")
    event = world.approve("C-1").event
    assert isinstance(event, ClaimApproved)
    assert event.slots == (m365("exchange"), m365("sharepoint"))
    assert event.consent_mode is ConsentMode.OPT_OUT_WINDOW
    assert str(event.consent_closes) == "2021-03-09 00:00:00+00:00"
    assert event.silence_confirms
    for workload in ("exchange", "sharepoint"):
        (holding,) = world.slot(workload).holdings
        assert (holding.claim, holding.since_us) == ("C-1", from_iso("2021-03-01T09:00:00Z"))


def test_under_p2023_the_customer_may_decline_at_any_time() -> None:
    """So there is no window that closes (domain.md §4.3)."""
    event = claims("P2023").approved("C-1").event
    assert isinstance(event, ClaimApproved)
    assert (event.consent_mode, event.consent_closes) == (ConsentMode.DECLINE_ANY_TIME, None)


@pytest.mark.parametrize("unreachable", ["contact", "bounce"])
def test_silence_does_not_confirm_where_the_notice_reached_nobody(
    world: Claims, unreachable: str
) -> None:
    """A contact in the partner's own domain, or a bounced notice (domain.md §14.1)."""
    own = CONTACT | {"email": "jana@partner-100.example"}
    reviewed(world, customer_contact=own if unreachable == "contact" else CONTACT)
    if unreachable == "bounce":
        world.do("consent.bounce", claim="C-1")
    event = world.approve("C-1").event
    assert isinstance(event, ClaimApproved)
    assert not event.silence_confirms
    world.at("2021-06-01T00:00:00Z")
    with refuses("not_due"):
        world.do("clock.lapse", CLOCK, claim="C-1", name="consent")


@pytest.mark.parametrize(
    "code, delivered",
    [
        ("proof_incomplete", proof(None)),
        ("proof_incomplete", proof("2021-02-15", "identities", "activities", "workloads")),
        ("proof_too_old", proof("2020-02-29")),
    ],
)
def test_a_proof_that_lacks_something_is_not_accepted(
    world: Claims, code: str, delivered: dict[str, Any]
) -> None:
    """Every element, and acknowledged within twelve months of submission (domain.md §3.4)."""
    reviewed(world, proof=delivered)
    with refuses(code):
        world.approve("C-1")


def test_an_acknowledgement_of_exactly_twelve_months_ago_is_fresh(world: Claims) -> None:
    """The limit itself is within it."""
    reviewed(world, proof=proof("2020-03-01"))
    world.approve("C-1")


def test_workloads_are_an_element_for_usage_only(world: Claims) -> None:
    """A pre-sales proof names none (domain.md §3.4)."""
    dynamics(world, "S-1")
    plain = proof("2021-02-15", "identities", "customer_acknowledgement", "activities")
    submitted(world, for_dynamics("C-1", "101", "S-1", activity="pre_sales", proof=plain))
    world.review("C-1")
    world.approve("C-1")


@pytest.mark.parametrize("country, asked", [("US", True), ("PR", True), ("CZ", False)])
def test_public_sector_customers_disclose_where_the_policy_says(
    world: Claims, country: str, asked: bool
) -> None:
    """US and Puerto Rico under P2020 (domain.md §3.4)."""
    tenant = "00000000-0000-4000-8000-0000000000ab"
    world.do(
        "customer.register",
        tenant=tenant,
        name="City",
        domains=["city.example"],
        country=country,
        public_sector=True,
    )
    reviewed(world, tenant=tenant, domain="city.example")
    if asked:
        with refuses("proof_incomplete") as caught:
            world.approve("C-1")
        assert "public_sector_disclosure" in str(caught.value)
        full = proof("2021-02-15", *proof()["elements"], "public_sector_disclosure")
        world.request("C-1")
        world.do("claim.resubmit", admin("101"), claim="C-1", proof=full)
        world.review("C-1")
    world.approve("C-1")


def test_a_contested_claim_is_not_plainly_approved(world: Claims) -> None:
    """Even where the rival was approved after the submission."""
    reviewed(world, "C-1", "101")
    reviewed(world, "C-2", "201")
    world.approve("C-2")
    with refuses("contested") as caught:
        world.approve("C-1")
    assert "arbitration.decide" in str(caught.value)


def test_a_slot_given_back_in_the_meantime_is_free(world: Claims) -> None:
    """Contested at submission does not mean contested for ever."""
    world.approved("C-1")
    world.challenged("C-2")
    world.give_back("C-1")
    world.approve("C-2")
    assert [holding.claim for holding in world.slot("exchange").holdings] == ["C-1", "C-2"]


def test_a_back_dated_approval_holds_from_its_date_with_a_reason(world: Claims) -> None:
    """Approved with the original date (domain.md §10, 6)."""
    reviewed(world)
    early = {"effective_at": "2021-01-15T00:00:00Z"}
    with refuses("reason_needed"):
        world.approve("C-1", **early)
    fact = world.approve("C-1", **early, back_dated_because="Disclosure came late.")
    assert fact.effective_at_us == from_iso("2021-01-15T00:00:00Z")
    assert world.slot("exchange").holdings[0].since_us == fact.effective_at_us


def test_a_future_approval_is_refused(world: Claims) -> None:
    """Nothing is decided ahead."""
    reviewed(world)
    with refuses("effective_in_future"):
        world.approve("C-1", effective_at="2021-03-01T09:00:01Z")


def test_a_back_dated_approval_may_not_overlap_an_older_holder(world: Claims) -> None:
    """Exclusivity is checked over the interval, not at the present moment (domain.md §14.12)."""
    world.approved("C-1")
    world.at("2021-03-20T00:00:00Z")
    world.give_back("C-1")
    world.at("2021-04-01T00:00:00Z")
    reviewed(world, "C-2", "201")
    early = {"back_dated_because": "Work began earlier."}
    with refuses("slot_was_held"):
        world.approve("C-2", effective_at="2021-03-19T23:59:59Z", **early)
    world.approve("C-2", effective_at="2021-03-20T00:00:00Z", **early)
    first, second = world.slot("exchange").holdings
    assert first.until_us == second.since_us == from_iso("2021-03-20T00:00:00Z")


def test_an_explicit_policy_takes_no_back_dating() -> None:
    """The holding begins with the customer's yes, not before (DESIGN §6)."""
    world = claim_in(ClaimState.UNDER_REVIEW, "EXPLICIT")
    with refuses("back_dating_not_allowed"):
        world.approve("C-1", effective_at="2021-01-15T00:00:00Z", back_dated_because="Earlier.")


def test_nothing_is_held_on_a_subscription_that_ended(world: Claims) -> None:
    """The association lives with the subscription (domain.md §4.4)."""
    dynamics(world, "S-1")
    submitted(world, for_dynamics("C-1", "101", "S-1"))
    world.review("C-1")
    world.do("subscription.end", subscription="S-1", reason="expired")
    with refuses("subscription_ended"):
        world.approve("C-1")
