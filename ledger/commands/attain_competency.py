"""Attaining a competency."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.competency import CompetencyState
from ledger.rules.competency_steps import (
    CompetencyStep,
    anniversary_us,
    competency_step,
    level_of,
)
from schemas.competencies import CompetencyAttained
from schemas.time import from_us
from schemas.values import Slug


class AttainCompetency(CompetencyStep, Command):
    """Record that an organisation attained a competency at a level, for a year from then on."""

    NAME: ClassVar[str] = "competency.attain"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "competency": "cloud_productivity",
        "level": "silver",
        "effective_at": "2020-07-01T00:00:00Z",
    }
    level: Slug

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The attainment, active to its anniversary whatever the score (domain.md §8.1, §13.7).

        The steps before it need not have been recorded.
        """
        allowed = (CompetencyState.STARTED, CompetencyState.QUALIFIED, CompetencyState.EXPIRED)
        step = competency_step(facts, context, self.NAME, self, allowed, first=True)
        event = CompetencyAttained(
            **self.ids(),
            level=level_of(self, self.level),
            anniversary=from_us(anniversary_us(self, step.at_us)),
        )
        return Decision(event, step.at_us)
