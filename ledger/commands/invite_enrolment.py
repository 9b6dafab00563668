"""Inviting a location to an incentive programme."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import EnrolmentState
from ledger.rules.enrolment_steps import EnrolmentStep, enrolment_step
from schemas.enrolment import EnrolmentInvited

_ALLOWED = (EnrolmentState.INELIGIBLE, EnrolmentState.INACTIVE)


class InviteEnrolment(EnrolmentStep, Command):
    """Record that Microsoft invited a location to an incentive programme, or invited it again."""

    NAME: ClassVar[str] = "enrolment.invite"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "OSU",
        "location": "101",
        "effective_at": "2020-07-01T00:00:00Z",
    }

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The invitation of an eligible location (domain.md §2)."""
        step = enrolment_step(facts, context, self.NAME, self, _ALLOWED, first=True)
        return Decision(EnrolmentInvited(**step.ids(self)), step.at_us)
