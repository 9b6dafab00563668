"""A location's enrolment in an incentive programme, as it stands (domain.md §2)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.enrolment import (
    Completion,
    EnrolmentDiscontinued,
    EnrolmentEvent,
    EnrolmentIneligible,
    EnrolmentInvited,
    EnrolmentLapsed,
    EnrolmentLeft,
    EnrolmentRolledForward,
    EnrolmentStarted,
    Profile,
    ProfilesRejected,
    ProfilesSubmitted,
    ProfilesValidated,
)
from schemas.parties import LocationDeleted
from schemas.time import to_us


class EnrolmentState(StrEnum):
    """The states of an enrolment (domain.md §2)."""

    INVITED = "invited"
    ACTION_REQUIRED = "action_required"
    ENROLLING = "enrolling"
    VALIDATING = "validating_enrolment"
    ENROLLED = "enrolled"
    INELIGIBLE = "ineligible"
    INACTIVE = "inactive"
    DISCONTINUED = "discontinued"


BOTH = frozenset(Profile)
"""An enrolment is complete only when payout and tax profile are validated (domain.md §2)."""


class Enrolment(NamedTuple):
    """An enrolment as known now; ``since_us`` is when its last event was true in the world."""

    organisation: str
    state: EnrolmentState
    since_us: int
    position: int
    submitted: frozenset[Profile] = frozenset()
    validated: frozenset[Profile] = frozenset()
    rejected: frozenset[Profile] = frozenset()
    term_ends_us: int = 0

    def standing(self) -> EnrolmentState:
        """The state that the profiles make, once the partner has begun."""
        if self.rejected:
            return EnrolmentState.ACTION_REQUIRED
        if self.validated == BOTH:
            return EnrolmentState.ENROLLED
        complete = self.submitted | self.validated == BOTH
        return EnrolmentState.VALIDATING if complete else EnrolmentState.ENROLLING

    def with_submitted(self, profiles: Iterable[Profile]) -> Enrolment:
        """After profiles were given: they are neither validated nor rejected any more."""
        new = frozenset(profiles)
        return self._replace(
            submitted=self.submitted | new,
            validated=self.validated - new,
            rejected=self.rejected - new,
        )

    def with_validated(self, profiles: Iterable[Profile]) -> Enrolment:
        """After profiles were validated."""
        new = frozenset(profiles)
        return self._replace(
            submitted=self.submitted - new,
            validated=self.validated | new,
            rejected=self.rejected - new,
        )

    def with_rejected(self, profiles: Iterable[Profile]) -> Enrolment:
        """After profiles were found wrong."""
        new = frozenset(profiles)
        return self._replace(
            submitted=self.submitted - new,
            validated=self.validated - new,
            rejected=self.rejected | new,
        )


def _apply(state: Enrolment | None, fact: Fact) -> Enrolment | None:
    event = fact.event
    if isinstance(event, LocationDeleted):
        gone = EnrolmentState.DISCONTINUED
        ended = state and state._replace(state=gone, term_ends_us=0)
        return ended and ended._replace(since_us=fact.effective_at_us, position=fact.position)
    assert isinstance(event, EnrolmentEvent)
    before = state or Enrolment(event.organisation, EnrolmentState.INVITED, 0, 0)
    after = _after(before, event)
    return after._replace(since_us=fact.effective_at_us, position=fact.position)


def _after(before: Enrolment, event: EnrolmentEvent) -> Enrolment:
    match event:
        case EnrolmentStarted():
            return _completed(before, event.completed)
        case ProfilesSubmitted():
            return _standing(before.with_submitted(event.profiles))
        case ProfilesValidated():
            return _completed(before.with_validated(event.profiles), event.completed)
        case ProfilesRejected():
            return _standing(before.with_rejected(event.profiles))
        case EnrolmentRolledForward():
            return before._replace(term_ends_us=to_us(event.term_ends))
    return before._replace(state=_PLAIN[type(event)], term_ends_us=0)


_PLAIN: dict[type[EnrolmentEvent], EnrolmentState] = {
    EnrolmentInvited: EnrolmentState.INVITED,
    EnrolmentIneligible: EnrolmentState.INELIGIBLE,
    EnrolmentLeft: EnrolmentState.INACTIVE,
    EnrolmentLapsed: EnrolmentState.INACTIVE,
    EnrolmentDiscontinued: EnrolmentState.DISCONTINUED,
}


def _standing(enrolment: Enrolment) -> Enrolment:
    return enrolment._replace(state=enrolment.standing())


def _completed(enrolment: Enrolment, completed: Completion | None) -> Enrolment:
    if completed is None:
        return _standing(enrolment)
    return _standing(enrolment)._replace(term_ends_us=to_us(completed.term_ends))


_STEPS: tuple[type[EnrolmentEvent], ...] = (
    EnrolmentInvited,
    EnrolmentStarted,
    ProfilesSubmitted,
    ProfilesValidated,
    ProfilesRejected,
    EnrolmentIneligible,
    EnrolmentLeft,
    EnrolmentDiscontinued,
    EnrolmentRolledForward,
    EnrolmentLapsed,
)


def _programme(state: tuple[str, ...], fact: Fact) -> tuple[str, ...]:
    event = fact.event
    assert isinstance(event, EnrolmentEvent)
    return state if event.programme in state else (*state, event.programme)


PROGRAMMES: Model[tuple[str, ...]] = Model(
    name="enrolled_in", tag="partner", types=_STEPS, start=(), apply=_programme
)
"""The programmes in which a location ever had an enrolment; key: the location."""


ENROLMENT: Model[Enrolment | None] = Model(
    name="enrolment",
    tag="enrolment",
    types=(*_STEPS, LocationDeleted),
    start=None,
    apply=_apply,
)
"""The enrolment, or None before its first event; key: ``programme:location``."""
