"""Recording that a subscription began."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.agreement import AGREEMENT, Agreement
from ledger.decision_models.customer import CUSTOMER
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.refusal import Refused
from ledger.rules.chains import UNDER_AGREEMENT, check_chain
from ledger.rules.effective import effective_us
from ledger.rules.products import product
from ledger.rules.references import known, same_tenant, still_in_force, unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from ledger.rules.subscription_slots import ZERO_ID
from schemas.subscriptions import Channel, SubscriptionStarted
from schemas.values import Id, Imported, Instant, Slug, TenantId, Text


class StartSubscription(Command):
    """Record a subscription, its channel, and the partners that the order names.

    The DPOR place is empty unless the customer entered a partner at purchase; nothing is
    inherited from the subscription it succeeds.
    """

    NAME: ClassVar[str] = "subscription.start"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "subscription": "S-1",
        "tenant": "00000000-0000-4000-8000-0000000000c1",
        "product": "m365",
        "offer": "Microsoft 365 E3",
        "channel": "ea",
        "seats": 500,
        "agreement": "EA-1",
        "effective_at": "2020-07-01T00:00:00Z",
    }
    subscription: Id
    tenant: TenantId
    product: Slug
    offer: Text
    channel: Channel
    seats: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    agreement: Id | None = None
    transacting_partner: Id | None = None
    indirect_reseller: Id | None = None
    dpor: Id | None = None
    succeeds: Id | None = None
    effective_at: Instant | None = None
    imported: Imported | None = None

    @model_validator(mode="after")
    def _channel_names_its_partners(self) -> Self:
        """Each channel names its own partners and no others (domain.md §6.3)."""
        check_chain(self.channel, self.transacting_partner, self.indirect_reseller)
        if self.agreement and self.channel not in UNDER_AGREEMENT:
            raise ValueError(f"channel {self.channel} has no agreement; leave it out")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The start; everything it names must exist and be the same customer's (§6.1, §6.3)."""
        permit(facts, context, self.NAME, tenant=self.tenant)
        if self.subscription == ZERO_ID:
            raise Refused("zero_subscription", subscription=self.subscription)
        at_us = effective_us(context, self.NAME, self.effective_at)
        unused(facts, SUBSCRIPTION, self.subscription)
        known(facts, CUSTOMER, self.tenant)
        product(self.product)
        for partner in (self.transacting_partner, self.indirect_reseller, self.dpor):
            if partner:
                living_location(facts, partner)
        if self.agreement:
            agreement = known(facts, AGREEMENT, self.agreement)
            same_tenant("agreement", self.agreement, agreement.tenant, self.tenant)
            still_in_force("agreement", self.agreement, agreement.ended_us)
            self._sold_under(agreement)
        if self.succeeds:
            older = known(facts, SUBSCRIPTION, self.succeeds)
            same_tenant("subscription", self.succeeds, older.tenant, self.tenant)
        event = SubscriptionStarted(
            subscription=self.subscription,
            tenant=self.tenant,
            product=self.product,
            offer=self.offer,
            channel=self.channel,
            seats=self.seats,
            agreement=self.agreement,
            transacting_partner=self.transacting_partner,
            indirect_reseller=self.indirect_reseller,
            dpor=self.dpor,
            succeeds=self.succeeds,
            imported=self.imported,
        )
        return Decision(event, at_us)

    def _sold_under(self, agreement: Agreement) -> None:
        """Refuse, as ``agreement_kind``, an agreement the channel is not sold under."""
        allowed = UNDER_AGREEMENT[self.channel]
        if agreement.kind not in allowed:
            raise Refused(
                "agreement_kind",
                agreement=agreement.agreement,
                kind=agreement.kind,
                channel=self.channel,
                wanted=" or ".join(sorted(allowed)),
            )
