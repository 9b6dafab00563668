"""Recording that a subscription ended."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.rules.effective import effective_us
from ledger.rules.ended_claims import ended_claims
from ledger.rules.products import product
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.subscriptions import SubscriptionEnded
from schemas.values import Id, Instant


class EndSubscription(Command):
    """Record the end of a subscription; every association that lives on it ends with it."""

    NAME: ClassVar[str] = "subscription.end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "reason": "expired",
        "effective_at": "2021-06-30T00:00:00Z",
    }
    subscription: Id
    reason: Literal["expired", "cancelled", "renewed", "transferred"]
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, with the claimable slots it empties (domain.md §4.4)."""
        found = known(facts, SUBSCRIPTION, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.changed_us,
            because="its start or last change",
        )
        slots = product(found.product).slots(self.subscription)
        event = SubscriptionEnded(
            subscription=self.subscription,
            tenant=found.tenant,
            reason=self.reason,
            slots=slots,
            claims=ended_claims(facts, slots),
        )
        return Decision(event, at_us)
