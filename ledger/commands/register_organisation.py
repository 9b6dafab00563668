"""Registering a partner organisation."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.partner import ORGANISATION
from ledger.rules.references import unused
from ledger.rules.roles import permit
from schemas.parties import OrganisationRegistered
from schemas.values import Country, Domain, Id, Imported, Text


class RegisterOrganisation(Command):
    """Make a partner organisation (PGA) known, with its country and domains."""

    NAME: ClassVar[str] = "organisation.register"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "organisation": "100",
        "name": "Partner A",
        "country": "CZ",
        "domains": ["partner-a.example"],
    }
    organisation: Id
    name: Text
    country: Country
    domains: Annotated[tuple[Domain, ...], Field(max_length=50)] = ()
    imported: Imported | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The registration; the id must be new (domain.md §1)."""
        permit(facts, context, self.NAME, organisation=self.organisation)
        unused(facts, ORGANISATION, self.organisation)
        event = OrganisationRegistered(
            organisation=self.organisation,
            name=self.name,
            country=self.country,
            domains=self.domains,
            imported=self.imported,
        )
        return Decision(event, context.now_us)
