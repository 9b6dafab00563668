"""Recording how a subscription stands: active, in grace or suspended."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.subscriptions import SubscriptionState, SubscriptionStateChanged
from schemas.values import Id, Instant


class ChangeSubscriptionState(Command):
    """Record that a subscription is in grace, suspended or active again; nothing ends by it."""

    NAME: ClassVar[str] = "subscription.change_state"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "state": "in_grace",
        "effective_at": "2021-06-01T00:00:00Z",
    }
    subscription: Id
    state: SubscriptionState
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The change; whether it was active or in grace matters later, for earning (§13.2)."""
        found = known(facts, SUBSCRIPTION, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        if found.state is self.state:
            raise Refused("state_unchanged", subscription=self.subscription, state=self.state)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.state_since_us,
            because="the last change of its state",
        )
        event = SubscriptionStateChanged(
            subscription=self.subscription, tenant=found.tenant, state=self.state
        )
        return Decision(event, at_us)
