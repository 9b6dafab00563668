"""Taking back a fact that was recorded in error."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.corrections import Mending, awaited, to_mend
from ledger.rules.scope_tree import check_tree
from schemas.corrections import FactRetracted
from schemas.directory import ScopePlaced
from schemas.time import from_us
from schemas.values import Comment


class RetractFact(Command):
    """Take a fact back that never was; what was known before stays answerable."""

    NAME: ClassVar[str] = "fact.retract"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "position": 300,
        "reason": "Entered for the wrong subscription.",
    }
    position: Annotated[int, Field(ge=1)]
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The fact goes, and what it had replaced stands again [P]."""
        mending = to_mend(facts, context, self.position)
        fact, row = mending.fact, mending.row
        if not row.retract:
            raise Refused("not_retractable", position=self.position, type=fact.event.TYPE)
        if isinstance(fact.event, ScopePlaced):
            _goes_back(facts, fact.event, mending)
        event = FactRetracted(
            fact=self.position,
            of=fact.event.TYPE,
            about=fact.event.tags(),
            reason=self.reason,
            was=from_us(fact.effective_at_us),
            awaits=awaited(mending),
        )
        return Decision(event, fact.effective_at_us, causation=self.position)


def _goes_back(facts: Facts, placed: ScopePlaced, mending: Mending) -> None:
    """Refuse where what lies elsewhere again would lie in itself, or too deep."""
    events = (one.event for one in mending.others)
    others = [event for event in events if isinstance(event, ScopePlaced)]
    parent = others[-1].parent if others else None
    check_tree(facts, placed.model_copy(update={"parent": parent}))
