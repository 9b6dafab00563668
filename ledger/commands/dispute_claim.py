"""Disputing a rejection or a lost arbitration."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id, Proof


class DisputeClaim(Command):
    """Re-open a rejected or replaced claim, with a justification and perhaps a new proof."""

    NAME: ClassVar[str] = "claim.dispute"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "justification": "The signed acknowledgement was attached as the second document.",
    }
    claim: Id
    justification: Comment
    proof: Proof | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The dispute, within the policy's days and count (domain.md §4.2, rows 9-11)."""
        raise NotImplementedError
