"""Amending the partners on a licensing agreement."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.agreement import AGREEMENT, Agreement
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from ledger.rules.standing import living_location, place_of
from schemas.agreements import AgreementAmended, TransactingPartner
from schemas.values import Id, Instant

_Partners = Annotated[tuple[TransactingPartner, ...], Field(max_length=10)]


class AmendAgreement(Command):
    """Put partners on an agreement, take partners off it, or replace one by another."""

    NAME: ClassVar[str] = "agreement.amend"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "agreement": "EA-1",
        "add": [{"location": "101", "role": "software_advisor"}],
        "remove": [{"location": "101", "role": "reseller"}],
        "effective_at": "2021-07-01T00:00:00Z",
    }
    agreement: Id
    add: _Partners = ()
    remove: _Partners = ()
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _changes_something_once(self) -> Self:
        changed = [*self.add, *self.remove]
        if not changed:
            raise ValueError("an amendment adds or removes somebody; name `add` or `remove`")
        for partner in changed:
            if changed.count(partner) > 1:
                raise ValueError(
                    f"location {partner.location} as {partner.role} stands twice; name it once"
                )
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The amendment, from which TPOR follows by itself (domain.md §6)."""
        found = known(facts, AGREEMENT, self.agreement)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("agreement", self.agreement, found.ended_us)
        removed = self._fitting(facts, found)
        for partner in self.add:
            living_location(facts, partner.location)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.changed_us,
            because="its signature or last amendment",
        )
        event = AgreementAmended(
            agreement=self.agreement, tenant=found.tenant, added=self.add, removed=removed
        )
        return Decision(event, at_us)

    def _fitting(self, facts: Facts, found: Agreement) -> tuple[TransactingPartner, ...]:
        """Those to remove, by the location they were named with; a re-pointed one goes by both."""
        there = {(one.location, one.role): one for one in found.partners}
        there |= {(place_of(facts, one.location).location, one.role): one for one in found.partners}
        for partner in self.add:
            if (partner.location, partner.role) in there:
                raise Refused("partner_on_agreement", **self._named(partner))
        for partner in self.remove:
            if (partner.location, partner.role) not in there:
                raise Refused("partner_not_on_agreement", **self._named(partner))
        return tuple(there[partner.location, partner.role] for partner in self.remove)

    def _named(self, partner: TransactingPartner) -> dict[str, str]:
        return {
            "location": partner.location,
            "role": partner.role,
            "agreement": self.agreement,
        }
