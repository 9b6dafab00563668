"""Rejecting a claim."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id


class RejectClaim(Command):
    """Reject a claim under review or in dispute, with the reason."""

    NAME: ClassVar[str] = "claim.reject"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "reason": "insufficient_proof",
        "comment": "The documents do not show who did the work.",
    }
    claim: Id
    reason: Literal["insufficient_proof", "partner_request", "wrong_details"]
    comment: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The rejection and until when it may be disputed (domain.md §4.2, rows 4, 9, 10)."""
        raise NotImplementedError
