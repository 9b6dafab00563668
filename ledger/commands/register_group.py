"""Registering a security group."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.group import GROUP
from ledger.rules.references import unused
from ledger.rules.roles import permit
from schemas.directory import GroupRegistered
from schemas.values import Id, TenantId, Text


class RegisterGroup(Command):
    """Make a security group known; Azure roles given to it count for every member."""

    NAME: ClassVar[str] = "group.register"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "group": "azure-managers",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "name": "Azure Managers",
    }
    group: Id
    tenant: TenantId
    name: Text

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The registration; ``tenant`` is the directory it lives in, perhaps a partner's (§6.2)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        unused(facts, GROUP, self.group)
        event = GroupRegistered(group=self.group, tenant=self.tenant, name=self.name)
        return Decision(event, context.now_us)
