"""No longer meeting the requirements of a competency."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import CompetencyState
from ledger.rules.competency_steps import CompetencyStep, competency_step
from schemas.competencies import CompetencyAtRisk
from schemas.values import Comment


class RiskCompetency(CompetencyStep, Command):
    """Record that a competency is at risk: it lasts to its anniversary and no longer."""

    NAME: ClassVar[str] = "competency.risk"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "competency": "cloud_productivity",
        "reason": "A certified person left.",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The warning (domain.md §8.1, At risk); nothing is lost before the anniversary."""
        allowed = (CompetencyState.ACTIVE,)
        step = competency_step(facts, context, self.NAME, self, allowed)
        return Decision(CompetencyAtRisk(**self.ids(), reason=self.reason), step.at_us)
