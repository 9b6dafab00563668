"""Submitting claims: what entry checks, which slots follow, what is contested (domain.md §3)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.submit_claim import SubmitClaim
from ledger.decision import Contact, Context
from ledger.refusal import Refused
from ledger.rules.policy import ClaimState, builtin
from schemas.claims import ClaimSubmitted
from schemas.time import from_iso
from schemas.values import Sealed
from tests.builders import FABRIKAM, World, market, refuses
from tests.claims import (
    CONTACT,
    Claims,
    admin,
    claims,
    dynamics,
    for_dynamics,
    m365,
    proof,
    submission,
)

REVENUE: dict[str, Any] = {
    "activity": "revenue",
    "solution_seller": {"name": "Sam Seller", "email": "sam@microsoft.example"},
    "customer_name": "Contoso",
    "isv_product": "Field Service Plus",
}
"""What a revenue association names besides (domain.md §3.1)."""


@pytest.fixture
def world() -> Claims:
    """A market under P2020."""
    return claims()


def submitted(world: World, data: dict[str, Any]) -> ClaimSubmitted:
    """The event of a submission by the location's incentive admin."""
    event = world.do("claim.submit", admin(data["location"]), **data).event
    assert isinstance(event, ClaimSubmitted)
    return event


def test_a_claim_asks_for_one_slot_a_workload(world: Claims) -> None:
    """Microsoft 365: (tenant, workload), in any spelling, without repeats (domain.md §3.2)."""
    event = submitted(world, submission("C-1", "101", "Exchange Online", "teams", "EXO"))
    assert [slot.slot for slot in event.slots] == [m365("exchange"), m365("teams")]
    assert [slot.workload for slot in event.slots] == ["exchange", "teams"]


def test_a_claim_asks_for_one_slot_a_subscription_and_activity(world: Claims) -> None:
    """Business Applications: the product is listed, not part of the key (DESIGN §6)."""
    dynamics(world, "S-1")
    event = submitted(world, for_dynamics("C-1", "101", "S-1", activity="pre_sales"))
    (slot,) = event.slots
    assert slot.slot == "cpor:bizapps:S-1:pre_sales"
    assert (slot.workload, slot.subscription) == ("dynamics365", "S-1")


def test_two_activities_on_one_subscription_are_two_slots(world: Claims) -> None:
    """Exclusivity is per activity (domain.md §3.2)."""
    dynamics(world, "S-1")
    submitted(world, for_dynamics("C-1", "101", "S-1", activity="usage"))
    event = submitted(world, for_dynamics("C-2", "201", "S-1", **REVENUE))
    assert event.contested == ()


def test_the_event_says_what_later_steps_need(world: Claims) -> None:
    """Policy, organisation and the promised day stand in the event (DESIGN §6)."""
    event = submitted(world, submission("C-1", "101"))
    assert (event.policy, event.organisation) == ("P2020", "100")
    assert not event.contact_in_partner_domain
    assert event.review_due.isoformat() == "2021-03-09T00:00:00+00:00"


def test_a_contact_below_the_partners_own_domain_is_marked(world: Claims) -> None:
    """Such a notice reaches nobody at the customer (domain.md §14.1)."""
    contact = CONTACT | {"email": "jana@cz.Partner-100.example"}
    assert submitted(
        world, submission("C-1", "101", customer_contact=contact)
    ).contact_in_partner_domain


def test_a_colleague_without_an_incentive_role_is_refused(world: Claims) -> None:
    """Not even the global admin has it by default (domain.md §2)."""
    with refuses("not_permitted"):
        world.do("claim.submit", "admin-100", **submission("C-1", "101"))


def test_an_incentive_user_of_another_location_is_refused(world: Claims) -> None:
    """The role is scoped to a location (domain.md §2)."""
    with refuses("not_permitted"):
        world.do("claim.submit", "user-102", **submission("C-1", "101"))


@pytest.mark.parametrize(
    "code, change",
    [
        ("unknown_reference", {"tenant": "00000000-0000-4000-8000-00000000dead"}),
        ("domain_mismatch", {"domain": "fabrikam.example"}),
        ("domain_needed", {"domain": None}),
        ("unknown_workload", {"workloads": ["skype"]}),
        ("wrong_grain", {"workloads": []}),
        ("wrong_grain", {"subscriptions": ["S-1"]}),
        ("activity_not_offered", {"activity": "revenue"}),
        ("proof_dated_ahead", {"proof": proof("2021-03-03")}),
    ],
)
def test_entry_refuses_what_can_not_be(world: Claims, code: str, change: dict[str, Any]) -> None:
    """Each entry rule of domain.md §3.1 and §4.2 row 1 has its own code."""
    data = submission("C-1", "101") | change
    with refuses(code):
        submitted(world, {name: value for name, value in data.items() if value is not None})


