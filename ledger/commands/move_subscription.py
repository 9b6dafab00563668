"""Moving a subscription from volume licensing to the modern commerce platform."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules.chains import UNDER_AGREEMENT, check_chain
from ledger.rules.effective import effective_us
from ledger.rules.ended_claims import ended_claims
from ledger.rules.products import product
from ledger.rules.references import known, still_in_force, unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.subscriptions import Channel, SubscriptionMoved
from schemas.values import Id, Instant, Text


class MoveSubscription(Command):
    """Move a subscription from an agreement to the modern commerce platform; its DPOR ends.

    Name the new id as `becomes`; where the platform kept the id, leave it out. Under a new id
    everything starts empty: claims on the old one end with it.
    """

    NAME: ClassVar[str] = "subscription.move"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "becomes": "S-1M",
        "channel": "csp_direct",
        "transacting_partner": "102",
        "effective_at": "2021-06-30T00:00:00Z",
    }
    subscription: Id
    becomes: Id | None = None
    channel: Literal[Channel.CSP_DIRECT, Channel.CSP_INDIRECT, Channel.WEB_DIRECT]
    offer: Text | None = None
    transacting_partner: Id | None = None
    indirect_reseller: Id | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _channel_names_its_partners(self) -> Self:
        check_chain(self.channel, self.transacting_partner, self.indirect_reseller)
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The move; DPOR is not transferred and the new id inherits nothing (domain.md §6.1)."""
        found = known(facts, SUBSCRIPTION, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        if found.channel not in UNDER_AGREEMENT:
            raise Refused(
                "not_under_agreement", subscription=self.subscription, channel=found.channel
            )
        becomes = self.becomes or self.subscription
        if becomes != self.subscription:
            unused(facts, SUBSCRIPTION, becomes)
        for partner in (self.transacting_partner, self.indirect_reseller):
            if partner:
                living_location(facts, partner)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.changed_us,
            because="its start or last change",
        )
        kept = becomes == self.subscription
        slots = () if kept else product(found.product).slots(self.subscription)
        event = SubscriptionMoved(
            subscription=self.subscription,
            tenant=found.tenant,
            becomes=becomes,
            product=found.product,
            offer=self.offer or found.offer,
            channel=self.channel,
            seats=found.seats,
            transacting_partner=self.transacting_partner,
            indirect_reseller=self.indirect_reseller,
            previous_dpor=found.dpor,
            slots=slots,
            claims=ended_claims(facts, slots),
        )
        return Decision(event, at_us)
