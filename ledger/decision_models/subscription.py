"""What a customer bought: a subscription's life, its partners and who holds its DPOR place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.decision import Fact, Model
from schemas.associations import DporRemoved, DporSet
from schemas.event import Event
from schemas.subscriptions import (
    Channel,
    SubscriptionEnded,
    SubscriptionMoved,
    SubscriptionSeatsChanged,
    SubscriptionStarted,
    SubscriptionState,
    SubscriptionStateChanged,
    SubscriptionTransferred,
)
from schemas.time import FOREVER_US


class Subscription(NamedTuple):
    """A subscription as known now; instants in microseconds UTC.

    ``dpor`` is the location on the DPOR place, or None while that is empty; ``dpor_since_us``,
    ``chain_since_us``, ``state_since_us`` and ``seats_since_us`` are the instants of the last
    change of each. ``successor`` is the latest subscription that goes on with this one.
    """

    subscription: str
    tenant: str
    product: str
    channel: Channel
    started_us: int
    ended_us: int = FOREVER_US
    offer: str = ""
    agreement: str | None = None
    transacting_partner: str | None = None
    indirect_reseller: str | None = None
    dpor: str | None = None
    dpor_since_us: int = 0
    chain_since_us: int = 0
    successor: str | None = None
    state: SubscriptionState = SubscriptionState.ACTIVE
    state_since_us: int = 0
    seats: int | None = None
    seats_since_us: int = 0

    @property
    def active(self) -> bool:
        """Whether the subscription was started and its end is not recorded."""
        return self.ended_us == FOREVER_US

    @property
    def changed_us(self) -> int:
        """The instant of the last change of any sort."""
        return max(
            self.started_us,
            self.dpor_since_us,
            self.chain_since_us,
            self.state_since_us,
            self.seats_since_us,
        )


class TenantSubscriptions(NamedTuple):
    """The subscriptions that a tenant has now: each with its product, in the order of starting."""

    products: tuple[tuple[str, str], ...] = ()

    def running(self, product: str) -> tuple[str, ...]:
        """Those of a product that did not end."""
        return tuple(name for name, of in self.products if of == product)

    def without(self, subscription: str) -> TenantSubscriptions:
        """These but one."""
        return TenantSubscriptions(tuple(one for one in self.products if one[0] != subscription))


def _started(event: SubscriptionStarted, at_us: int) -> Subscription:
    return Subscription(
        subscription=event.subscription,
        tenant=event.tenant,
        product=event.product,
        channel=event.channel,
        started_us=at_us,
        offer=event.offer,
        agreement=event.agreement,
        transacting_partner=event.transacting_partner,
        indirect_reseller=event.indirect_reseller,
        dpor=event.dpor,
        dpor_since_us=at_us,
        chain_since_us=at_us,
        state_since_us=at_us,
        seats=event.seats,
        seats_since_us=at_us,
    )


def _continued(event: SubscriptionMoved, at_us: int) -> Subscription:
    """The new id on the new platform: its DPOR place is empty (domain.md §6.1)."""
    return Subscription(
        subscription=event.becomes,
        tenant=event.tenant,
        product=event.product,
        channel=event.channel,
        started_us=at_us,
        offer=event.offer,
        transacting_partner=event.transacting_partner,
        indirect_reseller=event.indirect_reseller,
        dpor_since_us=at_us,
        chain_since_us=at_us,
        state_since_us=at_us,
        seats=event.seats,
        seats_since_us=at_us,
    )


def _renewed(state: Subscription, event: SubscriptionStarted, _: int) -> Subscription:
    # Tagged with this subscription because it renews it.
    return state._replace(successor=event.subscription)


def _ended(state: Subscription, _: SubscriptionEnded, at_us: int) -> Subscription:
    return state._replace(ended_us=at_us, dpor=None, dpor_since_us=at_us)


def _moved(state: Subscription, event: SubscriptionMoved, at_us: int) -> Subscription:
    emptied = state._replace(dpor=None, dpor_since_us=at_us)
    if event.becomes != state.subscription:
        return emptied._replace(ended_us=at_us, successor=event.becomes)
    return emptied._replace(
        channel=event.channel,
        agreement=None,
        transacting_partner=event.transacting_partner,
        indirect_reseller=event.indirect_reseller,
        chain_since_us=at_us,
        seats=event.seats,
        seats_since_us=at_us,
    )


def _transferred(state: Subscription, event: SubscriptionTransferred, at_us: int) -> Subscription:
    return state._replace(
        channel=event.channel,
        transacting_partner=event.transacting_partner,
        indirect_reseller=event.indirect_reseller,
        chain_since_us=at_us,
    )


def _dpor_set(state: Subscription, event: DporSet, at_us: int) -> Subscription:
    return state._replace(dpor=event.location, dpor_since_us=at_us)


def _dpor_removed(state: Subscription, _: DporRemoved, at_us: int) -> Subscription:
    return state._replace(dpor=None, dpor_since_us=at_us)


def _state_changed(
    state: Subscription, event: SubscriptionStateChanged, at_us: int
) -> Subscription:
    return state._replace(state=event.state, state_since_us=at_us)


def _seats_changed(
    state: Subscription, event: SubscriptionSeatsChanged, at_us: int
) -> Subscription:
    return state._replace(seats=event.seats, seats_since_us=at_us)


_FOLDS: dict[type[Event], Callable[[Subscription, Any, int], Subscription]] = {
    SubscriptionStarted: _renewed,
    SubscriptionEnded: _ended,
    SubscriptionMoved: _moved,
    SubscriptionTransferred: _transferred,
    SubscriptionStateChanged: _state_changed,
    SubscriptionSeatsChanged: _seats_changed,
    DporSet: _dpor_set,
    DporRemoved: _dpor_removed,
}


def _apply(state: Subscription | None, fact: Fact) -> Subscription | None:
    event, at_us = fact.event, fact.effective_at_us
    if state is None:
        match event:
            case SubscriptionStarted():
                return _started(event, at_us)
            case SubscriptionMoved():
                return _continued(event, at_us)
        return None
    return _FOLDS[type(event)](state, event, at_us)


SUBSCRIPTION: Model[Subscription | None] = Model(
    name="subscription", tag="subscription", types=tuple(_FOLDS), start=None, apply=_apply
)
"""The subscription, or None while nobody started it; key: the subscription id."""


def _of_tenant(state: TenantSubscriptions, fact: Fact) -> TenantSubscriptions:
    event = fact.event
    match event:
        case SubscriptionStarted():
            return TenantSubscriptions((*state.products, (event.subscription, event.product)))
        case SubscriptionEnded():
            return state.without(event.subscription)
        case SubscriptionMoved():
            left = state.without(event.subscription).products
            return TenantSubscriptions((*left, (event.becomes, event.product)))
    return state


TENANT_SUBSCRIPTIONS: Model[TenantSubscriptions] = Model(
    name="tenant_subscriptions",
    tag="tenant",
    types=(SubscriptionStarted, SubscriptionEnded, SubscriptionMoved),
    start=TenantSubscriptions(),
    apply=_of_tenant,
)
"""What a customer has; key: the tenant id."""
