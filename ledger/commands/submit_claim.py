"""Submitting a CPOR claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from ledger.decision import Command, Contact, Context, Decision, Facts, Model
from ledger.decision_models.calendar import deadline
from ledger.decision_models.claim import CLAIM
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.draft import DRAFT
from ledger.decision_models.incentives import programmes_of
from ledger.decision_models.partner import ORGANISATION
from ledger.decision_models.slot import SLOT
from ledger.rules.claim_entry import (
    area_of,
    check_customer,
    check_fields,
    contested_slots,
    policy_now,
)
from ledger.rules.claim_fields import ClaimFields, FilledClaim, filled, maybe_sealed, sealed
from ledger.rules.contacts import at_domain
from ledger.rules.drafts import draft_to_submit, location_named
from ledger.rules.enrolled import enrolled
from ledger.rules.exclusivity import Reach, not_yet_own
from ledger.rules.proof import not_dated_ahead
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from ledger.rules.slots import wanted_slots, workload_slot
from ledger.rules.standing import living_location
from ledger.rules.workloads import workload
from schemas.claims import ClaimSubmitted


class SubmitClaim(ClaimFields, Command):
    """Claim workloads or subscriptions of a customer for a partner location, with the proof.

    Where the claim was drafted, what the command leaves out comes from the draft.
    """

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
        "acknowledged": True,
    }

    def names_anew(self) -> Iterator[tuple[Model[Any], str]]:
        """The claim, perhaps without a draft, and the slots of its workloads."""
        yield CLAIM, self.claim
        yield DRAFT, self.claim
        for text in self.workloads if self.tenant else ():
            found = workload(text)
            if found is not None:
                yield SLOT, workload_slot(self.tenant or "", found)

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The submission, with the slots it asks for and those that are contested (§3, §4.2)."""
        draft = draft_to_submit(facts, context, self.NAME, self.claim)
        named = location_named(self.claim, self.location, draft)
        location = living_location(facts, named)
        organisation = location.organisation
        claim = filled(self, draft.content if draft else None)
        programmes = programmes_of(facts, claim.solution_area, claim.activity)
        permit(
            facts,
            context,
            self.NAME,
            organisation=organisation,
            location=named,
            programmes=programmes,
        )
        unused(facts, CLAIM, self.claim)
        policy = policy_now(facts, context.now_us)
        area = area_of(policy, claim.solution_area)
        partner = facts(ORGANISATION, organisation)
        if policy.claiming.enrolment == "required":
            enrolled(facts, policy.policy, named, programmes)
        check_customer(claim, known(facts, CUSTOMER, claim.tenant), partner, policy, area)
        check_fields(claim, policy, area)
        not_dated_ahead(context, claim.proof)
        slots = wanted_slots(facts, policy, area, claim, context.now_us)
        for slot in slots:
            not_yet_own(facts, slot.slot, named)
        contested = contested_slots(facts, policy, Reach(area, organisation), slots)
        review_due = deadline(facts, policy, context.now_us, policy.review.take_up)
        event = ClaimSubmitted(
            claim=self.claim,
            tenant=claim.tenant,
            location=named,
            title=claim.title,
            policy=policy.policy,
            organisation=organisation,
            domain=claim.domain,
            solution_area=claim.solution_area,
            activity=claim.activity,
            slots=slots,
            # Sealed last: a refusal above leaves no key behind.
            customer_contact=sealed(context, claim.customer_contact),
            customer_technical_contact=maybe_sealed(context, claim.customer_technical_contact),
            partner_contact=sealed(context, claim.partner_contact),
            contact_in_partner_domain=_in_domains(claim, partner.domains if partner else ()),
            proof=claim.proof,
            comment=claim.comment,
            payment_opt_out=claim.payment_opt_out,
            acknowledged=claim.acknowledged or None,
            drafted=True if draft else None,
            solution_seller=maybe_sealed(context, claim.solution_seller),
            customer_name=claim.customer_name,
            isv_product=claim.isv_product,
            contested=contested,
            review_due=review_due,
        )
        return Decision(event, context.now_us, draft.position if draft else 0)


def _in_domains(claim: FilledClaim, domains: tuple[str, ...]) -> bool:
    """Whether the customer's contact is at the partner's own domain; a draft has judged it."""
    contact = claim.customer_contact
    if isinstance(contact, Contact):
        return at_domain(contact, domains)
    return claim.contact_in_partner_domain
