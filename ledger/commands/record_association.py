"""Recording an association of a kind that has no command of its own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.association import ASSOCIATION
from ledger.refusal import Refused
from ledger.rules import places
from ledger.rules.effective import effective_us
from ledger.rules.references import still_in_force
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.associations import AssociationRecorded
from schemas.time import iso
from schemas.values import Document, Id, Imported, Instant, TenantId, Text


class RecordAssociation(Command):
    """Record an association under a kind that no other command records, with where it is from.

    On a subscription, an agreement or a tenant, as the kind asks (`attribution kinds NAME`); it
    ends with them. Kinds of which the sources tell only the name earn nothing.
    """

    NAME: ClassVar[str] = "association.record"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "kind": "Deal registration",
        "location": "101",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "reference": "DR-4711",
        "source": "Deal desk list of March 2021",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    kind: Text
    location: Id
    tenant: TenantId | None = None
    subscription: Id | None = None
    agreement: Id | None = None
    reference: Id | None = None
    source: Text
    documents: Annotated[tuple[Document, ...], Field(max_length=20)] = ()
    effective_at: Instant | None = None
    imported: Imported | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The association; an exclusive kind takes one partner a place (domain.md §6.6)."""
        kind = places.recordable(self.kind)
        on = places.target(facts, kind, self.tenant, self.subscription, self.agreement)
        permit(facts, context, self.NAME, tenant=on.tenant)
        still_in_force(on.place, on.value, on.ended_us)
        living_location(facts, self.location)
        slot = places.slot(kind, on, self.location, self.reference)
        there = facts(ASSOCIATION, slot)
        held = places.occupant(facts, there)
        if held is not None:
            raise Refused(
                "association_held",
                location=held,
                kind=kind.title,
                place=f"{on.place} {on.value}",
                since=iso(there.since_us),
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=max(on.since_us, there.since_us),
            because=f"the start of the {on.place} or the last change of this association",
        )
        event = AssociationRecorded(
            kind=kind.slug,
            slot=slot,
            tenant=on.tenant,
            location=self.location,
            subscription=self.subscription,
            agreement=self.agreement,
            reference=self.reference,
            source=self.source,
            documents=self.documents,
            imported=self.imported,
        )
        return Decision(event, at_us)
