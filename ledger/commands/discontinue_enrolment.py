"""Ending an enrolment for good."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import EnrolmentState
from ledger.rules.enrolment_steps import EnrolmentStep, enrolment_step
from schemas.enrolment import EnrolmentDiscontinued
from schemas.values import Comment

_ALLOWED = tuple(state for state in EnrolmentState if state is not EnrolmentState.DISCONTINUED)


class DiscontinueEnrolment(EnrolmentStep, Command):
    """Record that a programme, or a location's part in it, ended for good."""

    NAME: ClassVar[str] = "enrolment.discontinue"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "reason": "The programme was closed.",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end (domain.md §2, Discontinued)."""
        step = enrolment_step(facts, context, self.NAME, self, _ALLOWED)
        return Decision(EnrolmentDiscontinued(**step.ids(self), reason=self.reason), step.at_us)
