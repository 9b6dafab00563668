"""Declining a claim as its customer."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id, Instant


class DeclineConsent(Command):
    """Say no to a claim as its customer; too late a no is recorded without effect."""

    NAME: ClassVar[str] = "consent.decline"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "comment": "Another partner did the work.",
    }
    claim: Id
    comment: Comment | None = None
    received_at: Instant | None = None
    evidence: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of the holding, or the objection as a fact (domain.md §4.2, row 7)."""
        raise NotImplementedError
