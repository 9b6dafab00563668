"""Changing a claim that is still being written."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.partner import ORGANISATION
from ledger.refusal import Refused
from ledger.rules.claim_fields import ClaimFields
from ledger.rules.drafts import own_draft, programmes_drafted
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.drafts import ClaimDraftEdited, DraftField


class EditDraft(ClaimFields, Command):
    """Fill or replace fields of a draft; ``empty`` names those to leave out again."""

    NAME: ClassVar[str] = "claim.edit"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "solution_area": "microsoft_365",
        "activity": "usage",
        "workloads": ["exchange", "sharepoint"],
        "empty": ["comment"],
    }
    empty: Annotated[tuple[DraftField, ...], Field(max_length=20)] = ()

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The change (domain.md §4.2, Editing): a draft's every field may change."""
        draft = own_draft(facts, context, self.NAME, self.claim)
        location = self.location or draft.location
        organisation = living_location(facts, location).organisation
        area = self.solution_area or draft.content.solution_area
        activity = self.activity or draft.content.activity
        permit(
            facts,
            context,
            self.NAME,
            organisation=organisation,
            location=location,
            programmes=programmes_drafted(facts, area, activity),
        )
        moved = location != draft.location
        if not (moved or self.empty or any(self.given())):
            raise Refused("nothing_changes", command=self.NAME, claim=self.claim)
        partner = facts(ORGANISATION, organisation)
        event = ClaimDraftEdited(
            claim=self.claim,
            location=location,
            organisation=organisation,
            moved_from=draft.location if moved else None,
            content=self.sealed_content(context, partner.domains if partner else ()),
            emptied=tuple(dict.fromkeys(self.empty)),
        )
        return Decision(event, context.now_us, draft.position)
