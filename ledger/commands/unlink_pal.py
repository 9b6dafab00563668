"""Removing the partner id that an identity linked in one customer tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.identity import IDENTITY
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.associations import PalUnlinked
from schemas.time import FOREVER_US
from schemas.values import Id, Instant, TenantId


class UnlinkPal(Command):
    """Remove the link of an identity in one customer tenant (PAL)."""

    NAME: ClassVar[str] = "pal.unlink"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "identity": "dev-1",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    identity: Id
    tenant: TenantId
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The removal, which the customer and other partners can't do (domain.md §6.2)."""
        permit(facts, context, self.NAME, tenant=self.tenant, identity=self.identity)
        link = known(facts, IDENTITY, self.identity).link(self.tenant)
        if link is None or link.ended_us != FOREVER_US:
            raise Refused("pal_not_linked", identity=self.identity, tenant=self.tenant)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=link.linked_us,
            because="the link itself",
        )
        event = PalUnlinked(identity=self.identity, tenant=self.tenant, location=link.location)
        return Decision(event, at_us)
