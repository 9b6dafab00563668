"""Ending an association of a kind that has no command of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.association import ASSOCIATION
from ledger.refusal import Refused
from ledger.rules import places
from ledger.rules.effective import effective_us
from ledger.rules.references import still_in_force
from ledger.rules.roles import permit
from schemas.associations import AssociationEnded
from schemas.values import Id, Instant, TenantId, Text


class EndAssociation(Command):
    """End an association that association.record recorded; name it by the same fields."""

    NAME: ClassVar[str] = "association.end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "kind": "Deal registration",
        "location": "101",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "reference": "DR-4711",
        "reason": "The deal was lost",
        "effective_at": "2021-06-01T00:00:00Z",
    }
    kind: Text
    location: Id
    tenant: TenantId | None = None
    subscription: Id | None = None
    agreement: Id | None = None
    reference: Id | None = None
    reason: Text | None = None
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, not before the beginning (domain.md §6.6)."""
        kind = places.recordable(self.kind)
        on = places.target(facts, kind, self.tenant, self.subscription, self.agreement)
        permit(facts, context, self.NAME, tenant=on.tenant)
        still_in_force(on.place, on.value, on.ended_us)
        slot = places.slot(kind, on, self.location, self.reference)
        there = facts(ASSOCIATION, slot)
        held = places.occupant(facts, there)
        if held is None or self.location not in (held, there.location):
            raise Refused(
                "association_not_held",
                location=self.location,
                kind=kind.title,
                place=f"{on.place} {on.value}",
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=there.since_us,
            because="its beginning",
        )
        event = AssociationEnded(
            kind=kind.slug,
            slot=slot,
            tenant=on.tenant,
            location=there.location or held,
            reason=self.reason,
        )
        return Decision(event, at_us)
