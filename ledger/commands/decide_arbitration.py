"""Deciding between a challenger and the holder of its slots."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id, Instant


class DecideArbitration(Command):
    """Decide who holds contested slots: the challenger (``claim``) or the incumbent."""

    NAME: ClassVar[str] = "arbitration.decide"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-2",
        "outcome": "incumbent_stays",
        "reason": "The incumbent's acknowledgement is the more recent one.",
    }
    claim: Id
    outcome: Literal["incumbent_stays", "challenger_wins"]
    reason: Comment
    effective_from: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """One event that ends the loser and starts the winner at one instant (domain.md §5)."""
        raise NotImplementedError
