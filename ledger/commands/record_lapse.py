"""Recording a deadline that passed in silence."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Id


class RecordLapse(Command):
    """Record that a deadline of a claim passed: the partner's answer, or the consent window."""

    NAME: ClassVar[str] = "clock.lapse"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "name": "consent"}
    claim: Id
    name: Literal["answer", "consent"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """What the silence means, effective at the deadline (domain.md §4.2, rows 6 and 8)."""
        raise NotImplementedError
