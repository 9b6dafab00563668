"""Setting a recorded fact right: another instant, or never; what was known before stays."""

from __future__ import annotations

import pytest

from ledger.decision_models.association import ASSOCIATION
from ledger.decision_models.group import PLACE
from ledger.decision_models.identity import IDENTITY
from ledger.decision_models.subscription import SUBSCRIPTION
from ledger.rules.corrections import table
from schemas.catalogue import MODELS
from schemas.corrections import FactCorrected, FactRetracted
from schemas.time import from_iso
from tests.builders import CONTOSO, World, market, refuses
from tests.claims import submission

REASON = "The change log says otherwise."
ADMIN = "contoso-admin"


@pytest.fixture
def world() -> World:
    """A market in which S-1 has had two partners on its DPOR place."""
    world = market()
    world.do(
        "subscription.start",
        subscription="S-1",
        tenant=CONTOSO,
        product="m365",
        offer="E3",
        channel="web_direct",
        effective_at="2020-07-01T09:00:00Z",
    )
    world.at("2021-01-01T00:00:00Z")
    for location, on in (("101", "2020-08-01"), ("102", "2020-10-01")):
        at = f"{on}T00:00:00Z"
        world.do("dpor.set", ADMIN, subscription="S-1", location=location, effective_at=at)
    return world


def _position(world: World, type_name: str, nth: int = 0) -> int:
    return [fact.position for fact in world.facts if type_name == fact.event.TYPE][nth]


def test_a_fact_gets_another_instant_in_one_event_that_names_it(world: World) -> None:
    """Position, type, tags and both instants; the model tells the new one."""
    position = _position(world, "dpor.set.v1", 1)
    at = "2020-09-15T00:00:00Z"
    fact = world.do("fact.correct", ADMIN, position=position, effective_at=at, reason=REASON)
    event = fact.event
    assert isinstance(event, FactCorrected)
    assert (event.fact, event.of) == (position, "dpor.set.v1")
    assert (event.was.isoformat(), event.now.isoformat()) == (
        "2020-10-01T00:00:00+00:00",
        "2020-09-15T00:00:00+00:00",
    )
    assert f"fact:{position}" in event.tags()
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert (found.dpor, found.dpor_since_us) == ("102", from_iso(at))


def test_a_fact_that_never_was_leaves_what_it_had_replaced(world: World) -> None:
    """The partner before stands again, since its own start."""
    position = _position(world, "dpor.set.v1", 1)
    fact = world.do("fact.retract", ADMIN, position=position, reason=REASON)
    assert isinstance(fact.event, FactRetracted)
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert (found.dpor, found.dpor_since_us) == ("101", from_iso("2020-08-01T00:00:00Z"))


def test_a_fact_can_be_corrected_again_but_taken_back_once(world: World) -> None:
    """The last correction counts."""
    position = _position(world, "dpor.set.v1", 1)
    for at in ("2020-09-15T00:00:00Z", "2020-09-20T00:00:00Z"):
        world.do("fact.correct", ADMIN, position=position, effective_at=at, reason=REASON)
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert found.dpor_since_us == from_iso("2020-09-20T00:00:00Z")
    world.do("fact.retract", ADMIN, position=position, reason=REASON)
    with refuses("already_retracted"):
        world.decide("fact.retract", ADMIN, position=position, reason=REASON)
    with refuses("already_retracted"):
        at = "2020-09-15T00:00:00Z"
        world.decide("fact.correct", ADMIN, position=position, effective_at=at, reason=REASON)


@pytest.mark.parametrize(
    "at,code",
    [
        ("2020-10-01T00:00:00Z", "nothing_to_correct"),
        ("2020-07-15T00:00:00Z", "correction_out_of_order"),
        ("2020-08-01T00:00:00Z", "correction_out_of_order"),
        ("2031-01-01T00:00:00Z", "effective_in_future"),
    ],
)
def test_the_order_of_the_facts_about_one_thing_stays(world: World, at: str, code: str) -> None:
    """Strictly after the one before, strictly before the one after, never in the future [P]."""
    position = _position(world, "dpor.set.v1", 1)
    with refuses(code):
        world.decide("fact.correct", ADMIN, position=position, effective_at=at, reason=REASON)


