"""Transferring a subscription to another CSP partner."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.subscription import SUBSCRIPTION, Subscription
from ledger.refusal import Refused
from ledger.rules.chains import CSP, check_chain
from ledger.rules.effective import effective_us
from ledger.rules.products import product
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from ledger.rules.standing import living_location, place_of
from schemas.subscriptions import Channel, SubscriptionTransferred
from schemas.values import Id, Instant, Text


class TransferSubscription(Command):
    """Transfer a CSP subscription to another partner; its id, roles and admin links stay.

    Who held it before stays the holder of those days; credit for its consumption goes to the new
    owner, for the time before the transfer too.
    """

    NAME: ClassVar[str] = "subscription.transfer"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-7",
        "channel": "csp_direct",
        "transacting_partner": "102",
        "effective_at": "2023-06-01T00:00:00Z",
    }
    subscription: Id
    channel: Literal[Channel.CSP_DIRECT, Channel.CSP_INDIRECT]
    transacting_partner: Id
    indirect_reseller: Id | None = None
    support_reason: Text | None = None
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _channel_names_its_partners(self) -> Self:
        check_chain(self.channel, self.transacting_partner, self.indirect_reseller)
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The transfer: self-service where the product allows it, else by support (§6.3)."""
        found = known(facts, SUBSCRIPTION, self.subscription)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("subscription", self.subscription, found.ended_us)
        for partner in (self.transacting_partner, self.indirect_reseller):
            if partner:
                living_location(facts, partner)
        previous = self._other_chain(facts, found)
        self._allowed(found)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=max(found.started_us, found.chain_since_us),
            because="the start or last transfer of this subscription",
        )
        event = SubscriptionTransferred(
            subscription=self.subscription,
            tenant=found.tenant,
            channel=self.channel,
            transacting_partner=self.transacting_partner,
            indirect_reseller=self.indirect_reseller,
            previous_partner=previous,
            previous_reseller=found.indirect_reseller,
            support_reason=self.support_reason,
        )
        return Decision(event, at_us)

    def _other_chain(self, facts: Facts, found: Subscription) -> str:
        """Who sells it now; refused where no CSP partner does, or the very same ones."""
        if found.channel not in CSP or found.transacting_partner is None:
            raise Refused("not_csp", subscription=self.subscription, channel=found.channel)
        sellers = (found.transacting_partner, found.indirect_reseller)
        now = tuple(one and place_of(facts, one).location for one in sellers)
        asked = (self.transacting_partner, self.indirect_reseller)
        if found.channel is self.channel and now == asked:
            raise Refused("same_chain", subscription=self.subscription)
        return found.transacting_partner

    def _allowed(self, found: Subscription) -> None:
        of = product(found.product)
        if of.partner_fixed:
            raise Refused("partner_fixed", subscription=self.subscription, product=of.title)
        if not of.self_service_transfer and self.support_reason is None:
            raise Refused("no_self_service", subscription=self.subscription, product=of.title)
