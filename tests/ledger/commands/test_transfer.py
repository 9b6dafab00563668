"""Transfers between CSP partners: who may be moved how, and what stays (domain.md §6.3)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.transfer_subscription import TransferSubscription
from ledger.decision_models.subscription import SUBSCRIPTION
from schemas.subscriptions import Channel, SubscriptionTransferred
from schemas.time import from_iso
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate, example

EXAMPLE = TransferSubscription.EXAMPLE
CSP = {"channel": "csp_direct", "agreement": None, "transacting_partner": "101", "seats": None}


@pytest.fixture
def world() -> World:
    """Contoso with an Azure subscription S-7 that 101 sells."""
    return estate("subscription.transfer")


def sold(world: World, product: str, **other: Any) -> str:
    """Another CSP subscription, of a product."""
    name = f"S-{product}".replace("_", "-")
    changed = {"subscription": name, "product": product, **CSP, **other}
    do_example(world, "subscription.start", **changed)
    return name


def test_the_order_goes_to_the_new_partner_and_names_the_old_one(world: World) -> None:
    """One event with both partners' tags; start, product and DPOR place stay as they were."""
    before = world(SUBSCRIPTION, "S-7")
    event = do_example(world, "subscription.transfer").event
    assert isinstance(event, SubscriptionTransferred)
    assert (event.previous_partner, event.transacting_partner) == ("101", "102")
    assert {"partner:101", "partner:102", "subscription:S-7"} <= set(event.tags())
    after = world(SUBSCRIPTION, "S-7")
    assert before is not None
    assert after == before._replace(
        transacting_partner="102", chain_since_us=from_iso("2023-06-01T00:00:00Z")
    )


def test_a_direct_partner_gives_way_to_an_indirect_chain_and_back(world: World) -> None:
    """The provider transacts, the reseller is the partner of record on the order."""
    indirect = {"channel": "csp_indirect", "indirect_reseller": "101"}
    do_example(world, "subscription.transfer", **indirect)
    state = world(SUBSCRIPTION, "S-7")
    assert state is not None
    assert (state.channel, state.indirect_reseller) == (Channel.CSP_INDIRECT, "101")
    event = do_example(world, "subscription.transfer", effective_at=None).event
    assert isinstance(event, SubscriptionTransferred)
    assert (event.previous_partner, event.previous_reseller) == ("102", "101")


def test_only_the_reseller_may_change(world: World) -> None:
    """The provider stays: it is a transfer all the same."""
    indirect = {"channel": "csp_indirect", "transacting_partner": "102"}
    do_example(world, "subscription.transfer", **indirect, indirect_reseller="101")
    later = {"indirect_reseller": "102", "effective_at": None}
    do_example(world, "subscription.transfer", **indirect, **later)
    state = world(SUBSCRIPTION, "S-7")
    assert state is not None
    assert state.indirect_reseller == "102"


@pytest.mark.parametrize("product", ["m365", "ems", "dynamics365", "intune", "power_platform"])
def test_there_is_no_self_service_but_for_azure(world: World, product: str) -> None:
    """Office 365, EMS and Dynamics: only support moved those, and the event says why."""
    name = sold(world, product)
    with refuses("no_self_service"):
        do_example(world, "subscription.transfer", subscription=name)
    reason = {"subscription": name, "support_reason": "Case 4711: the seller closed"}
    event = do_example(world, "subscription.transfer", **reason).event
    assert isinstance(event, SubscriptionTransferred)
    assert event.support_reason == "Case 4711: the seller closed"


@pytest.mark.parametrize("reason", [None, "Case 4711"])
def test_the_partner_of_a_reservation_is_fixed(world: World, reason: str | None) -> None:
    """Not even by support (domain.md §6.3)."""
    name = sold(world, "azure_reservation")
    with refuses("partner_fixed"):
        do_example(world, "subscription.transfer", subscription=name, support_reason=reason)


def test_what_no_csp_partner_sells_can_not_be_transferred(world: World) -> None:
    """The sentence points to the command for it."""
    do_example(world, "agreement.sign")
    do_example(world, "subscription.start")
    with refuses("not_csp") as refused:
        do_example(world, "subscription.transfer", subscription="S-1")
    assert "subscription.move" in refused.value.hint


def test_a_transfer_changes_somebody(world: World) -> None:
    """The same chain is refused."""
    with refuses("same_chain"):
        do_example(world, "subscription.transfer", transacting_partner="101")


def test_transfers_come_in_order(world: World) -> None:
    """Neither before the start nor before the last transfer, and not after the end."""
    with refuses("effective_too_early"):
        do_example(world, "subscription.transfer", effective_at="2020-06-30T00:00:00Z")
    do_example(world, "subscription.transfer")
    earlier = {"transacting_partner": "101", "effective_at": "2023-05-31T00:00:00Z"}
    with refuses("effective_too_early"):
        do_example(world, "subscription.transfer", **earlier)
    do_example(world, "subscription.end", subscription="S-7", effective_at=None)
    with refuses("already_ended"):
        do_example(world, "subscription.transfer", transacting_partner="101")


def test_the_new_partners_exist(world: World) -> None:
    """An unknown location or subscription is refused."""
    for other in ({"transacting_partner": "999"}, {"subscription": "S-99"}):
        with refuses("unknown_reference"):
            do_example(world, "subscription.transfer", **other)


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"channel": "csp_indirect"}, "needs indirect_reseller"),
        ({"indirect_reseller": "101"}, "has no indirect_reseller"),
        ({"channel": "ea"}, "csp_direct"),
    ],
)
def test_a_chain_names_its_partners_and_no_others(wrong: dict[str, str], says: str) -> None:
    """Bad input before any decision."""
    with pytest.raises(ValidationError, match=says):
        TransferSubscription.model_validate(example("subscription.transfer", **wrong))


def test_a_re_pointed_partner_is_the_same_chain(world: World) -> None:
    """To its sister there is nothing to transfer (domain.md §7.5)."""
    world.do("location.repoint", "operator", location="101", to="102")
    with refuses("same_chain"):
        do_example(world, "subscription.transfer", effective_at=None)
