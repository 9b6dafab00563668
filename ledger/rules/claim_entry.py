"""What is checked when a claim is entered, by the policy that will judge it (domain.md §3)."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.decision import Facts
from ledger.decision_models.customer import Customer
from ledger.decision_models.partner import Organisation
from ledger.decision_models.policy import POLICY
from ledger.refusal import Refused
from ledger.rules.claim_fields import FilledClaim
from ledger.rules.exclusivity import Reach, occupied
from ledger.rules.policy import Area, Policy
from schemas.claims import Contest
from schemas.time import iso
from schemas.values import Slot, SolutionArea


def policy_now(facts: Facts, now_us: int) -> Policy:
    """The policy in force, which judges a claim submitted now to its end."""
    policy = facts(POLICY, "all").in_force(now_us)
    if policy is None:
        raise Refused("no_policy", now=iso(now_us))
    return policy


def area_of(policy: Policy, solution_area: SolutionArea) -> Area:
    """The policy's rules for claims in a solution area."""
    area = policy.areas.get(solution_area)
    if area is None:
        allowed = ", ".join(policy.areas)
        raise Refused("area_not_offered", policy=policy.policy, area=solution_area, allowed=allowed)
    return area


def check_customer(
    claim: FilledClaim, customer: Customer, partner: Organisation | None, policy: Policy, area: Area
) -> None:
    """The domain is the tenant's, and the tenant is not the partner's own (domain.md §14.5)."""
    if claim.domain is None and area.domain == "required":
        raise Refused("domain_needed", policy=policy.policy)
    if claim.domain is not None and claim.domain not in customer.domains:
        raise Refused(
            "domain_mismatch",
            domain=claim.domain,
            tenant=claim.tenant,
            known=", ".join(customer.domains),
        )
    for domain in partner.domains if partner else ():
        if domain in customer.domains:
            raise Refused(
                "partner_is_customer",
                tenant=claim.tenant,
                domain=domain,
                organisation=partner.organisation if partner else "",
            )


def check_fields(claim: FilledClaim, policy: Policy, area: Area) -> None:
    """Every field that the policy asks for is there, and none that it does not take (§3.1)."""
    rules = area.activities.get(claim.activity)
    if rules is None:
        raise Refused(
            "activity_not_offered",
            activity=claim.activity,
            what=claim.solution_area,
            allowed=", ".join(area.activities),
        )
    if claim.customer_technical_contact is None and area.technical_contact == "required":
        raise Refused("technical_contact_needed", policy=policy.policy)
    if area.acknowledgement == "required" and not claim.acknowledged:
        raise Refused("acknowledgement_needed", policy=policy.policy)
    if claim.payment_opt_out and area.payment_opt_out == "refused":
        raise Refused(
            "opt_out_not_offered", policy=policy.policy, area=claim.solution_area.replace("_", " ")
        )
    missing = [name for name in rules.needs if getattr(claim, name) is None]
    if missing:
        raise Refused(
            "field_needed",
            policy=policy.policy,
            activity=rules.title or claim.activity,
            missing=", ".join(missing),
        )


def contested_slots(
    facts: Facts, policy: Policy, reach: Reach, slots: Iterable[Slot]
) -> tuple[Contest, ...]:
    """Who is in the way, where that leads to arbitration; a refusal where it does not.

    The refusal names no claim: rivals may not read each other's (domain.md §14.2).
    """
    contested = tuple(
        Contest(slot=name, holder_claim=claim)
        for name, claim in occupied(facts, reach, [slot.slot for slot in slots])
    )
    if contested and reach.area.occupied == "refused":
        raise Refused("already_claimed", slot=contested[0].slot, policy=policy.policy)
    return contested
