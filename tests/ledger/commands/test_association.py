"""Associations of kinds without commands of their own: recorded, held, ended (domain.md §6.6)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.decision import Fact
from ledger.decision_models.association import ASSOCIATION, Association
from ledger.rules import kinds
from schemas.associations import AssociationEnded, AssociationRecorded
from schemas.time import from_iso
from tests.builders import CONTOSO, FABRIKAM, OPERATOR, World, refuses
from tests.ledger.commands.estate import do_example, estate

BY_HAND = [row for row in kinds.table().values() if row.place is not None]
BY_COMMAND = [row for row in kinds.table().values() if row.place is None]
WHERE = {"any": {"tenant": CONTOSO}, "tenant": {"tenant": CONTOSO}}


@pytest.fixture
def world() -> World:
    """Contoso with its agreement EA-1 and a subscription S-1 under it."""
    return estate("subscription.end")


def record(world: World, kind: str, /, **other: Any) -> Fact:
    """Record an association of 101, from a list."""
    data = {"kind": kind, "location": "101", "source": "A list", **other}
    return world.do("association.record", OPERATOR, **data)


def end(world: World, kind: str, /, **other: Any) -> Fact:
    """End it."""
    return world.do("association.end", OPERATOR, kind=kind, **{"location": "101", **other})


@pytest.mark.parametrize("kind", BY_HAND, ids=lambda kind: kind.kind)
def test_every_kind_without_commands_is_recorded_and_ended(world: World, kind: kinds.Kind) -> None:
    """By its title, on what it is recorded on; the event carries the source and finds its slot."""
    where = WHERE.get(str(kind.place), {str(kind.place): "S-1"})
    event = record(world, kind.title, **where).event
    assert isinstance(event, AssociationRecorded)
    assert (event.kind, event.source, event.tenant) == (kind.slug, "A list", CONTOSO)
    assert world(ASSOCIATION, event.slot) == Association("101", world.now_us)
    ended = end(world, kind.kind, **where).event
    assert ended == AssociationEnded(
        kind=kind.slug, slot=event.slot, tenant=CONTOSO, location="101"
    )
    assert world(ASSOCIATION, event.slot).location is None


@pytest.mark.parametrize("kind", BY_COMMAND, ids=lambda kind: kind.kind)
def test_a_kind_with_commands_is_refused_with_a_pointer(world: World, kind: kinds.Kind) -> None:
    """Whoever tries is told the command to use."""
    with refuses("kind_has_command") as refused:
        record(world, kind.title, tenant=CONTOSO)
    assert kind.commands[0] in str(refused.value)


def test_an_unknown_kind_is_refused_with_what_was_meant(world: World) -> None:
    """Near spellings, or a pointer to the table."""
    with refuses("unknown_kind") as refused:
        record(world, "Hosting Partnr", tenant=CONTOSO)
    assert "HOSTING_PARTNER" in refused.value.hint
    with refuses("unknown_kind") as refused:
        record(world, "Cousin", tenant=CONTOSO)
    assert "attribution kinds" in refused.value.hint


def test_an_exclusive_kind_takes_one_partner_on_a_place(world: World) -> None:
    """The next one comes after the end of the first, not before."""
    record(world, "Subscription Advisor", subscription="S-1")
    with refuses("association_held") as refused:
        record(world, "Subscription Advisor", subscription="S-1", location="102")
    assert "'101'" in str(refused.value)
    with refuses("association_not_held"):
        end(world, "Subscription Advisor", subscription="S-1", location="102")
    end(world, "Subscription Advisor", subscription="S-1")
    record(world, "Subscription Advisor", subscription="S-1", location="102")


def test_a_set_takes_any_partner_and_one_of_it_several_times_by_reference(world: World) -> None:
    """Two deals of one partner are two associations; the very same one is refused."""
    deal = {"tenant": CONTOSO, "reference": "DR-1"}
    record(world, "Deal registration", **deal)
    record(world, "Deal registration", tenant=CONTOSO, reference="DR-2")
    record(world, "Deal registration", **deal, location="102")
    with refuses("association_held"):
        record(world, "Deal registration", **deal)
    with refuses("association_not_held"):
        end(world, "Deal registration", tenant=CONTOSO)


@pytest.mark.parametrize(
    "kind, where, says",
    [
        ("Subscription Advisor", {"tenant": CONTOSO}, "a subscription"),
        ("Partner as end-customer", {"subscription": "S-1"}, "a tenant"),
        ("Pipe", {}, "nothing"),
        ("Pipe", {"subscription": "S-1", "agreement": "EA-1"}, "both"),
    ],
)
def test_a_kind_is_recorded_on_what_its_row_says(
    world: World, kind: str, where: dict[str, str], says: str
) -> None:
    """Else nobody could tell what ends it."""
    with refuses("wrong_place") as refused:
        record(world, kind, **where)
    assert says in str(refused.value)


def test_the_tenant_follows_from_the_place_and_may_not_differ(world: World) -> None:
    """An association on Contoso's subscription is Contoso's."""
    event = record(world, "Pipe", agreement="EA-1").event
    assert isinstance(event, AssociationRecorded)
    assert (event.tenant, event.slot) == (CONTOSO, "association:pipe:agreement:EA-1:101")
    do_example(world, "customer.register", tenant=FABRIKAM, name="Fabrikam", domains=["f.example"])
    with refuses("other_tenant"):
        record(world, "Pipe", subscription="S-1", tenant=FABRIKAM)


def test_the_zero_subscription_of_a_deal_is_no_subscription(world: World) -> None:
    """Reports write zeros there (domain.md §14.10): the deal is recorded on the tenant."""
    with refuses("zero_subscription") as refused:
        record(world, "Deal registration", subscription="00000000-0000-0000-0000-000000000000")
    assert "tenant" in refused.value.hint


def test_what_is_named_exists(world: World) -> None:
    """Tenant, subscription, agreement and partner."""
    for other in (
        {"tenant": FABRIKAM},
        {"subscription": "S-99"},
        {"agreement": "EA-99"},
        {"tenant": CONTOSO, "location": "999"},
    ):
        with refuses("unknown_reference"):
            record(world, "Pipe", **other)


@pytest.mark.parametrize(
    "name, where",
    [("subscription.end", {"subscription": "S-1"}), ("agreement.end", {"agreement": "EA-1"})],
)
def test_an_association_ends_with_what_it_stands_on(
    world: World, name: str, where: dict[str, str]
) -> None:
    """Then it is neither recorded nor ended any more."""
    record(world, "Pipe", **where, effective_at="2021-01-01T00:00:00Z")
    do_example(world, name)
    for act in (record, end):
        with refuses("already_ended"):
            act(world, "Pipe", **where)


def test_associations_come_in_order(world: World) -> None:
    """Not before the subscription, not ended before they began, not again before their end."""
    with refuses("effective_too_early"):
        record(world, "Pipe", subscription="S-1", effective_at="2020-06-30T00:00:00Z")
    record(world, "Pipe", subscription="S-1", effective_at="2021-01-01T00:00:00Z")
    with refuses("effective_too_early"):
        end(world, "Pipe", subscription="S-1", effective_at="2020-12-31T00:00:00Z")
    end(world, "Pipe", subscription="S-1", effective_at="2021-02-01T00:00:00Z")
    with refuses("effective_too_early"):
        record(world, "Pipe", subscription="S-1", effective_at="2021-01-31T00:00:00Z")
    fact = record(world, "Pipe", subscription="S-1", effective_at="2021-02-01T00:00:00Z")
    assert fact.effective_at_us == from_iso("2021-02-01T00:00:00Z")


def test_a_deleted_partner_leaves_the_place_and_a_re_pointed_one_keeps_it(world: World) -> None:
    """As every association does (domain.md §7.5)."""
    advisor = {"subscription": "S-1"}
    record(world, "Subscription Advisor", **advisor, effective_at="2021-01-01T00:00:00Z")
    world.do("location.repoint", OPERATOR, location="101", to="102")
    with refuses("association_held") as refused:
        record(world, "Subscription Advisor", **advisor, location="102")
    assert "'102'" in str(refused.value)
    end(world, "Subscription Advisor", **advisor, location="102")
    record(world, "Subscription Advisor", **advisor, location="102")
    do_example(world, "location.register", location="103")
    world.do("location.delete", OPERATOR, location="102")
    with refuses("association_not_held"):
        end(world, "Subscription Advisor", **advisor, location="102")
    record(world, "Subscription Advisor", **advisor, location="103")