def test_a_start_stays_before_what_came_after_it(world: World) -> None:
    """A subscription can't begin after its first DPOR, and can't be taken back under it."""
    position = _position(world, "subscription.started.v1")
    given = {"position": position, "reason": REASON}
    with refuses("correction_out_of_order"):
        world.decide("fact.correct", **given, effective_at="2020-08-02T00:00:00Z")
    with refuses("not_retractable"):
        world.decide("fact.retract", **given)
    world.do("fact.correct", **given, effective_at="2020-07-03T00:00:00Z")
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert (found.started_us, found.dpor) == (from_iso("2020-07-03T00:00:00Z"), "102")


def test_who_may_record_a_fact_may_set_it_right_and_nobody_else(world: World) -> None:
    """DPOR is the customer's own (domain.md §6.1)."""
    position = _position(world, "dpor.set.v1", 1)
    for actor in ("operator", "fabrikam-admin", "user-101", "nobody"):
        with refuses("not_permitted"):
            world.decide("fact.retract", actor, position=position, reason=REASON)


def test_decisions_are_not_set_right_this_way(world: World) -> None:
    """They have commands of their own; a position that is not there is named."""
    world.at("2021-03-01T09:00:00Z")
    world.do("calendar.adopt", builtin="CZ", zone="Europe/Prague", first_year=2020, last_year=2022)
    world.do("policy.adopt", builtin="P2020", calendar="CZ")
    world.do("claim.submit", "user-101", **submission("C-1", "101"))
    for type_name in ("claim.submitted.v1", "role.granted.v1", "customer.registered.v2"):
        with refuses("not_correctable"):
            world.decide("fact.retract", position=_position(world, type_name), reason=REASON)
    with refuses("unknown_reference"):
        world.decide("fact.retract", position=9_999, reason=REASON)


def test_a_link_and_an_association_are_set_right_alike(world: World) -> None:
    """PAL by identity and tenant, other kinds by their slot."""
    world.do("identity.register", identity="dev-1", kind="user", location="101")
    linked = {"identity": "dev-1", "tenant": CONTOSO, "location": "101"}
    fact = world.do("pal.link", "dev-1", **linked, effective_at="2020-11-01T00:00:00Z")
    at = "2020-10-20T00:00:00Z"
    world.do("fact.correct", position=fact.position, effective_at=at, reason=REASON)
    identity = world(IDENTITY, "dev-1")
    assert identity is not None
    link = identity.link(CONTOSO)
    assert link is not None
    assert link.linked_us == from_iso(at)
    world.do("fact.retract", position=fact.position, reason=REASON)
    identity = world(IDENTITY, "dev-1")
    assert identity is not None
    assert identity.link(CONTOSO) is None
    assert world(ASSOCIATION, "nothing").location is None


def test_a_move_in_the_tree_is_not_taken_back_under_what_rests_on_it(world: World) -> None:
    """It would lie in itself (domain.md §6 [P]); the last move is taken back."""
    web, shop = ({"tenant": CONTOSO, "management_group": name} for name in ("web", "shop"))
    world.do("scope.place", **web, parent="shop", effective_at="2020-09-01T00:00:00Z")
    away = world.do("scope.place", **web, effective_at="2020-09-02T00:00:00Z")
    last = world.do("scope.place", **shop, parent="web", effective_at="2020-09-03T00:00:00Z")
    with refuses("scope_in_itself"):
        world.decide("fact.retract", position=away.position, reason=REASON)
    world.do("fact.retract", position=last.position, reason=REASON)
    world.do("fact.retract", position=away.position, reason=REASON)
    assert world(PLACE, f"{CONTOSO}:group:web").parent == "shop"


def test_what_lies_between_is_of_the_same_sort(world: World) -> None:
    """Seats are bounded by other seats and the start, not by who holds its DPOR place."""
    for seats, on in ((10, "2020-09-01"), (20, "2020-11-01")):
        at = f"{on}T00:00:00Z"
        world.do("subscription.change_seats", subscription="S-1", seats=seats, effective_at=at)
    position = _position(world, "subscription.seats_changed.v1", 1)
    given = {"position": position, "reason": REASON}
    for at in ("2020-09-01T00:00:00Z", "2020-08-15T00:00:00Z"):
        with refuses("correction_out_of_order"):
            world.decide("fact.correct", **given, effective_at=at)
    world.do("fact.correct", **given, effective_at="2020-09-15T00:00:00Z")
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert (found.seats, found.seats_since_us) == (20, from_iso("2020-09-15T00:00:00Z"))
    world.do("fact.retract", **given)
    found = world(SUBSCRIPTION, "S-1")
    assert found is not None
    assert found.seats == 10


def test_the_table_names_events_that_there_are() -> None:
    """Each with the tag of its subject, and a source."""
    for type_name, row in table().items():
        assert type_name in MODELS
        assert row.source
