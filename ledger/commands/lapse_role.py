"""Recording that the term of a granted role ended."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.actor import ACTOR, Scope
from ledger.refusal import Refused
from ledger.rules.clock import only_the_clock
from schemas.access import Role, RoleLapsed
from schemas.time import from_us


class LapseRole(Command):
    """Record that a granted role came to the end that its grant named."""

    NAME: ClassVar[str] = "clock.role_end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "grant": "jan.user|incentive_user||101|||1625097600000000",
        "name": "role_end",
    }
    grant: str
    name: Literal["role_end"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, effective at its instant; who may do what never waited for it (domain.md §2)."""
        only_the_clock(context, self.NAME)
        grantee, named, *parts, due = self.grant.split("|")
        role, due_us = Role(named), int(due)
        scope = Scope(*(part or None for part in parts))
        found = facts(ACTOR, grantee).ending(role, scope, due_us)
        if found is None or context.now_us < due_us:
            raise Refused("nothing_due", what=f"end of the role {role} of {grantee}")
        event = RoleLapsed(grantee=grantee, role=role, due=from_us(due_us), **found.scope._asdict())
        return Decision(event, due_us)