def test_an_unknown_location_is_refused(world: Claims) -> None:
    """A claim of nobody is no claim."""
    with refuses("unknown_reference"):
        world.do("claim.submit", admin("101"), **submission("C-1", "999"))


def test_the_acknowledgement_may_bear_the_date_of_the_furthest_east(world: Claims) -> None:
    """Where it is tomorrow already, a customer can sign tomorrow."""
    world.at("2021-03-01T10:00:00Z")
    submitted(world, submission("C-1", "101", proof=proof("2021-03-02")))


def test_a_claim_without_a_policy_in_force_is_refused() -> None:
    """No rule, no claim."""
    with refuses("no_policy"):
        market().do("claim.submit", "user-101", **submission("C-1", "101"))


def test_an_area_without_rules_is_refused(world: Claims) -> None:
    """A policy of one's own may leave an area out."""
    content = builtin("P2020") | {"policy": "ONLY-M365"}
    content["areas"] = {"microsoft_365": content["areas"]["microsoft_365"]}
    world.do("policy.adopt", content=content, in_force_from="2021-01-01T00:00:00Z")
    dynamics(world, "S-1")
    with refuses("area_not_offered"):
        submitted(world, for_dynamics("C-1", "101", "S-1"))


def test_a_partners_own_tenant_is_no_customer(world: Claims) -> None:
    """Detected by a domain that both have (domain.md §14.5)."""
    tenant = "00000000-0000-4000-8000-0000000000aa"
    world.do(
        "customer.register",
        tenant=tenant,
        name="Ourselves",
        domains=["partner-100.example"],
        country="CZ",
    )
    own = submission("C-1", "101", tenant=tenant, domain="partner-100.example")
    with refuses("partner_is_customer"):
        submitted(world, own)


def test_a_technical_contact_is_needed_for_business_applications_in_2020(world: Claims) -> None:
    """And no more in 2023 (domain.md §3.1)."""
    data = for_dynamics("C-1", "101", "S-1") | {"customer_technical_contact": None}
    data = {name: value for name, value in data.items() if value is not None}
    dynamics(world, "S-1")
    with refuses("technical_contact_needed"):
        submitted(world, data)
    newer = claims("P2023")
    dynamics(newer, "S-1", effective_at="2021-01-01T00:00:00Z")
    submitted(newer, data)


@pytest.mark.parametrize("domain", ["fabrikam.example", None])
def test_in_2023_the_domain_is_optional_but_checked(domain: str | None) -> None:
    """The create page drops it, the issues page keeps it (domain.md §4.2 row 1)."""
    world, data = claims("P2023"), submission("C-1", "101", domain=domain)
    if domain is None:
        submitted(world, data)
    else:
        with refuses("domain_mismatch"):
            submitted(world, data)


@pytest.mark.parametrize(
    "code, change",
    [
        ("csp_channel", {"channel": "csp_direct"}),
        ("csp_channel", {"channel": "csp_indirect", "indirect_reseller": "102"}),
        ("other_tenant", {"tenant": FABRIKAM}),
        ("not_dynamics", {"product": "azure"}),
    ],
)
def test_business_applications_check_the_subscription(
    world: Claims, code: str, change: dict[str, Any]
) -> None:
    """Not CSP, of the tenant, and of a product that is claimed so (domain.md §3.3)."""
    sold = {"transacting_partner": "201"} if "channel" in change else {}
    dynamics(world, "S-1", **(sold | change))
    with refuses(code):
        submitted(world, for_dynamics("C-1", "101", "S-1"))


def test_business_applications_need_a_known_subscription(world: Claims) -> None:
    """Named, and registered (domain.md §13.3)."""
    with refuses("wrong_grain"):
        submitted(world, for_dynamics("C-1", "101"))
    with refuses("not_a_subscription"):
        submitted(world, for_dynamics("C-1", "101", "S-9"))


def test_a_product_on_the_claim_is_one_of_its_subscriptions(world: Claims) -> None:
    """Products are listed, by slug or title; another one is a mistake."""
    dynamics(world, "S-1")
    submitted(world, for_dynamics("C-1", "101", "S-1") | {"workloads": ["Dynamics 365"]})
    with refuses("product_not_on_subscription"):
        submitted(world, for_dynamics("C-2", "201", "S-1") | {"workloads": ["power_platform"]})


