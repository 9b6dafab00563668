"""Switching the extension of granular delegated administration on or off."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.gdap import GDAP, GdapState
from ledger.refusal import Refused
from ledger.rules.gdap import terms
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.gdap import GdapAutoExtendSet
from schemas.time import from_us
from schemas.values import Id


class SetGdapAutoExtend(Command):
    """Let a GDAP relationship extend itself at the end of its term, or not."""

    NAME: ClassVar[str] = "gdap.set_auto_extend"
    EXAMPLE: ClassVar[dict[str, Any]] = {"relationship": "G-1", "auto_extend": True}
    relationship: Id
    auto_extend: bool

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The switch; there is auto-extension from 30 October 2023 on (domain.md §13.14)."""
        found = known(facts, GDAP, self.relationship)
        permit(facts, context, self.NAME, location=found.location)
        over = context.now_us >= found.due_us
        if over or found.state not in (GdapState.REQUESTED, GdapState.ACTIVE):
            state = "past its term" if over else found.state
            raise Refused("gdap_state", relationship=self.relationship, state=state)
        rules = terms()
        if self.auto_extend and not rules.extends_at(from_us(context.now_us)):
            raise Refused("gdap_no_auto_extend", since=rules.auto_extend_from)
        if found.auto_extend == self.auto_extend:
            raise Refused(
                "gdap_auto_extend_already",
                relationship=self.relationship,
                switch="on" if self.auto_extend else "off",
            )
        event = GdapAutoExtendSet(
            relationship=self.relationship,
            tenant=found.tenant,
            location=found.location,
            auto_extend=self.auto_extend,
        )
        return Decision(event, context.now_us)
