"""Events about a location's enrolment in an incentive programme, and about programmes (§2)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from schemas.event import Event, Timer, distinct
from schemas.time import to_us
from schemas.values import Comment, Content, Id, Instant, Sha256, Value


class Profile(StrEnum):
    """What a location has to give before it can be paid (domain.md §2)."""

    PAYOUT = "payout"
    TAX = "tax"


class IncentiveAdopted(Event):
    """An incentive programme came into force, its whole content embedded."""

    TYPE: ClassVar[str] = "incentive.adopted.v1"
    programme: Id
    content: Content
    sha256: Sha256

    def tags(self) -> tuple[str, ...]:
        """The programme, and the tag all incentive programmes share."""
        return (f"incentive:{self.programme}", "incentives:all")


class Completion(Value):
    """That every requirement of an enrolment is met: from which day it earns, until when it runs.

    ``earns_from`` is the first day of the month in which the last requirement was completed.
    """

    earns_from: date
    term_ends: Instant


class EnrolmentEvent(Event):
    """What every event of an enrolment says: the programme, the location and its organisation."""

    programme: Id
    location: Id
    organisation: Id

    def tags(self) -> tuple[str, ...]:
        """The enrolment, the partner location and its organisation."""
        return distinct(
            f"enrolment:{self.programme}:{self.location}",
            f"partner:{self.location}",
            f"organisation:{self.organisation}",
        )

    def term(self, ends: Instant | None) -> tuple[Timer, ...]:
        """The enrolment's term runs until it ends; no more with None."""
        key = f"enrolment_term:{self.programme}:{self.location}"
        return (Timer(key, "enrolment_term", to_us(ends)) if ends else Timer(key, "", None),)


class EnrolmentInvited(EnrolmentEvent):
    """Microsoft invited the location to the programme."""

    TYPE: ClassVar[str] = "enrolment.invited.v1"


class EnrolmentStarted(EnrolmentEvent):
    """The partner began to enrol; ``completed`` where its profiles were validated before."""

    TYPE: ClassVar[str] = "enrolment.started.v1"
    completed: Completion | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The term runs, where all is complete."""
        return self.term(self.completed.term_ends) if self.completed else ()


class ProfilesSubmitted(EnrolmentEvent):
    """The partner gave its payout or tax profile, or both; validation is promised by a day."""

    TYPE: ClassVar[str] = "enrolment.profiles_submitted.v1"
    profiles: tuple[Profile, ...] = Field(min_length=1, max_length=2)
    validation_due: Instant


class ProfilesValidated(EnrolmentEvent):
    """Profiles were validated; ``completed`` where nothing is missing any more."""

    TYPE: ClassVar[str] = "enrolment.profiles_validated.v1"
    profiles: tuple[Profile, ...] = Field(min_length=1, max_length=2)
    completed: Completion | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The term runs, where all is complete."""
        return self.term(self.completed.term_ends) if self.completed else ()


class ProfilesRejected(EnrolmentEvent):
    """Profiles were found wrong, or no longer right: the partner has to act."""

    TYPE: ClassVar[str] = "enrolment.profiles_rejected.v1"
    profiles: tuple[Profile, ...] = Field(min_length=1, max_length=2)
    reason: Comment


class EnrolmentIneligible(EnrolmentEvent):
    """The location is no longer eligible for the programme."""

    TYPE: ClassVar[str] = "enrolment.made_ineligible.v1"
    reason: Comment

    def timers(self) -> tuple[Timer, ...]:
        """No term runs any more."""
        return self.term(None)


class EnrolmentLeft(EnrolmentEvent):
    """The partner left the programme: the enrolment is inactive."""

    TYPE: ClassVar[str] = "enrolment.left.v1"
    reason: Comment | None = None

    def timers(self) -> tuple[Timer, ...]:
        """No term runs any more."""
        return self.term(None)


class EnrolmentDiscontinued(EnrolmentEvent):
    """The programme, or the location's part in it, ended for good."""

    TYPE: ClassVar[str] = "enrolment.discontinued.v1"
    reason: Comment

    def timers(self) -> tuple[Timer, ...]:
        """No term runs any more."""
        return self.term(None)


class EnrolmentRolledForward(EnrolmentEvent):
    """The term ended while all was complete: the next began by itself."""

    TYPE: ClassVar[str] = "enrolment.rolled_forward.v1"
    term_ends: Instant

    def timers(self) -> tuple[Timer, ...]:
        """The next term runs."""
        return self.term(self.term_ends)


class EnrolmentLapsed(EnrolmentEvent):
    """The term ended while a profile was not in order: the enrolment is inactive."""

    TYPE: ClassVar[str] = "enrolment.lapsed.v1"
    due: Instant

    def timers(self) -> tuple[Timer, ...]:
        """No term runs any more."""
        return self.term(None)
