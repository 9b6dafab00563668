"""Changing a claim that was submitted."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Contact, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.incentives import programmes_of
from ledger.decision_models.partner import ORGANISATION
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.amending import WantedSlots, movable, wanted
from ledger.rules.claim_entry import contested_slots
from ledger.rules.claim_fields import CustomerContact, PartnerContact, maybe_sealed
from ledger.rules.claim_steps import in_state, partners_claim
from ledger.rules.contacts import at_domain
from ledger.rules.exclusivity import not_yet_own, reach_of
from ledger.rules.policy import Policy
from ledger.rules.roles import permit
from schemas.claims import ClaimAmended
from schemas.values import Comment, Id, Text


class AmendClaim(Command):
    """Change location, products or contacts of a submitted claim, where its policy lets you.

    ``workloads`` and ``subscriptions`` say all that the claim asks for from now on, of what is not
    decided yet.
    """

    NAME: ClassVar[str] = "claim.amend"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "location": "102",
        "workloads": ["exchange", "teams"],
        "comment": "The work is done by our office 102.",
    }
    claim: Id
    location: Id | None = None
    workloads: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    subscriptions: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    customer_contact: CustomerContact | None = None
    customer_technical_contact: CustomerContact | None = None
    partner_contact: PartnerContact | None = None
    comment: Comment | None = None

    def contacts(self) -> tuple[Contact, ...]:
        """The people named."""
        named = (self.customer_contact, self.customer_technical_contact, self.partner_contact)
        return tuple([contact for contact in named if contact is not None])

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The change, with the slots asked for from now on (domain.md §4.2, Editing)."""
        claim = partners_claim(facts, context, self.NAME, self.claim)
        policy = policy_of(facts, claim.policy)
        moved = self.location is not None and self.location != claim.location
        self._changeable(claim, policy, moved=moved)
        location = self.location if self.location and moved else claim.location
        if moved:
            programmes = programmes_of(facts, claim.solution_area, claim.activity)
            permit(facts, context, self.NAME, location=location, programmes=programmes)
            movable(facts, claim, location)
        slots = self._slots(facts, context, claim, policy)
        asks_anew = slots.asked if moved else slots.added
        for slot in asks_anew:
            not_yet_own(facts, slot.slot, location, but=claim.claim)
        event = ClaimAmended(
            claim=claim.claim,
            tenant=claim.tenant,
            location=location,
            organisation=claim.organisation,
            moved_from=claim.location if moved else None,
            slots=slots.asked,
            withdrawn=slots.withdrawn,
            contested=contested_slots(facts, policy, reach_of(policy, claim), slots.added),
            customer_contact=maybe_sealed(context, self.customer_contact),
            customer_technical_contact=maybe_sealed(context, self.customer_technical_contact),
            partner_contact=maybe_sealed(context, self.partner_contact),
            contact_in_partner_domain=self._in_domains(facts, claim),
            comment=self.comment,
        )
        return Decision(event, context.now_us, claim.position)

    def _changeable(self, claim: Claim, policy: Policy, *, moved: bool) -> None:
        """Each field that changes may change in the claim's state, by its policy."""
        editing = policy.editing
        changes = (
            (moved, editing.location),
            (bool(self.workloads or self.subscriptions), editing.products),
            (bool(self.contacts()), editing.contacts),
        )
        if not any(changed for changed, _ in changes):
            raise Refused("nothing_changes", command=self.NAME, claim=claim.claim)
        for changed, states in changes:
            if changed:
                in_state(claim, self.NAME, *states)

    def _slots(self, facts: Facts, context: Context, claim: Claim, policy: Policy) -> WantedSlots:
        if not (self.workloads or self.subscriptions):
            return WantedSlots(claim.slots_named(claim.asked), (), ())
        return wanted(facts, policy, claim, self.workloads, self.subscriptions, context.now_us)

    def _in_domains(self, facts: Facts, claim: Claim) -> bool | None:
        if self.customer_contact is None:
            return None
        partner = facts(ORGANISATION, claim.organisation)
        return at_domain(self.customer_contact, partner.domains if partner else ())
