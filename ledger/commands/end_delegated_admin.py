"""Ending a partner's delegated administration of a tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.delegated_admin import DELEGATIONS
from ledger.decision_models.partner import LOCATION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.associations import DelegatedAdminEnded
from schemas.time import FOREVER_US, from_us
from schemas.values import Id, Instant, TenantId


class EndDelegatedAdmin(Command):
    """End the delegated administration of a partner location; its reseller relation stays."""

    NAME: ClassVar[str] = "delegated_admin.end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "location": "101",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    tenant: TenantId
    location: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, not before the grant and not after it lapsed (domain.md §6.3)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        known(facts, CUSTOMER, self.tenant)
        known(facts, LOCATION, self.location)
        found = facts(DELEGATIONS, self.tenant).of(self.location)
        if found is None or found.until_us <= context.now_us:
            raise Refused("delegated_admin_not_held", location=self.location, tenant=self.tenant)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.from_us,
            because="the grant",
        )
        overtaken = None if found.term_us == FOREVER_US else from_us(found.term_us)
        event = DelegatedAdminEnded(tenant=self.tenant, location=self.location, overtaken=overtaken)
        return Decision(event, at_us)
