"""Commands whose data in a line differs from what the ledger decides: usage reports, by their file.

A line names the report's file; its rows are read, reconciled and appended first, and the decision
that makes them count follows (``ledger.usage.attempt``).
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from schemas.values import Comment, Id, Value


class LoadReport(Value):
    """Load a usage report from a file beside that of the commands; its rows count from now on."""

    NAME: ClassVar[str] = "usage.load"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "file": "cpor_m365_2020-08.tsv",
        "kind": "cpor_m365",
        "exported": "2020-09-16",
        "report": "R-2020-08",
    }
    file: str
    kind: str
    exported: str | None = None
    report: Id | None = None


class WithdrawReport(Value):
    """Withdraw a usage report, named by its id or by its file: its rows count no longer."""

    NAME: ClassVar[str] = "usage.withdraw"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "report": "R-2020-08",
        "reason": "Exported for the wrong tenant.",
    }
    report: Id | None = None
    file: str | None = None
    reason: Comment

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if (self.report is None) == (self.file is None):
            raise ValueError("needs either report or file, to say which report")
        return self


Form = LoadReport | WithdrawReport

FORMS: dict[str, type[LoadReport | WithdrawReport]] = {
    form.NAME: form for form in (LoadReport, WithdrawReport)
}
"""By the name a user types."""
