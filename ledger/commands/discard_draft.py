"""Giving a draft up."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.rules.drafts import own_draft
from schemas.drafts import ClaimDiscarded
from schemas.values import Comment, Id


class DiscardDraft(Command):
    """Give a draft up; it stays in the history, and its id is not used again."""

    NAME: ClassVar[str] = "claim.discard"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "comment": "The customer decided else."}
    claim: Id
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of the draft; nothing depended on it."""
        draft = own_draft(facts, context, self.NAME, self.claim)
        event = ClaimDiscarded(claim=draft.claim, location=draft.location, comment=self.comment)
        return Decision(event, context.now_us, draft.position)
