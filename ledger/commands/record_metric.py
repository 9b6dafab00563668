"""Recording a figure that usage reports do not say."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.figure import FIGURE
from ledger.refusal import Refused
from ledger.rules.figures import FigureOf, GivenAmount, meant
from schemas.figures import MetricRecorded
from schemas.values import Text


class RecordMetric(FigureOf, Command):
    """Record a figure for a programme, as of a day or month: certified people, revenue, adds.

    A figure recorded again for the same day goes before the earlier one; ``tenant_class`` and
    ``type`` limit it to one class or one type of association of the programme.
    """

    NAME: ClassVar[str] = "metric.record"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "modern_work_2023",
        "metric": "intermediate_certs",
        "organisation": "100",
        "on": "2021-02-28",
        "value": 4,
        "source": "Partner Center, skilling page of 2 March",
    }
    value: GivenAmount
    source: Text

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The figure as of its day (domain.md §8: what does not come from usage)."""
        found = meant(facts, context, self.NAME, self)
        event = MetricRecorded(**found.fields, value=self.value, source=self.source)
        if facts(FIGURE, event.figure).get(event.on) == event.value:
            raise Refused(
                "metric_already_recorded", metric=self.metric, on=self.on, value=self.value
            )
        return Decision(event, found.at_us)
