"""Recording that a partner location went over to another organisation."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.roles import permit
from ledger.rules.standing import living_location, living_organisation
from schemas.parties import LocationMoved
from schemas.values import Id, Instant


class MoveLocation(Command):
    """Record that a location, with all that it holds, is another organisation's from then on."""

    NAME: ClassVar[str] = "location.move"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": "101",
        "organisation": "200",
        "effective_at": "2023-06-30T00:00:00Z",
    }
    location: Id
    organisation: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The move; the location keeps its id and its associations (domain.md §7.5 [P])."""
        permit(facts, context, self.NAME, location=self.location)
        found = living_location(facts, self.location)
        living_organisation(facts, self.organisation)
        if found.organisation == self.organisation:
            raise Refused(
                "location_already_there", location=self.location, organisation=self.organisation
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.since_us,
            because="the last change of this location",
        )
        event = LocationMoved(
            location=self.location, organisation=self.organisation, previous=found.organisation
        )
        return Decision(event, at_us)
