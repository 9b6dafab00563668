"""Recording that a partner organisation went up in another."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.partner import LOCATION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from ledger.rules.standing import living_organisation
from schemas.parties import MOST_LOCATIONS, OrganisationMerged
from schemas.values import Id, Instant


class MergeOrganisation(Command):
    """Record that an organisation merged into another: its locations keep all that they hold."""

    NAME: ClassVar[str] = "organisation.merge"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "into": "200",
        "effective_at": "2023-06-30T00:00:00Z",
    }
    organisation: Id
    into: Id
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _into_another(self) -> Self:
        if self.organisation == self.into:
            raise ValueError("an organisation can't merge into itself; name another")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The merger; an organisation that went up in another can't merge again (§7.5)."""
        permit(facts, context, self.NAME, organisation=self.organisation)
        found = living_organisation(facts, self.organisation)
        living_organisation(facts, self.into)
        if len(found.locations) > MOST_LOCATIONS:
            raise Refused(
                "too_many_locations",
                organisation=self.organisation,
                count=len(found.locations),
                most=MOST_LOCATIONS,
            )
        changed = [known(facts, LOCATION, one).since_us for one in found.locations]
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=max(changed, default=0),
            because="the last change of its locations",
        )
        event = OrganisationMerged(
            organisation=self.organisation,
            into=self.into,
            locations=found.locations,
            domains=found.domains,
        )
        return Decision(event, at_us)
