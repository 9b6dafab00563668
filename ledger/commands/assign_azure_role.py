"""Giving an identity or a group an Azure role on a scope."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.group import GROUP
from ledger.decision_models.identity import ASSIGNMENT, IDENTITY
from ledger.refusal import Refused
from ledger.rules.azure_scope import level
from ledger.rules.effective import effective_us
from ledger.rules.references import known, unused
from ledger.rules.roles import permit
from schemas.associations import (
    AzureRoleAssigned,
    AzureRoleAssignedToGroup,
    Scope,
    Through,
)
from schemas.event import Event
from schemas.values import Id, Instant, TenantId, Text


class AssignAzureRole(Command):
    """Give an identity, or a group, an Azure role on a scope; links are measured within it."""

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
    identity: Id | None = None
    group: Id | None = None
    tenant: TenantId
    role: Text
    scope: Scope
    through: Through | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _one_gets_it(self) -> Self:
        if (self.identity is None) == (self.group is None):
            raise ValueError("needs either identity or group, to say who gets the role")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The assignment, granted by the customer; which roles count, a programme says (§6.2)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        at_us = effective_us(context, self.NAME, self.effective_at)
        unused(facts, ASSIGNMENT, self.assignment)
        known(facts, CUSTOMER, self.tenant)
        if level(self.scope) is None:
            raise Refused("scope_unknown", scope=self.scope)
        return Decision(self._event(facts), at_us)

    def _event(self, facts: Facts) -> Event:
        given: dict[str, Any] = {
            "assignment": self.assignment,
            "tenant": self.tenant,
            "role": self.role,
            "scope": self.scope,
            "through": self.through,
        }
        if self.group is not None:
            known(facts, GROUP, self.group)
            return AzureRoleAssignedToGroup(group=self.group, **given)
        assert self.identity is not None, "checked when the command was made"
        identity = known(facts, IDENTITY, self.identity)
        if self.through and identity.home_tenant is None:
            raise Refused("no_home_tenant", identity=self.identity)
        return AzureRoleAssigned(identity=self.identity, **given)
