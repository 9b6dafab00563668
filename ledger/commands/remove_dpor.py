"""Emptying a subscription's DPOR place."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import still_in_force
from ledger.rules.roles import permit
from ledger.rules.standing import subscription_now
from schemas.associations import DporRemoved
from schemas.values import Id, Instant


class RemoveDpor(Command):
    """Empty the DPOR place of a subscription."""

    NAME: ClassVar[str] = "dpor.remove"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "effective_at": "2021-02-15T00:00:00Z",
    }
    subscription: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The removal, by the customer's admin only (domain.md §6.1)."""
        found = subscription_now(facts, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        if found.dpor is None:
            raise Refused("dpor_empty", subscription=self.subscription)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.dpor_since_us,
            because="the last change of this place",
        )
        event = DporRemoved(
            subscription=self.subscription, tenant=found.tenant, previous=found.dpor
        )
        return Decision(event, at_us)
