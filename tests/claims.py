"""Worlds with claims in them: a market under a policy, and the steps that lead to each state."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from functools import cache
from typing import Any

from ledger.decision import Fact
from ledger.decision_models.claim import CLAIM, Claim
from ledger.decision_models.policy import policy_of
from ledger.decision_models.slot import SLOT, SlotHistory
from ledger.refusal import Refused
from ledger.rules.policy import ClaimState
from schemas.disputes import ArbitrationOpened
from tests.builders import CONTOSO, World, market

ELEMENTS = ["identities", "customer_acknowledgement", "activities", "workloads"]
CONTACT = {"name": "Jana Nova", "title": "IT manager", "email": "jana@contoso.example"}
PARTNER_CONTACT = {"name": "Petr Maly", "email": "petr@partner.example"}
HOUR_US = 3_600_000_000
SUBMITTED_AT = "2021-03-01T09:00:00Z"
"""A Monday on which most of these worlds see their first claim."""

CLOCK = "clock"
REVIEWER = "reviewer"
CUSTOMER = "contoso-admin"


def proof(acknowledged_on: str | None = "2021-02-15", *elements: str) -> dict[str, Any]:
    """A proof of one document; complete unless elements are named."""
    return {
        "documents": [{"title": "Statement of work", "sha256": "ab" * 32}],
        "elements": list(elements or ELEMENTS),
        "acknowledged_on": acknowledged_on,
    }


def m365(workload: str) -> str:
    """The slot of a workload of Contoso."""
    return f"cpor:m365:{CONTOSO}:{workload}"


def submission(claim: str, location: str, *workloads: str, **other: Any) -> dict[str, Any]:
    """A complete submission for workloads of Contoso, some fields changed; None leaves one out."""
    data = {
        "claim": claim,
        "title": f"Contoso for {location}",
        "location": location,
        "tenant": CONTOSO,
        "domain": "contoso.example",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": list(workloads or ("exchange",)),
        "customer_contact": CONTACT,
        "partner_contact": PARTNER_CONTACT,
        "proof": proof(),
        "acknowledged": True,
    } | other
    return {name: value for name, value in data.items() if value is not None}


def dynamics(world: World, subscription: str, **other: Any) -> None:
    """Start a Dynamics 365 subscription of Contoso."""
    data = {
        "subscription": subscription,
        "tenant": CONTOSO,
        "product": "dynamics365",
        "offer": "Dynamics 365 Sales",
        "channel": "web_direct",
    }
    world.do("subscription.start", **(data | other))


def for_dynamics(claim: str, location: str, *subscriptions: str, **other: Any) -> dict[str, Any]:
    """A complete submission for Dynamics 365 subscriptions of Contoso."""
    given: dict[str, Any] = {
        "workloads": None,
        "subscriptions": list(subscriptions) or None,
        "solution_area": "business_applications",
        "customer_technical_contact": CONTACT,
    }
    return submission(claim, location, **(given | other))


def admin(location: str) -> str:
    """The incentive admin of a location."""
    return f"incentives-{location}"


class Claims(World):
    """A market with a policy in force and an incentive admin at each location."""

    def submit(self, claim: str, location: str = "101", *workloads: str, **other: Any) -> Fact:
        """Submit a claim as the location's incentive admin."""
        data = submission(claim, location, *workloads, **other)
        return self.do("claim.submit", admin(location), **data)

    def review(self, claim: str) -> Fact:
        """Take a claim up."""
        return self.do("claim.start_review", REVIEWER, claim=claim)

    def request(self, claim: str) -> Fact:
        """Ask for the customer's signature."""
        return self.do(
            "claim.request_action",
            REVIEWER,
            claim=claim,
            deficiencies=["acknowledgement_missing"],
            comment="No signature.",
        )

    def approve(self, claim: str, **other: Any) -> Fact:
        """Approve a claim under review."""
        return self.do("claim.approve", REVIEWER, claim=claim, **other)

    def reject(self, claim: str) -> Fact:
        """Reject a claim under review."""
        return self.do(
            "claim.reject",
            REVIEWER,
            claim=claim,
            reason="insufficient_proof",
            comment="Nothing shown.",
        )

    def dispute(self, claim: str, **other: Any) -> Fact:
        """Dispute a loss as the claim's own location."""
        actor = admin(self.claim(claim).location)
        return self.do("claim.dispute", actor, claim=claim, justification="See page 2.", **other)

    def told(self, challenger: str) -> None:
        """Tell the holders of what a claim asks for, and let each answer at once."""
        event = self.do("arbitration.open", REVIEWER, claim=challenger).event
        assert isinstance(event, ArbitrationOpened)
        for side in event.incumbents:
            actor = admin(side.location)
            self.do("arbitration.answer", actor, claim=side.claim, statement="We work there.")

    def arbitrate(self, challenger: str, outcome: str, **other: Any) -> Fact:
        """Decide between a challenger and the holder, who is told first where it may lose."""
        if outcome == "challenger_wins":
            with suppress(Refused):  # nobody to tell: the decision says what it makes of that
                self.told(challenger)
        return self.do(
            "arbitration.decide",
            REVIEWER,
            claim=challenger,
            outcome=outcome,
            reason="Compared.",
            **other,
        )

    def give_back(self, claim: str, *slots: str) -> Fact:
        """End what a claim holds as its partner wishes, in the way its policy knows (§4.2, 12)."""
        found = self.claim(claim)
        more: dict[str, Any] = {"claim": claim} | ({"slots": list(slots)} if slots else {})
        if policy_of(self, found.policy).ending.by_partner == "disassociate":
            who = admin(found.location)
            return self.do("claim.disassociate", who, reason="no_longer_working", **more)
        why = {"reason": "partner_request", "comment": "No longer working there."}
        return self.do("claim.reject", REVIEWER, **why, **more)

    def approved(self, claim: str, location: str = "101", *workloads: str, **other: Any) -> Fact:
        """Submit, review and approve a claim at once."""
        self.submit(claim, location, *workloads, **other)
        self.review(claim)
        return self.approve(claim)

    def challenged(self, claim: str, location: str = "201", *workloads: str) -> None:
        """An hour later, submit a claim for what another holds, and take it up."""
        self.now_us += HOUR_US
        self.submit(claim, location, *workloads)
        self.review(claim)

    def claim(self, claim: str) -> Claim:
        """A claim as the decisions see it."""
        found = self(CLAIM, claim)
        assert found is not None
        return found

    def slot(self, workload: str) -> SlotHistory:
        """The slot of a workload of Contoso as the decisions see it."""
        return self(SLOT, m365(workload))

    def lapse(self, claim: str, name: str) -> Fact:
        """Let the clock record a deadline."""
        return self.do("clock.lapse", CLOCK, claim=claim, name=name)


