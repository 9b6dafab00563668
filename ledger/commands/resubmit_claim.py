"""Answering a reviewer's request in time."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id, Instant, Proof


class ResubmitClaim(Command):
    """Answer the reviewer's request with a proof that replaces the earlier one."""

    NAME: ClassVar[str] = "claim.resubmit"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "proof": {
            "documents": [{"title": "Signed statement of work", "sha256": "ab" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2020-08-20",
        },
        "comment": "Now with the customer's signature.",
    }
    claim: Id
    proof: Proof
    comment: Comment | None = None
    received_at: Instant | None = None
    evidence: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The answer, if it came before its deadline (domain.md §4.2, rows 5-6)."""
        raise NotImplementedError
