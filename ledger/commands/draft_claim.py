"""Beginning to write a claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts, Model
from ledger.decision_models.claim import CLAIM
from ledger.decision_models.draft import DRAFT
from ledger.decision_models.partner import ORGANISATION
from ledger.decision_models.policy import POLICY
from ledger.rules.claim_fields import ClaimFields
from ledger.rules.drafts import location_named, programmes_drafted
from ledger.rules.references import unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.drafts import ClaimDrafted


class DraftClaim(ClaimFields, Command):
    """Begin to write a claim, with as much as is known; it asks for nothing until it is submitted.

    Only the incentive roles of its location see it and may change it.
    """

    NAME: ClassVar[str] = "claim.draft"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "location": "101",
        "title": "Contoso: Exchange",
        "workloads": ["exchange"],
    }

    def names_anew(self) -> Iterator[tuple[Model[Any], str]]:
        """The claim and its draft."""
        yield CLAIM, self.claim
        yield DRAFT, self.claim

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The draft as it begins (domain.md §4.2, row 1); it is in nobody's way."""
        named = location_named(self.claim, self.location, None)
        organisation = living_location(facts, named).organisation
        permit(
            facts,
            context,
            self.NAME,
            organisation=organisation,
            location=named,
            programmes=programmes_drafted(facts, self.solution_area, self.activity),
        )
        unused(facts, CLAIM, self.claim)
        unused(facts, DRAFT, self.claim)
        policy = facts(POLICY, "all").in_force(context.now_us)
        partner = facts(ORGANISATION, organisation)
        event = ClaimDrafted(
            claim=self.claim,
            location=named,
            organisation=organisation,
            policy=policy.policy if policy else None,
            content=self.sealed_content(context, partner.domains if partner else ()),
        )
        return Decision(event, context.now_us)
