"""What a customer bought: a subscription's life, its partners and who holds its DPOR place."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.associations import DporRemoved, DporSet
from schemas.subscriptions import Channel, SubscriptionEnded, SubscriptionStarted
from schemas.time import FOREVER_US


class Subscription(NamedTuple):
    """A subscription as known now; instants in microseconds UTC.

    ``dpor`` is the location on the DPOR place, or None while that is empty; ``dpor_since_us`` the
    instant of its last change. ``successor`` is the latest subscription that renews this one.
    """

    subscription: str
    tenant: str
    product: str
    channel: Channel
    started_us: int
    ended_us: int = FOREVER_US
    agreement: str | None = None
    transacting_partner: str | None = None
    indirect_reseller: str | None = None
    dpor: str | None = None
    dpor_since_us: int = 0
    successor: str | None = None

    @property
    def active(self) -> bool:
        """Whether the subscription was started and its end is not recorded."""
        return self.ended_us == FOREVER_US


class TenantSubscriptions(NamedTuple):
    """The subscriptions that a tenant has now: each with its product, in the order of starting."""

    products: tuple[tuple[str, str], ...] = ()

    def running(self, product: str) -> tuple[str, ...]:
        """Those of a product that did not end."""
        return tuple(name for name, of in self.products if of == product)


def _started(event: SubscriptionStarted, at_us: int) -> Subscription:
    return Subscription(
        subscription=event.subscription,
        tenant=event.tenant,
        product=event.product,
        channel=event.channel,
        started_us=at_us,
        agreement=event.agreement,
        transacting_partner=event.transacting_partner,
        indirect_reseller=event.indirect_reseller,
        dpor=event.dpor,
        dpor_since_us=at_us,
    )


def _apply(state: Subscription | None, fact: Fact) -> Subscription | None:
    event, at_us = fact.event, fact.effective_at_us
    if state is None:
        return _started(event, at_us) if isinstance(event, SubscriptionStarted) else None
    match event:
        case SubscriptionStarted():
            # Tagged with this subscription because it renews it.
            return state._replace(successor=event.subscription)
        case SubscriptionEnded():
            return state._replace(ended_us=at_us, dpor=None, dpor_since_us=at_us)
        case DporSet():
            return state._replace(dpor=event.location, dpor_since_us=at_us)
        case DporRemoved():
            return state._replace(dpor=None, dpor_since_us=at_us)
    return state


SUBSCRIPTION: Model[Subscription | None] = Model(
    name="subscription",
    tag="subscription",
    types=(SubscriptionStarted, SubscriptionEnded, DporSet, DporRemoved),
    start=None,
    apply=_apply,
)
"""The subscription, or None while nobody started it; key: the subscription id."""


def _of_tenant(state: TenantSubscriptions, fact: Fact) -> TenantSubscriptions:
    event = fact.event
    match event:
        case SubscriptionStarted():
            return TenantSubscriptions((*state.products, (event.subscription, event.product)))
        case SubscriptionEnded():
            left = [each for each in state.products if each[0] != event.subscription]
            return TenantSubscriptions(tuple(left))
    return state


TENANT_SUBSCRIPTIONS: Model[TenantSubscriptions] = Model(
    name="tenant_subscriptions",
    tag="tenant",
    types=(SubscriptionStarted, SubscriptionEnded),
    start=TenantSubscriptions(),
    apply=_of_tenant,
)
"""What a customer has; key: the tenant id."""
