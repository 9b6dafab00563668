"""The customer's approval of granular delegated administration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.gdap import GDAP, GdapState
from ledger.refusal import Refused
from ledger.rules.gdap import terms
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.gdap import GdapApproved
from schemas.time import from_us, iso
from schemas.values import Id


class ApproveGdap(Command):
    """Approve a partner's request for GDAP: it stands from now on, for the time asked for."""

    NAME: ClassVar[str] = "gdap.approve"
    EXAMPLE: ClassVar[dict[str, Any]] = {"relationship": "G-1"}
    relationship: Id

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The start of the term, while the request has not lapsed (domain.md §6.3)."""
        found = known(facts, GDAP, self.relationship)
        permit(facts, context, self.NAME, tenant=found.tenant)
        if found.state is not GdapState.REQUESTED:
            raise Refused("gdap_state", relationship=self.relationship, state=found.state)
        if context.now_us >= found.due_us:
            raise Refused("gdap_lapsed", relationship=self.relationship, at=iso(found.due_us))
        now = from_us(context.now_us)
        until = now + timedelta(days=found.duration_days)
        event = GdapApproved(
            relationship=self.relationship,
            tenant=found.tenant,
            location=found.location,
            until=until,
            next_notice=terms().next_notice(until, now),
            roles=found.roles,
            auto_extend=found.auto_extend,
        )
        return Decision(event, context.now_us)