@cache
def _prepared(policy: str, at: str) -> Claims:
    world = Claims()
    world.now_us, world.facts = market().now_us, list(market().facts)
    for location in ("102", "201"):
        granter = f"admin-{location[0]}00"
        world.do(
            "role.grant",
            granter,
            grantee=admin(location),
            role="incentive_admin",
            location=location,
        )
    world.do("policy.adopt", builtin=policy, in_force_from="2019-10-01T00:00:00Z")
    world.at(at)
    return world


def claims(policy: str = "P2020", at: str = SUBMITTED_AT) -> Claims:
    """A fresh market in which a policy is in force, with no claim yet."""
    world = copy(_prepared(policy, at))
    world.facts = list(world.facts)
    return world


def claim_in(state: ClaimState, policy: str = "P2020") -> Claims:
    """A market in which claim C-1 of location 101 for Exchange is in a state.

    A claim that ended with its subscription is for Dynamics 365; a draft lacks nothing.
    """
    world = claims(policy)
    if state in (ClaimState.DRAFT, ClaimState.DISCARDED):
        world.do("claim.draft", admin("101"), **submission("C-1", "101"))
        if state is ClaimState.DISCARDED:
            world.do("claim.discard", admin("101"), claim="C-1")
        return world
    if state is ClaimState.ENDED:
        dynamics(world, "S-1", effective_at="2021-01-01T00:00:00Z")
        world.do("claim.submit", admin("101"), **for_dynamics("C-1", "101", "S-1"))
        world.review("C-1")
        world.approve("C-1")
        world.do("subscription.end", subscription="S-1", reason="expired")
        return world
    if state is ClaimState.REPLACED:
        world.approved("C-1")
        if policy == "EXPLICIT":
            world.do("consent.confirm", CUSTOMER, claim="C-1", how="portal")
        world.challenged("C-2")
        if policy == "EXPLICIT":
            world.do("consent.confirm", CUSTOMER, claim="C-2", how="portal")
        world.arbitrate("C-2", "challenger_wins")
        return world
    world.submit("C-1")
    for step in _STEPS[state]:
        getattr(world, step)("C-1")
    return world


_STEPS: dict[ClaimState, tuple[str, ...]] = {
    ClaimState.SUBMITTED: (),
    ClaimState.UNDER_REVIEW: ("review",),
    ClaimState.PARTNER_ACTION_REQUIRED: ("review", "request"),
    ClaimState.APPROVED: ("review", "approve"),
    ClaimState.REJECTED: ("review", "reject"),
    ClaimState.DISPUTE: ("review", "reject", "dispute"),
    ClaimState.REJECTED_FINAL: ("review", "reject", "dispute", "reject"),
}
