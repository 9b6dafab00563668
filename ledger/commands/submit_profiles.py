"""Giving the profiles that a payment needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.rules.enrolment_steps import BEGUN, EnrolmentStep, enrolment_step
from schemas.enrolment import Profile, ProfilesSubmitted
from schemas.time import from_us


class SubmitProfiles(EnrolmentStep, Command):
    """Give a location's payout or tax profile, or both; the data itself stays outside the log."""

    NAME: ClassVar[str] = "enrolment.submit_profiles"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "MCI",
        "location": "101",
        "profiles": ["payout", "tax"],
        "effective_at": "2020-07-03T00:00:00Z",
    }
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1, max_length=2)]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The profiles, to be validated within the promised hours (domain.md §2: up to 48 h)."""
        step = enrolment_step(facts, context, self.NAME, self, BEGUN)
        due = from_us(step.at_us) + timedelta(hours=step.rules.validation_hours)
        event = ProfilesSubmitted(
            **step.ids(self), profiles=tuple(sorted(set(self.profiles))), validation_due=due
        )
        return Decision(event, step.at_us)