def test_a_held_workload_may_be_claimed_and_is_contested(world: Claims) -> None:
    """Allowed, and leads to arbitration (domain.md §5, 1)."""
    world.approved("C-1", "101", "teams")
    event = submitted(world, submission("C-2", "201", "exchange", "teams"))
    (contest,) = event.contested
    assert (contest.slot, contest.holder_claim) == (m365("teams"), "C-1")


def test_a_pending_rival_does_not_make_a_claim_contested(world: Claims) -> None:
    """A slot has any number of pending challengers (DESIGN §6)."""
    world.submit("C-1")
    assert submitted(world, submission("C-2", "201")).contested == ()


def test_a_held_subscription_is_refused_in_2020_and_contested_in_2023() -> None:
    """Already claimed is an entry error of P2020 only; no rival is named (domain.md §5, §14.2)."""
    for policy in ("P2020", "P2023"):
        world = claims(policy)
        dynamics(world, "S-1", effective_at="2021-01-01T00:00:00Z")
        submitted(world, for_dynamics("C-1", "101", "S-1"))
        world.review("C-1")
        world.approve("C-1")
        if policy == "P2023":
            assert submitted(world, for_dynamics("C-2", "201", "S-1")).contested
            continue
        with refuses("already_claimed") as caught:
            submitted(world, for_dynamics("C-2", "201", "S-1"))
        assert "C-1" not in str(caught.value)


@pytest.mark.parametrize("state", [ClaimState.SUBMITTED, ClaimState.APPROVED])
def test_a_location_claims_a_slot_once(world: Claims, state: ClaimState) -> None:
    """Holding or pending, the same location asks for it no second time."""
    world.submit("C-1")
    if state is ClaimState.APPROVED:
        world.review("C-1")
        world.approve("C-1")
    with refuses("claimed_by_you"):
        world.submit("C-2", "101", "teams", "exchange")


def test_a_lost_slot_may_be_claimed_again(world: Claims) -> None:
    """After a rejection a new claim with updated proof is possible (domain.md §4.2 row 11)."""
    world.submit("C-1")
    world.review("C-1")
    world.reject("C-1")
    world.submit("C-2")


def test_another_location_of_the_organisation_may_challenge(world: Claims) -> None:
    """Two locations of one organisation are two partners here (domain.md §14.6)."""
    world.approved("C-1", "101")
    assert submitted(world, submission("C-2", "102")).contested


@pytest.mark.parametrize(
    "change",
    [
        {"customer_contact": {"name": "Jana", "email": "jana@contoso.example"}},
        {"customer_contact": CONTACT | {"email": "jana at contoso"}},
        {"partner_contact": {"name": " ", "email": "petr@partner.example"}},
    ],
)
def test_contacts_are_complete(world: Claims, change: dict[str, Any]) -> None:
    """All contact fields are needed (domain.md §4.2 row 2)."""
    with pytest.raises(ValidationError):
        submitted(world, submission("C-1", "101") | change)


def test_nobody_is_sealed_for_a_refused_claim(world: Claims) -> None:
    """A refusal leaves no key behind: sealing comes last (DESIGN §8)."""
    sealed: list[str] = []

    def seal(contact: Contact) -> Sealed:
        sealed.append(contact.email)
        return Sealed(key="k", box="QUJD")

    world.approved("C-1")
    context = Context(admin("101"), "c", from_iso("2021-03-01T09:00:00Z"), seal)
    again = SubmitClaim.model_validate(submission("C-2", "101"))
    with pytest.raises(Refused):
        again.decide(world, context)
    assert sealed == []
    SubmitClaim.model_validate(submission("C-2", "101", "teams")).decide(world, context)
    assert len(sealed) == 2


def test_the_policy_in_force_at_submission_judges_to_the_end(world: Claims) -> None:
    """A claim returned under one policy keeps it when the next is adopted (domain.md §14.13)."""
    world.submit("C-1")
    world.do("policy.adopt", builtin="P2023", in_force_from="2021-03-02T00:00:00Z")
    world.at("2021-03-03T09:00:00Z")
    world.submit("C-2", "101", "teams")
    due = {claim: world.review(claim).event for claim in ("C-1", "C-2")}
    assert {claim: str(event.decision_due)[:10] for claim, event in due.items()} == {  # type: ignore[attr-defined]
        "C-1": "2021-03-11",
        "C-2": "2021-03-24",
    }
