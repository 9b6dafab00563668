"""What lives on a subscription: the views show what the decisions saw, whatever happened to it.

Random lives by real commands, each allowed or refused: started, renewed, transferred, moved, ended,
with DPOR, claims' slots and plain associations on it.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.agreement import AGREEMENT
from ledger.decision_models.association import ASSOCIATION
from ledger.decision_models.subscription import SUBSCRIPTION, Subscription
from ledger.refusal import Refused
from projections import holder_queries, party_queries, subscription_queries, views
from projections.fold import Fold
from projections.record import Record
from schemas import catalogue
from schemas.time import FOREVER_US
from tests.builders import CONTOSO, OPERATOR, World, market
from tests.projections.memory_log import IN_MEMORY

NAMES = ("S-1", "S-2", "S-1M", "S-2M")
_HOUR_US = 3_600_000_000
_ADVISOR = "association:subscription_advisor:subscription:"

locations = st.sampled_from(("101", "102", "201"))
names = st.sampled_from(("S-1", "S-1", "S-1", "S-2", "S-1M", "S-2M"))
direct = st.fixed_dictionaries({"channel": st.just("csp_direct"), "transacting_partner": locations})
indirect = st.fixed_dictionaries(
    {
        "channel": st.just("csp_indirect"),
        "transacting_partner": locations,
        "indirect_reseller": locations,
    }
)
bare = st.fixed_dictionaries({"channel": st.just("web_direct")})
under_agreement = st.fixed_dictionaries({"channel": st.just("ea"), "agreement": st.just("EA-1")})
products = st.sampled_from(("azure", "dynamics365", "azure_reservation"))


def acts(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    """A command with its fields."""
    return st.tuples(st.just(name), st.fixed_dictionaries(fields))


def merged(
    name: str, sold: st.SearchStrategy[dict[str, str]], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[tuple[str, Any]]:
    """A command with its fields, and those of an order."""
    both = st.tuples(st.fixed_dictionaries(fields), sold)
    return both.map(lambda two: (name, {**two[0], **two[1]}))


partners = st.fixed_dictionaries({"location": locations, "role": st.just("reseller")})
steps = st.one_of(
    merged(
        "subscription.start",
        under_agreement | under_agreement | direct | indirect | bare,
        subscription=names,
        tenant=st.just(CONTOSO),
        product=products,
        offer=st.just("An offer"),
        dpor=st.none() | locations,
    ),
    merged("subscription.transfer", direct | indirect, subscription=names),
    merged(
        "subscription.transfer", direct, subscription=names, support_reason=st.just("Case 4711")
    ),
    merged("subscription.move", direct | indirect | bare, subscription=names),
    merged("subscription.move", direct, subscription=st.just("S-1"), becomes=st.just("S-1M")),
    merged("subscription.move", bare, subscription=st.just("S-2"), becomes=st.just("S-2M")),
    acts(
        "subscription.end",
        subscription=st.sampled_from((*NAMES, *["S-9"] * 4)),
        reason=st.just("expired"),
    ),
    acts(
        "subscription.change_state",
        subscription=names,
        state=st.sampled_from(("active", "in_grace", "suspended")),
    ),
    acts("subscription.change_seats", subscription=names, seats=st.integers(0, 3)),
    acts("dpor.set", subscription=names, location=locations),
    acts("dpor.set", subscription=st.just("S-1"), location=locations),
    acts("dpor.set", subscription=st.just("S-2"), location=locations),
    acts("dpor.remove", subscription=names),
    acts(
        "association.record",
        kind=st.just("Subscription Advisor"),
        subscription=names,
        location=locations,
        source=st.just("A list"),
    ),
    acts(
        "association.end",
        kind=st.just("Subscription Advisor"),
        subscription=names,
        location=locations,
    ),
    acts("agreement.amend", agreement=st.just("EA-1"), add=partners.map(lambda one: [one])),
    acts("agreement.amend", agreement=st.just("EA-1"), remove=partners.map(lambda one: [one])),
    acts("agreement.end", agreement=st.sampled_from(("EA-1", *["EA-9"] * 5))),
)


def lived(told: list[tuple[tuple[str, Any], int]]) -> World:
    """A world in which each step happened, or was refused; some are told hours late."""
    world = market().at("2021-01-01T00:00:00Z")
    world.do(
        "agreement.sign",
        agreement="EA-1",
        kind="EA",
        tenant=CONTOSO,
        partners=[{"location": "201", "role": "reseller"}],
    )
    sold = {"tenant": CONTOSO, "product": "azure", "offer": "An offer"}
    world.do("subscription.start", subscription="S-1", channel="ea", agreement="EA-1", **sold)
    order = {"channel": "csp_direct", "transacting_partner": "101"}
    world.do("subscription.start", subscription="S-2", **order, **sold)
    for (name, data), late in told:
        world.now_us += 2 * _HOUR_US
        actor = "contoso-admin" if name.startswith("dpor.") else OPERATOR
        at = {"effective_at": (world.now_us - late * _HOUR_US) / 1_000_000}
        with suppress(Refused):
            world.do(name, actor, **data, **at)
    return world


def shown(world: World) -> sqlite3.Connection:
    """Views built from every event of a world."""
    connection = views.open_building(IN_MEMORY)
    fold = Fold(connection, fresh=True)
    for fact in world.facts:
        name, data = catalogue.decode_plain(fact.event.TYPE, catalogue.encode(fact.event))
        times = (fact.effective_at_us, fact.recorded_at_us)
        fold.fold([Record(fact.position, name, data, *times, fact.actor, "h")])
    fold.write()
    return connection


@given(st.lists(st.tuples(steps, st.sampled_from((0, 0, 1, 3))), min_size=20, max_size=60))
def test_the_views_show_a_subscription_as_the_decisions_saw_it(
    told: list[tuple[tuple[str, Any], int]],
) -> None:
    """Its DPOR, the partners who sell it, its state, seats and end, and who advises it."""
    world = lived(told)
    connection = shown(world)
    effective_us, known = world.now_us, len(world.facts)
    for name in NAMES:
        found = world(SUBSCRIPTION, name)
        view = subscription_queries.subscription(
            connection, name, effective_us=effective_us, known=known
        )
        if found is None:
            assert view is None
            continue
        assert view is not None
        assert (view["state"], view["seats"]) == (
            found.state if found.active else "ended",
            found.seats,
        )
        assert view["channel"] == found.channel
        assert (view["ended_us"] or FOREVER_US) == found.ended_us
        rows = holder_queries.holders(
            connection, subscription=name, effective_us=effective_us, known=known
        )
        held = {(row["slot"].partition(":")[0], row["partner"]) for row in rows}
        assert held == _expected(world, found)
    agreement = world(AGREEMENT, "EA-1")
    assert agreement is not None
    on_it = {row["location"] for row in _partners(connection)}
    assert on_it == {one.location for one in agreement.partners}
    rows = holder_queries.holders(connection, kind="TPOR", effective_us=effective_us, known=known)
    tpor = {row["partner"] for row in rows}
    assert tpor == (on_it if agreement.ended_us == FOREVER_US else set())
    connection.close()


def _partners(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    found = party_queries.agreement(connection, "EA-1")
    assert found is not None
    return list(found["partners"])


def _expected(world: World, found: Subscription) -> set[tuple[str, str]]:
    """What the decision models say is held on a subscription."""
    if not found.active:
        return set()
    held = {("dpor", found.dpor)} if found.dpor else set()
    held |= {("csp", one) for one in (found.transacting_partner, found.indirect_reseller) if one}
    advisor = world(ASSOCIATION, f"{_ADVISOR}{found.subscription}").location
    return held | ({("association", advisor)} if advisor else set())
