"""Revoking a role."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.actor import ACTOR
from ledger.refusal import Refused
from ledger.rules.role_scope import ScopedRole
from ledger.rules.roles import permit
from schemas.access import Role, RoleRevoked
from schemas.time import from_us, to_us
from schemas.values import Comment, Id, Instant


class RevokeRole(ScopedRole, Command):
    """Take a role from an actor in a scope, now or from ``effective_at`` on."""

    NAME: ClassVar[str] = "role.revoke"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "grantee": "jan.user",
        "role": "incentive_user",
        "location": "101",
        "effective_at": "2021-01-31T00:00:00Z",
        "reason": "Left the company.",
    }
    grantee: Id
    effective_at: Instant | None = None
    reason: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The revocation by whoever may grant the role (domain.md §2); it may begin later.

        An operator can't revoke the own role, so that a ledger is never without one.
        """
        scope = self.scope(facts)
        permit(
            facts,
            context,
            f"{self.NAME} {self.role}",
            organisation=scope.organisation,
            location=scope.location,
            tenant=scope.tenant,
        )
        if self.role is Role.OPERATOR and self.grantee == context.actor:
            raise Refused("own_operator_role", actor=context.actor)
        at_us = to_us(self.effective_at) if self.effective_at else context.now_us
        actor = facts(ACTOR, self.grantee)
        if not actor.keeps(self.role, scope, at_us):
            raise Refused("role_not_held", grantee=self.grantee, role=self.role)
        event = RoleRevoked(
            grantee=self.grantee,
            role=self.role,
            reason=self.reason,
            overtaken=tuple(map(from_us, actor.ends(self.role, scope, at_us))) or None,
            **scope._asdict(),
        )
        return Decision(event, at_us)
