"""The slots of a Business Applications claim: its subscriptions, checked (domain.md §3.2-3.3)."""

from __future__ import annotations

from typing import Protocol

from ledger.decision import Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.subscription import (
    SUBSCRIPTION,
    TENANT_SUBSCRIPTIONS,
    Subscription,
)
from ledger.refusal import Refused
from ledger.rules import products
from ledger.rules.policy import Area, Policy
from ledger.rules.products import Product
from ledger.rules.references import same_tenant
from schemas.time import iso, to_us
from schemas.values import Activity, Slot, SolutionArea

ZERO_ID = "00000000-0000-0000-0000-000000000000"
"""What deal registration reports in place of a subscription (domain.md §14.10)."""


class Asks(Protocol):
    """What a claim names."""

    @property
    def tenant(self) -> str: ...  # noqa: D102  the fields of a submission, by their own names
    @property
    def solution_area(self) -> SolutionArea: ...  # noqa: D102
    @property
    def activity(self) -> Activity: ...  # noqa: D102
    @property
    def workloads(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def subscriptions(self) -> tuple[str, ...]: ...  # noqa: D102


def by_subscription(
    facts: Facts, policy: Policy, area: Area, asks: Asks, now_us: int
) -> tuple[Slot, ...]:
    """One slot for each subscription the claim names, or that its products lead to."""
    named = tuple(dict.fromkeys(asks.subscriptions)) or _of_products(facts, area, asks)
    found = [_subscription(facts, area, asks, one) for one in named]
    _check_products(asks, found)
    for one in found:
        _old_enough(facts, policy, area, one, now_us)
    return tuple(
        Slot(
            slot=f"cpor:bizapps:{one.subscription}:{asks.activity}",
            workload=one.product,
            subscription=one.subscription,
        )
        for one in found
    )


def _of_products(facts: Facts, area: Area, asks: Asks) -> tuple[str, ...]:
    """The tenant's only subscription of each product named (domain.md §3.1, §13.3)."""
    if not asks.workloads or area.subscription == "always":
        raise wrong_grain(asks, "subscriptions")
    return tuple(dict.fromkeys(_only_one(facts, asks, text) for text in asks.workloads))


def _only_one(facts: Facts, asks: Asks, text: str) -> str:
    product = _named_product(text)
    running = facts(TENANT_SUBSCRIPTIONS, asks.tenant).running(product.product)
    if not running:
        raise Refused("product_not_on_tenant", product=product.title, tenant=asks.tenant)
    if len(running) > 1:
        raise Refused(
            "subscription_needed", product=product.title, subscriptions=", ".join(running)
        )
    return running[0]


def _named_product(text: str) -> Product:
    for product in products.table().values():
        if text.lower() in (product.product, product.title.lower()):
            return product
    raise Refused("unknown_product", value=text, known=", ".join(products.table()))


def _subscription(facts: Facts, area: Area, asks: Asks, subscription: str) -> Subscription:
    if subscription == ZERO_ID:
        raise Refused("zero_subscription", subscription=subscription)
    found = facts(SUBSCRIPTION, subscription)
    if found is None:
        raise Refused("not_a_subscription", value=subscription)
    same_tenant("subscription", subscription, found.tenant, asks.tenant)
    product = products.product(found.product)
    if not product.claimed_for:
        raise Refused("not_dynamics", subscription=subscription, product=product.title)
    if asks.activity not in product.claimed_for:
        raise Refused(
            "activity_not_offered",
            activity=asks.activity,
            what=f"a subscription of {product.title}",
            allowed=", ".join(product.claimed_for),
        )
    if found.channel in area.channels_refused:
        raise Refused(
            "csp_channel",
            subscription=subscription,
            channel=found.channel,
            area=asks.solution_area,
        )
    return found


def _old_enough(facts: Facts, policy: Policy, area: Area, found: Subscription, now_us: int) -> None:
    """Refuse, as ``not_yet_claimable``, a subscription that was provisioned just now."""
    if area.claimable_after is None:
        return
    from_us = to_us(deadline(facts, policy, found.started_us, area.claimable_after))
    if now_us < from_us:
        raise Refused(
            "not_yet_claimable",
            subscription=found.subscription,
            started=iso(found.started_us),
            claimable=iso(from_us),
            policy=policy.policy,
        )


def _check_products(asks: Asks, found: list[Subscription]) -> None:
    """Products named on the claim are those of its subscriptions; they are no part of the key."""
    slugs = {one.product for one in found}
    names = slugs | {products.product(slug).title.lower() for slug in slugs}
    for text in asks.workloads:
        if text.lower() not in names:
            raise Refused("product_not_on_subscription", value=text, found=", ".join(slugs))


def wrong_grain(asks: Asks, wanted: str) -> Refused:
    """The refusal of a claim that does not name what its area is claimed by."""
    found = ", ".join((*asks.workloads, *asks.subscriptions)) or "nothing"
    return Refused("wrong_grain", area=asks.solution_area, wanted=wanted, found=found)
