"""Recording that the term of an enrolment ended."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import ENROLMENT, EnrolmentState
from ledger.decision_models.incentives import incentive
from ledger.decision_models.partner import LOCATION
from ledger.refusal import Refused
from ledger.rules.clock import only_the_clock
from ledger.rules.enrolment_steps import BEGUN
from ledger.rules.references import known
from schemas.enrolment import EnrolmentLapsed, EnrolmentRolledForward
from schemas.time import from_us


class EndEnrolmentTerm(Command):
    """Record that an enrolment's term ended: the next begins by itself, or it lapses."""

    NAME: ClassVar[str] = "clock.enrolment_term"
    EXAMPLE: ClassVar[dict[str, Any]] = {"enrolment": "MCI:101", "name": "enrolment_term"}
    enrolment: str
    name: Literal["enrolment_term"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """Rolled forward while eligible and complete, else inactive (domain.md §2).

        It ended with a location whose deletion did not say so yet (§7.5).
        """
        only_the_clock(context, self.NAME)
        found = known(facts, ENROLMENT, self.enrolment)
        programme, _, location = self.enrolment.partition(":")
        due_us = found.term_ends_us
        if found.state not in BEGUN or not due_us or context.now_us < due_us:
            raise Refused("nothing_due", what=f"term of enrolment {self.enrolment}")
        ids = {"programme": programme, "location": location, "organisation": found.organisation}
        event: EnrolmentRolledForward | EnrolmentLapsed
        where = facts(LOCATION, location)
        there = where is None or where.deleted_us > due_us
        if found.state is EnrolmentState.ENROLLED and there:
            ends_us = incentive(facts, programme).term_end_us(due_us)
            event = EnrolmentRolledForward(**ids, term_ends=from_us(ends_us))
        else:
            event = EnrolmentLapsed(**ids, due=from_us(due_us))
        return Decision(event, due_us, found.position)
