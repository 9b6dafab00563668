"""Beginning to enrol."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import Enrolment, EnrolmentState
from ledger.refusal import Refused
from ledger.rules.enrolment_steps import EnrolmentStep, completion, enrolment_step
from schemas.enrolment import EnrolmentStarted

_ALLOWED = (EnrolmentState.INVITED, EnrolmentState.INACTIVE)


class StartEnrolment(EnrolmentStep, Command):
    """Begin to enrol an invited location, or any location where a programme is open to all."""

    NAME: ClassVar[str] = "enrolment.start"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "effective_at": "2020-07-02T00:00:00Z",
    }

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The beginning; profiles that were validated before still count (domain.md §2)."""
        step = enrolment_step(facts, context, self.NAME, self, _ALLOWED, first=True)
        if step.before is None and step.rules.invited:
            raise Refused("not_invited", location=self.location, programme=self.programme)
        before = step.before or Enrolment(step.organisation, EnrolmentState.INVITED, 0, 0)
        event = EnrolmentStarted(**step.ids(self), completed=completion(step, before))
        return Decision(event, step.at_us)
