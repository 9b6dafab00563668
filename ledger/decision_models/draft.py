"""A claim that is still being written: whose it is and what stands in it."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from ledger.rules.policy import ClaimState
from schemas.claims import ClaimSubmitted
from schemas.drafts import ClaimDiscarded, ClaimDrafted, ClaimDraftEdited, DraftContent, DraftField


class Draft(NamedTuple):
    """A draft at the head of the log; its state is draft, discarded or submitted."""

    claim: str
    location: str
    organisation: str
    content: DraftContent
    position: int
    state: ClaimState = ClaimState.DRAFT


def _apply(draft: Draft | None, fact: Fact) -> Draft | None:
    event = fact.event
    match event:
        case ClaimDrafted():
            who = (event.claim, event.location, event.organisation)
            return Draft(*who, event.content, fact.position)
        case ClaimDraftEdited() if draft:
            changed = edited(draft.content, event.content, event.emptied)
            return draft._replace(
                location=event.location,
                organisation=event.organisation,
                content=changed,
                position=fact.position,
            )
        case ClaimDiscarded() if draft:
            return draft._replace(state=ClaimState.DISCARDED, position=fact.position)
        case ClaimSubmitted() if draft:
            return draft._replace(state=ClaimState.SUBMITTED, position=fact.position)
    return draft


def edited(
    content: DraftContent, change: DraftContent, emptied: tuple[DraftField, ...]
) -> DraftContent:
    """The content with what a change fills, and without what it empties."""
    filled = {name: value for name, value in change if value is not None}
    return content.model_copy(update=dict.fromkeys(emptied) | filled)


DRAFT: Model[Draft | None] = Model(
    name="draft",
    tag="claim",
    types=(ClaimDrafted, ClaimDraftEdited, ClaimDiscarded, ClaimSubmitted),
    start=None,
    apply=_apply,
)
"""The draft, or None for a claim that was submitted at once or not at all; key: the claim id."""
