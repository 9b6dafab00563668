"""Starting and ending subscriptions: channels, products, successors and the slots that empty."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.start_subscription import StartSubscription
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.rules import products
from schemas.subscriptions import Channel, SubscriptionEnded, SubscriptionStarted
from schemas.time import from_iso
from tests.builders import FABRIKAM, OPERATOR, World, refuses
from tests.ledger.commands.estate import do_example, estate, example

CSP_DIRECT = {"channel": "csp_direct", "agreement": None, "transacting_partner": "101"}
CSP_INDIRECT = {
    "channel": "csp_indirect",
    "agreement": None,
    "transacting_partner": "101",
    "indirect_reseller": "102",
}
WEB_DIRECT = {"channel": "web_direct", "agreement": None}


def start(world: World, **other: Any) -> SubscriptionStarted:
    """Start the example subscription, with some fields changed."""
    event = do_example(world, "subscription.start", **other).event
    assert isinstance(event, SubscriptionStarted)
    return event


@pytest.fixture
def world() -> World:
    """Contoso with its EA signed, and no subscription yet."""
    return estate("subscription.start")


def test_a_subscription_starts_under_its_agreement_with_an_empty_dpor_place(
    world: World,
) -> None:
    """Nobody is DPOR of a new subscription unless entered at purchase (domain.md §6.1)."""
    event = start(world)
    assert (event.channel, event.agreement, event.seats) == (Channel.EA, "EA-1", 500)
    state = world(SUBSCRIPTION, "S-1")
    assert state is not None
    assert state.active
    assert state.dpor is None
    assert state.started_us == from_iso("2020-07-01T00:00:00Z")


def test_a_partner_entered_at_purchase_is_dpor_from_the_start(world: World) -> None:
    """The place is filled by the order (domain.md §6.1)."""
    assert "slot:dpor:S-1" in start(world, dpor="102").tags()
    state = world(SUBSCRIPTION, "S-1")
    assert state is not None
    assert (state.dpor, state.dpor_since_us) == ("102", from_iso("2020-07-01T00:00:00Z"))


@pytest.mark.parametrize("fields", [CSP_DIRECT, CSP_INDIRECT, WEB_DIRECT])
def test_each_channel_names_its_own_partners(world: World, fields: dict[str, Any]) -> None:
    """A direct CSP sells itself, an indirect one through a reseller (domain.md §6.3)."""
    event = start(world, **fields)
    assert event.transacting_partner == fields.get("transacting_partner")
    assert event.indirect_reseller == fields.get("indirect_reseller")


@pytest.mark.parametrize(
    "fields, says",
    [
        (CSP_DIRECT | {"transacting_partner": None}, "needs transacting_partner"),
        (CSP_INDIRECT | {"transacting_partner": None}, "needs transacting_partner"),
        (CSP_INDIRECT | {"indirect_reseller": None}, "needs indirect_reseller"),
        (CSP_DIRECT | {"indirect_reseller": "102"}, "has no indirect_reseller"),
        ({"transacting_partner": "101"}, "ea has no transacting_partner"),
        (WEB_DIRECT | {"transacting_partner": "101"}, "has no transacting_partner"),
        (CSP_DIRECT | {"agreement": "EA-1"}, "csp_direct has no agreement"),
        (WEB_DIRECT | {"agreement": "EA-1"}, "web_direct has no agreement"),
    ],
)
def test_a_channel_without_its_partners_or_with_others_is_bad_input(
    fields: dict[str, Any], says: str
) -> None:
    """The sentence names the channel and the field."""
    with pytest.raises(ValidationError, match=says):
        StartSubscription.model_validate(example("subscription.start", **fields))


@pytest.mark.parametrize(
    "fields, what",
    [
        ({"tenant": FABRIKAM, "agreement": None}, "customer"),
        ({"agreement": "EA-9"}, "agreement 'EA-9'"),
        ({"dpor": "999"}, "location '999'"),
        (CSP_DIRECT | {"transacting_partner": "999"}, "location '999'"),
        (CSP_INDIRECT | {"indirect_reseller": "998"}, "location '998'"),
        ({"succeeds": "S-0"}, "subscription 'S-0'"),
        ({"succeeds": "S-1"}, "subscription 'S-1'"),
    ],
)
def test_what_a_subscription_names_must_exist(
    world: World, fields: dict[str, Any], what: str
) -> None:
    """Customer, agreement, partners and predecessor are references."""
    with refuses("unknown_reference") as refused:
        start(world, **fields)
    assert what in str(refused.value)


def test_a_product_is_one_of_the_table(world: World) -> None:
    """The refusal lists the products there are."""
    with refuses("unknown_product") as refused:
        start(world, product="clippy")
    assert ", ".join(products.table()) in str(refused.value)


def test_a_subscription_id_is_used_once(world: World) -> None:
    """Even after its end."""
    start(world)
    do_example(world, "subscription.end")
    with refuses("already_exists"):
        start(world)


def test_an_agreement_and_a_predecessor_are_of_the_same_customer(world: World) -> None:
    """What belongs to Contoso can't be used by Fabrikam."""
    start(world)
    do_example(world, "customer.register", tenant=FABRIKAM, name="Fabrikam")
    for fields in ({}, {"agreement": None, "succeeds": "S-1"}):
        with refuses("other_tenant"):
            start(world, subscription="S-2", tenant=FABRIKAM, **fields)


