"""Taking an Azure role from an identity or a group."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.identity import ASSIGNMENT
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.associations import AzureRoleRemoved, AzureRoleRemovedFromGroup
from schemas.event import Event
from schemas.values import Id, Instant


class RemoveAzureRole(Command):
    """Remove an Azure role assignment; what links are measured by shrinks with it."""

    NAME: ClassVar[str] = "azure_role.remove"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "assignment": "RA-1",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    assignment: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The removal, not before the assignment (domain.md §6.2)."""
        found = known(facts, ASSIGNMENT, self.assignment)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("role assignment", self.assignment, found.removed_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.assigned_us,
            because="the assignment itself",
        )
        about = {"assignment": self.assignment, "tenant": found.tenant}
        event: Event
        if found.group is not None:
            event = AzureRoleRemovedFromGroup(group=found.group, **about)
        else:
            assert found.identity is not None, "an assignment is an identity's or a group's"
            event = AzureRoleRemoved(identity=found.identity, **about)
        return Decision(event, at_us)
