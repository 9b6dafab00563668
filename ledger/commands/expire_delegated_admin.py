"""Recording that the term of a delegation ended."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.delegated_admin import DELEGATIONS
from ledger.refusal import Refused
from ledger.rules.clock import only_the_clock
from schemas.associations import DelegatedAdminExpired
from schemas.time import from_us


class ExpireDelegatedAdmin(Command):
    """Record that a delegation came to the end that its grant named."""

    NAME: ClassVar[str] = "clock.delegation_end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "delegation": "00000000-0000-4000-8000-0000000000c1|101|1656547200000000",
        "name": "delegation_end",
    }
    delegation: str
    name: Literal["delegation_end"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, effective at its instant; the association ended there anyway (§6.3)."""
        only_the_clock(context, self.NAME)
        tenant, location, due = self.delegation.split("|")
        due_us = int(due)
        found = facts(DELEGATIONS, tenant).ending(location, due_us)
        if found is None or context.now_us < due_us:
            raise Refused("nothing_due", what=f"end of the delegation to {location}")
        event = DelegatedAdminExpired(
            tenant=tenant, location=location, kind=found.kind, due=from_us(due_us)
        )
        return Decision(event, due_us)
