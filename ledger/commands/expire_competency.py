"""Recording that a competency's anniversary came."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import COMPETENCY
from ledger.refusal import Refused
from ledger.rules.clock import only_the_clock
from ledger.rules.references import known
from schemas.competencies import CompetencyExpired
from schemas.time import from_us


class ExpireCompetency(Command):
    """Record that a competency's anniversary came and nobody had renewed it."""

    NAME: ClassVar[str] = "clock.anniversary"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "competency": "100:cloud_productivity",
        "name": "anniversary",
    }
    competency: str
    name: Literal["anniversary"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, effective at the anniversary (domain.md §8.1)."""
        only_the_clock(context, self.NAME)
        found = known(facts, COMPETENCY, self.competency)
        if not found.held or context.now_us < found.anniversary_us:
            raise Refused("nothing_due", what=f"anniversary of competency {self.competency}")
        organisation, _, competency = self.competency.partition(":")
        due = from_us(found.anniversary_us)
        event = CompetencyExpired(organisation=organisation, competency=competency, due=due)
        return Decision(event, found.anniversary_us, found.position)
