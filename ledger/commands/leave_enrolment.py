"""Leaving an incentive programme."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import EnrolmentState
from ledger.rules.enrolment_steps import BEGUN, EnrolmentStep, enrolment_step
from schemas.enrolment import EnrolmentLeft
from schemas.values import Comment

_ALLOWED = (EnrolmentState.INVITED, *BEGUN)


class LeaveEnrolment(EnrolmentStep, Command):
    """Leave an incentive programme with a location; it can begin again later."""

    NAME: ClassVar[str] = "enrolment.leave"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    reason: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end at the partner's own wish: inactive (domain.md §2)."""
        step = enrolment_step(facts, context, self.NAME, self, _ALLOWED)
        return Decision(EnrolmentLeft(**step.ids(self), reason=self.reason), step.at_us)
