"""Withdrawing a figure that was recorded wrongly."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.figure import FIGURE
from ledger.refusal import Refused
from ledger.rules.figures import FigureOf, meant
from schemas.figures import MetricWithdrawn
from schemas.values import Comment


class WithdrawMetric(FigureOf, Command):
    """Withdraw a figure recorded as of a day: it is not known, and counts no longer."""

    NAME: ClassVar[str] = "metric.withdraw"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "modern_work_2023",
        "metric": "intermediate_certs",
        "organisation": "100",
        "on": "2021-02-28",
        "reason": "Counted for the wrong partner.",
    }
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The withdrawal of what is recorded as of that very day."""
        found = meant(facts, context, self.NAME, self)
        event = MetricWithdrawn(**found.fields, reason=self.reason)
        if event.on not in facts(FIGURE, event.figure):
            raise Refused("metric_not_recorded", metric=self.metric, on=self.on)
        return Decision(event, found.at_us)
