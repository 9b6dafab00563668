"""Recording what time does to granular delegated administration (domain.md §6.3, §13.14)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.commands.record_lapse import CLOCK
from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.gdap import GDAP, Gdap, GdapState
from ledger.refusal import Refused
from ledger.rules.gdap import terms
from ledger.rules.references import known
from schemas.gdap import GdapExpired, GdapExpiryNotified, GdapExtended, GdapRequestLapsed
from schemas.time import from_us
from schemas.values import Id


class RecordGdapLapse(Command):
    """Record that a deadline of a GDAP relationship passed: request, notice or end of the term."""

    NAME: ClassVar[str] = "clock.gdap"
    EXAMPLE: ClassVar[dict[str, Any]] = {"relationship": "G-1", "name": "gdap_end"}
    relationship: Id
    name: Literal["gdap_request", "gdap_notice", "gdap_end"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """What the moment means, effective at the deadline however late it is recorded."""
        if context.actor != CLOCK:
            why = "only the ledger's own clock records that time passed"
            raise Refused(
                "not_permitted", actor=context.actor, command=self.NAME, why=why, who="nobody"
            )
        found = known(facts, GDAP, self.relationship)
        awaited, due_us = {
            "gdap_request": (GdapState.REQUESTED, found.due_us),
            "gdap_notice": (GdapState.ACTIVE, found.notice_us),
            "gdap_end": (GdapState.ACTIVE, found.due_us),
        }[self.name]
        if found.state is not awaited or context.now_us < due_us:
            raise Refused("not_due", name=self.name, claim=self.relationship)
        if self.name == "gdap_request":
            about = self._about(found)
            return Decision(GdapRequestLapsed(**about, due=from_us(due_us)), due_us)
        return self._notice(found) if self.name == "gdap_notice" else self._end(found)

    def _about(self, found: Gdap) -> dict[str, Any]:
        return {
            "relationship": self.relationship,
            "tenant": found.tenant,
            "location": found.location,
        }

    def _notice(self, found: Gdap) -> Decision:
        until, noticed = from_us(found.due_us), from_us(found.notice_us)
        event = GdapExpiryNotified(
            **self._about(found),
            days=(until - noticed).days,
            until=until,
            next_notice=terms().next_notice(until, noticed),
        )
        return Decision(event, found.notice_us)

    def _end(self, found: Gdap) -> Decision:
        until, rules = from_us(found.due_us), terms()
        if not (found.auto_extend and rules.extends_at(until)):
            return Decision(GdapExpired(**self._about(found), due=until), found.due_us)
        longer = rules.extended(until)
        event = GdapExtended(
            **self._about(found),
            until=longer,
            next_notice=rules.next_notice(longer, until),
            ended=until,
        )
        return Decision(event, found.due_us)
