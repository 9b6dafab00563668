"""Recording that the customer's notice did not arrive."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id


class RecordBounce(Command):
    """Record that the notice bounced: silence no longer confirms, the customer's yes is needed."""

    NAME: ClassVar[str] = "consent.bounce"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "comment": "Mailbox unknown."}
    claim: Id
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The bounce, while silence could still confirm (DESIGN §6; domain.md §14.1)."""
        raise NotImplementedError
