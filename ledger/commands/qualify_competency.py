"""Meeting the requirements of a competency."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import CompetencyState
from ledger.rules.competency_steps import CompetencyStep, competency_step, level_of
from schemas.competencies import CompetencyQualified
from schemas.values import Slug


class QualifyCompetency(CompetencyStep, Command):
    """Record that an organisation meets the requirements of a competency at a level."""

    NAME: ClassVar[str] = "competency.qualify"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "competency": "cloud_productivity",
        "level": "silver",
        "effective_at": "2020-06-01T00:00:00Z",
    }
    level: Slug

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The qualification; the competency is not attained yet (domain.md §8.1)."""
        allowed = (CompetencyState.STARTED, CompetencyState.QUALIFIED, CompetencyState.EXPIRED)
        step = competency_step(facts, context, self.NAME, self, allowed, first=True)
        level = level_of(self, self.level)
        return Decision(CompetencyQualified(**self.ids(), level=level), step.at_us)
