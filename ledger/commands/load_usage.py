"""Deciding that a loaded usage report counts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.usage import USAGE_FILE, USAGE_REPORT
from ledger.refusal import Refused
from ledger.rules.roles import permit
from ledger.rules.usage_basis import check_basis
from schemas.time import iso, to_us
from schemas.usage import Cut, Metric, UsageReportLoaded
from schemas.values import Count, Id, Instant, Sha256, Text


class LoadUsage(Command):
    """Make the rows that an attempt wrote for a usage report count (DESIGN §2.4)."""

    NAME: ClassVar[str] = "usage.load"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "report": "R-2020-08",
        "attempt": "R-2020-08.1",
        "basis": 1017,
        "cut": [
            {
                "partition": 0,
                "first_offset": 0,
                "end_offset": 6,
                "count": 6,
                "digest": "ab" * 32,
            }
        ],
        "metrics": ["m365.mau", "m365.pau"],
        "increments": 4,
        "kind": "cpor_m365",
        "file_name": "cpor_m365_2020-08.tsv",
        "sha256": "cd" * 32,
        "period_from": "2020-08-01",
        "period_to": "2020-08-31",
        "exported_at": "2020-09-16T00:00:00Z",
        "statements": 2,
        "rejected_rows": 0,
    }
    report: Id
    attempt: Id
    basis: Count
    cut: Annotated[tuple[Cut, ...], Field(max_length=256)]
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1, max_length=64)]
    increments: Count
    kind: Id
    file_name: Text
    sha256: Sha256
    period_from: date
    period_to: date
    exported_at: Instant
    statements: Count
    rejected_rows: Count = 0

    @model_validator(mode="after")
    def _period_runs_forward(self) -> Self:
        if self.period_to < self.period_from:
            raise ValueError(f"period_to {self.period_to} lies before {self.period_from}")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The report counts if its file does not yet and nothing came since the basis."""
        permit(facts, context, self.NAME)
        self._check_file(facts)
        if to_us(self.exported_at) > context.now_us:
            raise Refused(
                "exported_in_future",
                value=iso(to_us(self.exported_at)),
                now=iso(context.now_us),
            )
        check_basis(facts, context, self.attempt, self.basis, self.metrics)
        event = UsageReportLoaded(**{name: getattr(self, name) for name in type(self).model_fields})
        return Decision(event, context.now_us)

    def _check_file(self, facts: Facts) -> None:
        """A file counts once, and a report id stands for one file, withdrawn or not."""
        loaded_as = facts(USAGE_FILE, self.sha256)
        earlier = facts(USAGE_REPORT, loaded_as) if loaded_as else None
        if earlier and earlier.counts:
            raise Refused("report_already_counted", report=earlier.report, sha256=self.sha256)
        same_id = facts(USAGE_REPORT, self.report)
        if same_id and same_id.sha256 != self.sha256:
            raise Refused("already_exists", what="usage report", value=self.report)
