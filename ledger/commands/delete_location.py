"""Recording that a partner location was deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.enrolment import ENROLMENT, PROGRAMMES, EnrolmentState
from ledger.decision_models.partner import LOCATION
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.parties import LocationDeleted
from schemas.values import Comment, Id, Instant


class DeleteLocation(Command):
    """Record that a location is deleted: all it holds ends, unless re-pointed before."""

    NAME: ClassVar[str] = "location.delete"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": "101",
        "comment": "Office closed.",
        "effective_at": "2023-06-30T00:00:00Z",
    }
    location: Id
    effective_at: Instant | None = None
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The deletion, once, not before the location's last change (domain.md §7.5)."""
        found = known(facts, LOCATION, self.location)
        permit(facts, context, self.NAME, organisation=found.organisation, location=self.location)
        still_in_force("location", self.location, found.deleted_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.since_us,
            because="the last change of this location",
        )
        event = LocationDeleted(
            location=self.location,
            organisation=found.organisation,
            comment=self.comment,
            enrolments=self._enrolments(facts) or None,
        )
        return Decision(event, at_us)

    def _enrolments(self, facts: Facts) -> tuple[str, ...]:
        """The programmes whose enrolment ends with it: credit goes at once (§7.5)."""
        named = facts(PROGRAMMES, self.location)
        ended = (EnrolmentState.INACTIVE, EnrolmentState.DISCONTINUED)
        standing = ((each, facts(ENROLMENT, f"{each}:{self.location}")) for each in named)
        return tuple(each for each, one in standing if one and one.state not in ended)
