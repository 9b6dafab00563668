"""Beginning to work towards a competency."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import CompetencyState
from ledger.rules.competency_steps import CompetencyStep, competency_step
from schemas.competencies import CompetencyStarted


class StartCompetency(CompetencyStep, Command):
    """Record that an organisation began to work towards a competency."""

    NAME: ClassVar[str] = "competency.start"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "competency": "cloud_productivity",
        "effective_at": "2020-03-01T00:00:00Z",
    }

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The beginning, or a new one after the competency expired (domain.md §8.1)."""
        allowed = (CompetencyState.EXPIRED,)
        step = competency_step(facts, context, self.NAME, self, allowed, first=True)
        return Decision(CompetencyStarted(**self.ids()), step.at_us)
