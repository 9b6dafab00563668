"""Deciding that a usage report counts no longer."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.usage import USAGE_REPORT
from ledger.refusal import Refused
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.usage_basis import check_basis
from schemas.usage import Cut, Metric, UsageReportWithdrawn
from schemas.values import Comment, Count, Id


class WithdrawUsage(Command):
    """Let the compensating rows of an attempt count, so that a report stands no longer."""

    NAME: ClassVar[str] = "usage.withdraw"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "report": "R-2020-08",
        "attempt": "R-2020-08.2",
        "basis": 1018,
        "cut": [
            {
                "partition": 0,
                "first_offset": 6,
                "end_offset": 10,
                "count": 4,
                "digest": "ef" * 32,
            }
        ],
        "metrics": ["m365.mau", "m365.pau"],
        "increments": 4,
        "reason": "Exported for the wrong tenant.",
    }
    report: Id
    attempt: Id
    basis: Count
    cut: Annotated[tuple[Cut, ...], Field(max_length=256)]
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1, max_length=64)]
    increments: Count
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The withdrawal, if the report counts and nothing came since the basis (DESIGN §2.4)."""
        permit(facts, context, self.NAME)
        report = known(facts, USAGE_REPORT, self.report)
        if not report.counts:
            raise Refused("report_not_counted", report=self.report)
        if set(report.metrics) != set(self.metrics):
            raise Refused(
                "report_metrics_differ",
                report=self.report,
                stated=", ".join(sorted(report.metrics)),
                given=", ".join(sorted(self.metrics)),
            )
        check_basis(facts, context, self.attempt, self.basis, self.metrics)
        event = UsageReportWithdrawn(
            **{name: getattr(self, name) for name in type(self).model_fields}
        )
        return Decision(event, context.now_us)
