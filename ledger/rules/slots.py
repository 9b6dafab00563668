"""The slots a claim asks for, derived from what it names (domain.md §3.2; DESIGN §6)."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Protocol

from ledger.decision import Facts
from ledger.decision_models.subscription import SUBSCRIPTION, Subscription
from ledger.refusal import Refused
from ledger.rules import products, workloads
from ledger.rules.policy import Area
from ledger.rules.references import known, same_tenant
from schemas.values import Activity, Slot, SolutionArea


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


def wanted_slots(facts: Facts, area: Area, asks: Asks) -> tuple[Slot, ...]:
    """The slots, in the claim's order and without repeats.

    Microsoft 365: one for each workload of the tenant. Business Applications: one for each
    subscription and activity; the subscription must be the tenant's, of a product that can be
    claimed so, and not sold through a channel that the policy refuses.
    """
    if asks.solution_area is SolutionArea.MICROSOFT_365:
        return _by_workload(asks)
    return _by_subscription(facts, area, asks)


def _by_workload(asks: Asks) -> tuple[Slot, ...]:
    if not asks.workloads or asks.subscriptions:
        raise _wrong_grain(asks, "workloads")
    found = dict.fromkeys(_workload(text) for text in asks.workloads)
    return tuple(
        Slot(slot=workload_slot(asks.tenant, workload), workload=workload) for workload in found
    )


def workload_slot(tenant: str, workload: str) -> str:
    """The name of the slot of a customer's workload."""
    return f"cpor:m365:{tenant}:{workload}"


def _workload(text: str) -> str:
    found = workloads.workload(text)
    if found is None:
        every = list(workloads.table())
        near = get_close_matches(text.lower(), every, n=3) or every
        raise Refused("unknown_workload", value=text, known=", ".join(near))
    return found


def _by_subscription(facts: Facts, area: Area, asks: Asks) -> tuple[Slot, ...]:
    if not asks.subscriptions:
        raise _wrong_grain(asks, "subscriptions")
    found = [_subscription(facts, area, asks, one) for one in dict.fromkeys(asks.subscriptions)]
    _check_products(asks, found)
    return tuple(
        Slot(
            slot=f"cpor:bizapps:{one.subscription}:{asks.activity}",
            workload=one.product,
            subscription=one.subscription,
        )
        for one in found
    )


def _subscription(facts: Facts, area: Area, asks: Asks, subscription: str) -> Subscription:
    found = known(facts, SUBSCRIPTION, subscription)
    same_tenant("subscription", subscription, found.tenant, asks.tenant)
    product = products.product(found.product)
    if asks.activity not in product.claimed_for:
        raise Refused(
            "activity_not_offered",
            activity=asks.activity,
            what=f"a subscription of {product.title}",
            allowed=", ".join(product.claimed_for) or "nothing by subscription",
        )
    if found.channel in area.channels_refused:
        raise Refused(
            "csp_channel",
            subscription=subscription,
            channel=found.channel,
            area=asks.solution_area,
        )
    return found


def _check_products(asks: Asks, found: list[Subscription]) -> None:
    """Products named on the claim are those of its subscriptions; they are no part of the key."""
    slugs = {one.product for one in found}
    names = slugs | {products.product(slug).title.lower() for slug in slugs}
    for text in asks.workloads:
        if text.lower() not in names:
            raise Refused("product_not_on_subscription", value=text, found=", ".join(slugs))


def _wrong_grain(asks: Asks, wanted: str) -> Refused:
    found = ", ".join((*asks.workloads, *asks.subscriptions)) or "nothing"
    return Refused("wrong_grain", area=asks.solution_area, wanted=wanted, found=found)
