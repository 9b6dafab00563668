"""Recording that a subscription has another number of seats."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.subscriptions import SubscriptionSeatsChanged
from schemas.values import Id, Instant


class ChangeSeats(Command):
    """Record the number of seats a subscription has from a moment on."""

    NAME: ClassVar[str] = "subscription.change_seats"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "seats": 650,
        "effective_at": "2021-02-01T00:00:00Z",
    }
    subscription: Id
    seats: Annotated[int, Field(ge=0, le=100_000_000)]
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The change of the subscription's facts (DESIGN §6)."""
        found = known(facts, SUBSCRIPTION, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        if found.seats == self.seats:
            raise Refused("seats_unchanged", subscription=self.subscription, seats=self.seats)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.seats_since_us,
            because="the last change of its seats",
        )
        event = SubscriptionSeatsChanged(
            subscription=self.subscription, tenant=found.tenant, seats=self.seats
        )
        return Decision(event, at_us)
