"""Submitting a CPOR claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from ledger.decision import Command, Contact, Context, Decision, Facts, Model
from ledger.decision_models.calendar import deadline
from ledger.decision_models.claim import CLAIM
from ledger.decision_models.customer import CUSTOMER, Customer
from ledger.decision_models.incentives import programmes_of
from ledger.decision_models.partner import ORGANISATION, Organisation
from ledger.decision_models.policy import POLICY
from ledger.decision_models.slot import SLOT
from ledger.refusal import Refused
from ledger.rules.contacts import at_customer, at_domain, at_partner
from ledger.rules.enrolled import enrolled
from ledger.rules.exclusivity import not_yet_own
from ledger.rules.policy import Area, Policy
from ledger.rules.proof import not_dated_ahead
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from ledger.rules.slots import wanted_slots, workload_slot
from ledger.rules.standing import living_location, slot_now
from ledger.rules.workloads import workload
from schemas.claims import ClaimSubmitted, Contest
from schemas.time import iso
from schemas.values import (
    Activity,
    Comment,
    Domain,
    Id,
    Proof,
    Slot,
    SolutionArea,
    TenantId,
    Text,
)

CustomerContact = Annotated[Contact, AfterValidator(at_customer)]
PartnerContact = Annotated[Contact, AfterValidator(at_partner)]


class SubmitClaim(Command):
    """Claim workloads or subscriptions of a customer for a partner location, with the proof."""

    NAME: ClassVar[str] = "claim.submit"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "title": "Contoso: Exchange and SharePoint",
        "location": "101",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "domain": "contoso.example",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": ["exchange", "sharepoint"],
        "customer_contact": {
            "name": "Jana Nova",
            "title": "IT manager",
            "email": "jana.nova@contoso.example",
        },
        "partner_contact": {"name": "Petr Maly", "email": "petr.maly@partner-a.example"},
        "proof": {
            "documents": [{"title": "Statement of work", "sha256": "ab" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2020-08-01",
        },
    }
    claim: Id
    title: Text
    location: Id
    tenant: TenantId
    domain: Domain | None = None
    solution_area: SolutionArea
    activity: Activity
    workloads: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    subscriptions: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    customer_contact: CustomerContact
    customer_technical_contact: CustomerContact | None = None
    partner_contact: PartnerContact
    proof: Proof
    comment: Comment | None = None
    payment_opt_out: bool = False

    def names_anew(self) -> Iterator[tuple[Model[Any], str]]:
        """The claim, and the slots of its workloads."""
        yield CLAIM, self.claim
        for text in self.workloads:
            found = workload(text)
            if found is not None:
                yield SLOT, workload_slot(self.tenant, found)

    def contacts(self) -> tuple[Contact, ...]:
        """Those of customer and partner."""
        named = (self.customer_contact, self.customer_technical_contact, self.partner_contact)
        return tuple([contact for contact in named if contact is not None])

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The submission, with the slots it asks for and those that are contested (§3, §4.2)."""
        location = living_location(facts, self.location)
        organisation = location.organisation
        programmes = programmes_of(facts, self.solution_area, self.activity)
        permit(
            facts,
            context,
            self.NAME,
            organisation=organisation,
            location=self.location,
            programmes=programmes,
        )
        unused(facts, CLAIM, self.claim)
        policy, area = self._rules(facts, context)
        partner = facts(ORGANISATION, organisation)
        if policy.claiming.enrolment == "required":
            enrolled(facts, policy.policy, self.location, programmes)
        self._check_customer(known(facts, CUSTOMER, self.tenant), partner, policy, area)
        self._check_entry(policy, area)
        not_dated_ahead(context, self.proof)
        slots = wanted_slots(facts, area, self)
        for slot in slots:
            not_yet_own(facts, slot.slot, self.location)
        contested = self._contested(facts, policy, area, slots)
        review_due = deadline(facts, policy, context.now_us, policy.review.take_up)
        domains = partner.domains if partner else ()
        technical = self.customer_technical_contact
        event = ClaimSubmitted(
            claim=self.claim,
            tenant=self.tenant,
            location=self.location,
            title=self.title,
            policy=policy.policy,
            organisation=organisation,
            domain=self.domain,
            solution_area=self.solution_area,
            activity=self.activity,
            slots=slots,
            # Sealed last: a refusal above leaves no key behind.
            customer_contact=context.seal(self.customer_contact),
            customer_technical_contact=context.seal(technical) if technical else None,
            partner_contact=context.seal(self.partner_contact),
            contact_in_partner_domain=at_domain(self.customer_contact, domains),
            proof=self.proof,
            comment=self.comment,
            payment_opt_out=self.payment_opt_out,
            contested=contested,
            review_due=review_due,
        )
        return Decision(event, context.now_us)

    def _rules(self, facts: Facts, context: Context) -> tuple[Policy, Area]:
        """The policy in force now, which judges this claim to its end, and its area's rules."""
        policy = facts(POLICY, "all").in_force(context.now_us)
        if policy is None:
            raise Refused("no_policy", now=iso(context.now_us))
        area = policy.areas.get(self.solution_area)
        if area is None:
            allowed = ", ".join(policy.areas)
            raise Refused(
                "area_not_offered", policy=policy.policy, area=self.solution_area, allowed=allowed
            )
        return policy, area

    def _check_customer(
        self, customer: Customer, partner: Organisation | None, policy: Policy, area: Area
    ) -> None:
        """The domain is the tenant's, and the tenant is not the partner's own (domain.md §14.5)."""
        if self.domain is None and area.domain == "required":
            raise Refused("domain_needed", policy=policy.policy)
        if self.domain is not None and self.domain not in customer.domains:
            raise Refused(
                "domain_mismatch",
                domain=self.domain,
                tenant=self.tenant,
                known=", ".join(customer.domains),
            )
        for domain in partner.domains if partner else ():
            if domain in customer.domains:
                raise Refused(
                    "partner_is_customer",
                    tenant=self.tenant,
                    domain=domain,
                    organisation=partner.organisation if partner else "",
                )

    def _check_entry(self, policy: Policy, area: Area) -> None:
        if self.activity not in area.activities:
            raise Refused(
                "activity_not_offered",
                activity=self.activity,
                what=self.solution_area,
                allowed=", ".join(area.activities),
            )
        if self.customer_technical_contact is None and area.technical_contact == "required":
            raise Refused("technical_contact_needed", policy=policy.policy)

    def _contested(
        self, facts: Facts, policy: Policy, area: Area, slots: tuple[Slot, ...]
    ) -> tuple[Contest, ...]:
        """Who is in the way, where that leads to arbitration; a refusal where it does not.

        The refusal names no claim: rivals may not read each other's (domain.md §14.2).
        """
        contested = tuple(
            Contest(slot=slot.slot, holder_claim=claim)
            for slot in slots
            for claim in slot_now(facts, slot.slot).occupants()
        )
        if contested and area.occupied == "refused":
            raise Refused("already_claimed", slot=contested[0].slot, policy=policy.policy)
        return contested
