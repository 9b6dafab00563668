"""Giving an identity an Azure role on a scope."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.identity import ASSIGNMENT, IDENTITY
from ledger.rules.effective import effective_us
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from schemas.associations import AzureRoleAssigned, Scope
from schemas.values import Id, Instant, TenantId, Text


class AssignAzureRole(Command):
    """Give an identity an Azure role on a scope; its link is measured within that scope."""

    NAME: ClassVar[str] = "azure_role.assign"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "assignment": "RA-1",
        "identity": "dev-1",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "role": "Contributor",
        "scope": "/subscriptions/S-3/resourceGroups/shop",
        "effective_at": "2020-09-01T00:00:00Z",
    }
    assignment: Id
    identity: Id
    tenant: TenantId
    role: Text
    scope: Scope
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The assignment, granted by the customer; which roles count, a programme says (§6.2)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        at_us = effective_us(context, self.NAME, self.effective_at)
        unused(facts, ASSIGNMENT, self.assignment)
        known(facts, IDENTITY, self.identity)
        known(facts, CUSTOMER, self.tenant)
        event = AzureRoleAssigned(
            assignment=self.assignment,
            identity=self.identity,
            tenant=self.tenant,
            role=self.role,
            scope=self.scope,
        )
        return Decision(event, at_us)
