"""Removing a member from a security group."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.group import GROUP, MEMBERSHIP
from ledger.decision_models.identity import IDENTITY
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.directory import GroupMemberRemoved
from schemas.values import Id, Instant


class RemoveGroupMember(Command):
    """End an identity's membership: the group's Azure roles stop counting for it."""

    NAME: ClassVar[str] = "group.remove_member"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "group": "azure-managers",
        "identity": "dev-1",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    group: Id
    identity: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of the membership, and of the roles that came with it (domain.md §6.2)."""
        group = known(facts, GROUP, self.group)
        permit(facts, context, self.NAME, tenant=group.tenant)
        known(facts, IDENTITY, self.identity)
        membership = facts(MEMBERSHIP, f"{self.group}:{self.identity}")
        if not membership.member:
            raise Refused("not_a_member", identity=self.identity, group=self.group)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=membership.since_us,
            because="the last change of this membership",
        )
        return Decision(GroupMemberRemoved(group=self.group, identity=self.identity), at_us)
