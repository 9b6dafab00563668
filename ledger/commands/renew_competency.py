"""Qualifying for a competency again."""

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
from schemas.competencies import CompetencyRenewed
from schemas.time import from_us
from schemas.values import Slug


class RenewCompetency(CompetencyStep, Command):
    """Record that an organisation qualified again before the anniversary, for one more year."""

    NAME: ClassVar[str] = "competency.renew"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "competency": "cloud_productivity",
        "level": "gold",
        "effective_at": "2021-05-01T00:00:00Z",
    }
    level: Slug

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The renewal: the next year follows the anniversary (domain.md §8.1: yearly)."""
        allowed = (CompetencyState.ACTIVE, CompetencyState.AT_RISK)
        step = competency_step(facts, context, self.NAME, self, allowed)
        assert step.before is not None, "only a competency that is held is renewed"
        event = CompetencyRenewed(
            **self.ids(),
            level=level_of(self, self.level),
            anniversary=from_us(anniversary_us(self, step.before.anniversary_us)),
        )
        return Decision(event, step.at_us)
