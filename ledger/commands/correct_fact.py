"""Correcting the instant from which a recorded fact was true."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.corrections import to_mend
from ledger.rules.effective import effective_us
from schemas.corrections import FactCorrected
from schemas.time import FOREVER_US, from_us, iso
from schemas.values import Comment, Instant


class CorrectFact(Command):
    """Say from when a recorded fact was really true; what was known before stays answerable."""

    NAME: ClassVar[str] = "fact.correct"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "position": 300,
        "effective_at": "2021-01-20T00:00:00Z",
        "reason": "The customer's change log says 20 January.",
    }
    position: Annotated[int, Field(ge=1)]
    effective_at: Instant
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The new instant, strictly between those of the facts before and after it [P]."""
        fact, _, after_us, before_us, _ = to_mend(facts, context, self.position)
        at_us = effective_us(context, self.NAME, self.effective_at)
        if at_us == fact.effective_at_us:
            raise Refused("nothing_to_correct", position=self.position, at=iso(at_us))
        if not after_us < at_us < before_us:
            raise Refused(
                "correction_out_of_order",
                position=self.position,
                at=iso(at_us),
                after=iso(after_us) if after_us >= 0 else "any instant",
                before=iso(before_us) if before_us < FOREVER_US else "now",
            )
        event = FactCorrected(
            fact=self.position,
            of=fact.event.TYPE,
            about=fact.event.tags(),
            reason=self.reason,
            was=from_us(fact.effective_at_us),
            now=from_us(at_us),
        )
        return Decision(event, at_us, causation=self.position)