def test_an_agreement_that_ended_takes_no_subscription(world: World) -> None:
    """A recorded end is final for new subscriptions."""
    do_example(world, "agreement.end")
    with refuses("already_ended"):
        start(world)


def test_a_renewal_inherits_nothing_and_is_known_as_successor(world: World) -> None:
    """DPOR on the new id is empty (domain.md §15 S4); the old one knows who succeeds it."""
    start(world, dpor="101")
    do_example(world, "subscription.end", reason="renewed")
    start(world, subscription="S-2", succeeds="S-1", effective_at="2021-07-01T00:00:00Z")
    old, new = world(SUBSCRIPTION, "S-1"), world(SUBSCRIPTION, "S-2")
    assert old is not None
    assert new is not None
    assert (old.active, old.successor) == (False, "S-2")
    assert (new.active, new.dpor, new.successor) == (True, None, None)


@pytest.mark.parametrize(
    "product, activities",
    [
        ("m365", []),
        ("azure", []),
        ("dynamics365", ["usage", "pre_sales", "revenue"]),
        ("power_platform", ["usage", "pre_sales", "revenue"]),
    ],
)
def test_an_end_names_the_claimable_slots_it_empties(
    world: World, product: str, activities: list[str]
) -> None:
    """Business Applications are claimed by subscription, the rest is not (domain.md §3.2)."""
    start(world, product=product)
    event = do_example(world, "subscription.end").event
    assert isinstance(event, SubscriptionEnded)
    slots = [f"cpor:bizapps:S-1:{activity}" for activity in activities]
    assert list(event.slots) == slots
    assert {"slot:dpor:S-1", *(f"slot:{slot}" for slot in slots)} <= set(event.tags())


def test_an_end_empties_the_dpor_place(world: World) -> None:
    """Every association on the subscription ends with it (domain.md §4.4)."""
    start(world, dpor="101")
    do_example(world, "subscription.end")
    state = world(SUBSCRIPTION, "S-1")
    assert state is not None
    assert (state.active, state.dpor) == (False, None)
    assert state.ended_us == from_iso("2021-06-30T00:00:00Z")


def test_an_end_comes_once_and_to_what_exists(world: World) -> None:
    """A second end and an unknown subscription are refused."""
    with refuses("unknown_reference"):
        do_example(world, "subscription.end")
    start(world)
    do_example(world, "subscription.end")
    with refuses("already_ended"):
        do_example(world, "subscription.end")


def test_an_end_does_not_come_before_a_change_of_dpor(world: World) -> None:
    """The history of the DPOR place stays in order."""
    start(world)
    do_example(world, "dpor.set")
    with refuses("effective_too_early"):
        world.do(
            "subscription.end",
            OPERATOR,
            subscription="S-1",
            reason="cancelled",
            effective_at="2021-01-14T23:59:59Z",
        )
