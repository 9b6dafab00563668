"""How every step of an enrolment begins, and what its completion means (domain.md §2)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Context, Facts
from ledger.decision_models.enrolment import ENROLMENT, Enrolment, EnrolmentState
from ledger.decision_models.incentives import incentive
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.incentives import Incentive
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.enrolment import Completion
from schemas.time import from_us
from schemas.values import Id, Instant, Value

BEGUN = (
    EnrolmentState.ENROLLING,
    EnrolmentState.VALIDATING,
    EnrolmentState.ACTION_REQUIRED,
    EnrolmentState.ENROLLED,
)
"""The states in which the partner has begun and nobody has ended it."""


class EnrolmentStep(Value):
    """What every step of an enrolment names."""

    programme: Id
    location: Id
    effective_at: Instant | None = None


class Step(NamedTuple):
    """A step that may be taken: who it is about, the programme's rules, when it is true."""

    organisation: str
    rules: Incentive
    at_us: int
    before: Enrolment | None

    def begun(self) -> Enrolment:
        """The enrolment before the step, where there must be one."""
        assert self.before is not None, "the step is allowed only in a state of an enrolment"
        return self.before

    def ids(self, wish: EnrolmentStep) -> dict[str, str]:
        """What every event of an enrolment says."""
        return {
            "programme": wish.programme,
            "location": wish.location,
            "organisation": self.organisation,
        }


def enrolment_step(
    facts: Facts,
    context: Context,
    command: str,
    wish: EnrolmentStep,
    allowed: tuple[EnrolmentState, ...],
    *,
    first: bool = False,
) -> Step:
    """The step, permitted and possible; ``first`` where there need be no enrolment before it.

    An enrolment's steps are recorded in the order in which they were true.
    """
    organisation = living_location(facts, wish.location).organisation
    rules = incentive(facts, wish.programme)
    permit(
        facts,
        context,
        command,
        organisation=organisation,
        location=wish.location,
        programmes=(wish.programme,),
    )
    key = f"{wish.programme}:{wish.location}"
    before = facts(ENROLMENT, key) if first else known(facts, ENROLMENT, key)
    since_us = before.since_us if before else 0
    at_us = effective_us(
        context, command, wish.effective_at, not_before_us=since_us, because="its last step"
    )
    if before is not None and before.state not in allowed:
        raise Refused(
            "enrolment_state",
            command=command,
            location=wish.location,
            programme=wish.programme,
            state=before.state.replace("_", " "),
            allowed=" or ".join(state.replace("_", " ") for state in allowed),
        )
    return Step(organisation, rules, at_us, before)


def completion(step: Step, after: Enrolment) -> Completion | None:
    """What follows where nothing is missing any more; None while something is.

    Earnings begin with the month in which the last requirement was completed; the term ends with
    the fiscal year (domain.md §2).
    """
    if after.standing() is not EnrolmentState.ENROLLED:
        return None
    return Completion(
        earns_from=step.rules.month(step.at_us),
        term_ends=from_us(step.rules.term_end_us(step.at_us)),
    )
