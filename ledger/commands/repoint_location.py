"""Re-pointing all that a partner location holds to a sister location."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.partner import LOCATION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.parties import LocationRepointed
from schemas.values import Id, Instant


class RepointLocation(Command):
    """Re-point all that a location holds to a sister location, perhaps before it is deleted."""

    NAME: ClassVar[str] = "location.repoint"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": "101",
        "to": "102",
        "effective_at": "2023-06-30T00:00:00Z",
    }
    location: Id
    to: Id
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _to_another(self) -> Self:
        if self.location == self.to:
            raise ValueError("`to` is the location itself; name its sister")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The re-pointing, for good, inside one organisation (domain.md §7.5 [P])."""
        organisation = known(facts, LOCATION, self.location).organisation
        permit(facts, context, self.NAME, organisation=organisation, location=self.location)
        found = living_location(facts, self.location)
        sister = living_location(facts, self.to)
        if sister.organisation != found.organisation:
            raise Refused(
                "repointed_elsewhere",
                location=self.location,
                organisation=found.organisation,
                to=self.to,
                other=sister.organisation,
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=max(found.since_us, sister.since_us),
            because="the last change of these locations",
        )
        event = LocationRepointed(
            location=self.location, to=self.to, organisation=found.organisation
        )
        return Decision(event, at_us)
