"""Rejecting a profile that a payment needs."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.enrolment_steps import BEGUN, EnrolmentStep, enrolment_step
from schemas.enrolment import Profile, ProfilesRejected
from schemas.values import Comment


class RejectProfiles(EnrolmentStep, Command):
    """Record that profiles are wrong, or no longer right: the partner has to act."""

    NAME: ClassVar[str] = "enrolment.reject_profiles"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "profiles": ["tax"],
        "reason": "The form is not signed.",
        "effective_at": "2020-07-05T00:00:00Z",
    }
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1, max_length=2)]
    reason: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The rejection (domain.md §2, Action required)."""
        step = enrolment_step(facts, context, self.NAME, self, BEGUN)
        before = step.begun()
        missing = sorted(set(self.profiles) - before.submitted - before.validated)
        if missing:
            raise Refused("profile_not_submitted", profile=missing[0], location=self.location)
        event = ProfilesRejected(
            **step.ids(self), profiles=tuple(sorted(set(self.profiles))), reason=self.reason
        )
        return Decision(event, step.at_us)
