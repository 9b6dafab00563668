"""Putting a partner on a subscription's DPOR place."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import still_in_force
from ledger.rules.roles import permit
from ledger.rules.standing import living_location, subscription_now
from schemas.associations import DporSet
from schemas.values import Id, Instant


class SetDpor(Command):
    """Put a partner on the one DPOR place of a subscription, in place of whoever stands there."""

    NAME: ClassVar[str] = "dpor.set"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "location": "101",
        "effective_at": "2021-01-15T00:00:00Z",
    }
    subscription: Id
    location: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The change, by the customer's admin only, any number of times (domain.md §6.1)."""
        found = subscription_now(facts, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        living_location(facts, self.location)
        if found.dpor == self.location:
            raise Refused(
                "dpor_already_set", location=self.location, subscription=self.subscription
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.dpor_since_us,
            because="the last change of this place",
        )
        event = DporSet(
            subscription=self.subscription,
            tenant=found.tenant,
            location=self.location,
            previous=found.dpor,
        )
        return Decision(event, at_us)
