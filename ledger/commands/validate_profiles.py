"""Validating the profiles that a payment needs."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.enrolment_steps import BEGUN, EnrolmentStep, completion, enrolment_step
from schemas.enrolment import Profile, ProfilesValidated


class ValidateProfiles(EnrolmentStep, Command):
    """Record that profiles were validated; with both of them the location is enrolled."""

    NAME: ClassVar[str] = "enrolment.validate_profiles"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "profiles": ["payout", "tax"],
        "effective_at": "2020-07-05T00:00:00Z",
    }
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1, max_length=2)]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The validation, and the completion it leads to (domain.md §2)."""
        step = enrolment_step(facts, context, self.NAME, self, BEGUN)
        before = step.begun()
        missing = sorted(set(self.profiles) - before.submitted)
        if missing:
            raise Refused("profile_not_submitted", profile=missing[0], location=self.location)
        after = before.with_validated(self.profiles)
        event = ProfilesValidated(
            **step.ids(self),
            profiles=tuple(sorted(set(self.profiles))),
            completed=completion(step, after),
        )
        return Decision(event, step.at_us)
