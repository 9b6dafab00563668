"""Registering a partner location."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.partner import LOCATION
from ledger.rules.references import unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_organisation
from schemas.parties import LocationRegistered
from schemas.values import Country, Id, Imported, Text


class RegisterLocation(Command):
    """Make a location (PLA) of a partner organisation known; claims and links name locations.

    Kind `frp` is the id of a FastTrack Ready Partner; what it claims is CPOR-FRP.
    """

    NAME: ClassVar[str] = "location.register"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "location": "101",
        "organisation": "100",
        "name": "Partner A, Prague",
        "country": "CZ",
    }
    location: Id
    organisation: Id
    name: Text
    country: Country
    kind: Literal["frp"] | None = None
    imported: Imported | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The registration; the id must be new and the organisation registered (domain.md §1)."""
        permit(facts, context, self.NAME, organisation=self.organisation, location=self.location)
        living_organisation(facts, self.organisation)
        unused(facts, LOCATION, self.location)
        event = LocationRegistered(
            location=self.location,
            organisation=self.organisation,
            name=self.name,
            country=self.country,
            kind=self.kind,
            imported=self.imported,
        )
        return Decision(event, context.now_us)
