"""Starting the review of a claim."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Id


class StartReview(Command):
    """Take a submitted claim up for review, under your name."""

    NAME: ClassVar[str] = "claim.start_review"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1"}
    claim: Id

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The review's start and its promised day (domain.md §4.2, row 3)."""
        raise NotImplementedError
