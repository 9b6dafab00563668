"""Taking a location's eligibility for an incentive programme."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import EnrolmentState
from ledger.rules.enrolment_steps import BEGUN, EnrolmentStep, enrolment_step
from schemas.enrolment import EnrolmentIneligible
from schemas.values import Comment

_ALLOWED = (EnrolmentState.INVITED, *BEGUN, EnrolmentState.INACTIVE)


class MakeIneligible(EnrolmentStep, Command):
    """Record that a location is no longer eligible for a programme; an invitation undoes it."""

    NAME: ClassVar[str] = "enrolment.make_ineligible"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "reason": "The partner agreement was ended.",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of eligibility (domain.md §2, Ineligible)."""
        step = enrolment_step(facts, context, self.NAME, self, _ALLOWED)
        return Decision(EnrolmentIneligible(**step.ids(self), reason=self.reason), step.at_us)
