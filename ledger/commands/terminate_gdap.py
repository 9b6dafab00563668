"""Ending granular delegated administration before its term."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.gdap import GDAP, GdapState
from ledger.refusal import Refused
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.gdap import GdapTerminated
from schemas.values import Id


class TerminateGdap(Command):
    """End a GDAP relationship or take back its request; the reseller relationship stays."""

    NAME: ClassVar[str] = "gdap.terminate"
    EXAMPLE: ClassVar[dict[str, Any]] = {"relationship": "G-1", "by": "customer"}
    relationship: Id
    by: Literal["customer", "partner"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end by either side; Azure roles and the reseller relation are untouched (§6.3)."""
        found = known(facts, GDAP, self.relationship)
        side = {"tenant": found.tenant} if self.by == "customer" else {"location": found.location}
        permit(facts, context, f"{self.NAME} {self.by}", **side)
        over = context.now_us >= found.due_us
        if over or found.state not in (GdapState.REQUESTED, GdapState.ACTIVE):
            state = "past its term" if over else found.state
            raise Refused("gdap_state", relationship=self.relationship, state=state)
        event = GdapTerminated(
            relationship=self.relationship,
            tenant=found.tenant,
            location=found.location,
            by=self.by,
        )
        return Decision(event, context.now_us)
