"""Granting a role."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.actor import ACTOR
from ledger.decision_models.role_tables import ROLE_TABLES
from ledger.refusal import Refused
from ledger.rules.effective import check_until
from ledger.rules.role_scope import ScopedRole
from ledger.rules.roles import permit
from schemas.access import RoleGranted
from schemas.time import FOREVER_US, to_us
from schemas.values import Id, Instant

_HOUR_US = 3_600_000_000


class GrantRole(ScopedRole, Command):
    """Grant an actor a role in a scope, now or from ``effective_at`` on, for ever or ``until``.

    It counts from then plus the time that the role table gives a grant to propagate.
    """

    NAME: ClassVar[str] = "role.grant"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "grantee": "jan.user",
        "role": "incentive_user",
        "location": "101",
        "effective_at": "2020-07-01T00:00:00Z",
        "until": "2021-07-01T00:00:00Z",
    }
    grantee: Id
    effective_at: Instant | None = None
    until: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The grant by whoever may grant this role (domain.md §2); it may begin later.

        The sources say that a grant takes a while to propagate, not how long: the role table's
        ``after_hours``, none as shipped.
        """
        scope = self.scope(facts)
        row = f"{self.NAME} {self.role}"
        permit(
            facts,
            context,
            row,
            organisation=scope.organisation,
            location=scope.location,
            tenant=scope.tenant,
        )
        given_us = to_us(self.effective_at) if self.effective_at else context.now_us
        at_us = given_us + facts(ROLE_TABLES, "all").row(row).after_hours * _HOUR_US
        check_until(self.until, at_us)
        until_us = to_us(self.until) if self.until else FOREVER_US
        if facts(ACTOR, self.grantee).covers(self.role, scope, at_us, until_us):
            raise Refused("role_already_held", grantee=self.grantee, role=self.role)
        event = RoleGranted(
            grantee=self.grantee, role=self.role, until=self.until, **scope._asdict()
        )
        return Decision(event, at_us)
