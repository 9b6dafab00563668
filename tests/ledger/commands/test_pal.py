"""PAL links: one for each identity and tenant, edited by that identity (domain.md §6.2)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.decision_models.identity import IDENTITY
from schemas.associations import PalLinked, PalUnlinked
from schemas.event import Event
from schemas.time import FOREVER_US
from tests.builders import CONTOSO, FABRIKAM, OPERATOR, World, refuses
from tests.ledger.commands.estate import do_example, estate

HOME = "00000000-0000-4000-8000-0000000000a1"


@pytest.fixture
def world() -> World:
    """Contoso and Fabrikam, and the identity dev-1 of location 101."""
    world = estate("pal.link")
    do_example(world, "customer.register", tenant=FABRIKAM, name="Fabrikam")
    return world


def link(world: World, actor: str = "dev-1", **other: Any) -> Event:
    """Link dev-1 to location 101 in Contoso, with some fields changed."""
    data = {"identity": "dev-1", "tenant": CONTOSO, "location": "101"} | other
    return world.do("pal.link", actor, **data).event


def unlink(world: World, actor: str = "dev-1", **other: Any) -> Event:
    """Remove the link of dev-1 in Contoso, with some fields changed."""
    return world.do("pal.unlink", actor, **{"identity": "dev-1", "tenant": CONTOSO} | other).event


@pytest.mark.parametrize("actor", ["dev-1", OPERATOR])
def test_the_identity_links_itself_or_the_operator_records_it(world: World, actor: str) -> None:
    """No role is needed to edit one's own link."""
    linked = link(world, actor)
    assert linked == PalLinked(identity="dev-1", tenant=CONTOSO, location="101")
    unlinked = unlink(world, actor)
    assert unlinked == PalUnlinked(identity="dev-1", tenant=CONTOSO, location="101")


@pytest.mark.parametrize("actor", ["dev-2", "own-customer_admin", "own-global_admin"])
def test_nobody_else_edits_a_link(world: World, actor: str) -> None:
    """The customer and other partners cannot."""
    with refuses("not_permitted"):
        link(world, actor)
    link(world)
    with refuses("not_permitted"):
        unlink(world, actor)


def test_an_identity_has_one_link_in_each_tenant(world: World) -> None:
    """A second in the same tenant is refused, in another tenant it is its own link."""
    link(world)
    with refuses("pal_already_linked"):
        link(world, location="102")
    link(world, tenant=FABRIKAM, location="102")
    state = world(IDENTITY, "dev-1")
    assert state is not None
    assert {it.tenant: it.location for it in state.links} == {CONTOSO: "101", FABRIKAM: "102"}


def test_a_link_is_changed_by_removing_it_first(world: World) -> None:
    """The new one begins no earlier than the old one ended."""
    link(world, effective_at="2021-01-01T00:00:00Z")
    unlink(world, effective_at="2021-02-01T00:00:00Z")
    with refuses("effective_too_early"):
        link(world, location="102", effective_at="2021-01-31T23:59:59Z")
    link(world, location="102", effective_at="2021-02-01T00:00:00Z")
    state = world(IDENTITY, "dev-1")
    assert state is not None
    latest = state.link(CONTOSO)
    assert latest is not None
    assert (latest.location, latest.ended_us) == ("102", FOREVER_US)


def test_what_is_not_linked_can_not_be_unlinked(world: World) -> None:
    """Never linked, linked elsewhere, or unlinked before."""
    with refuses("pal_not_linked"):
        unlink(world)
    link(world, tenant=FABRIKAM)
    with refuses("pal_not_linked"):
        unlink(world)
    unlink(world, tenant=FABRIKAM)
    with refuses("pal_not_linked"):
        unlink(world, tenant=FABRIKAM)


@pytest.mark.parametrize(
    "other",
    [
        {"location": "999"},
        {"location": "100"},
    ],
)
def test_only_the_id_of_a_location_works(world: World, other: dict[str, str]) -> None:
    """There is no record for another partner id, an organisation's included (domain.md §6.2)."""
    with refuses("no_partner_record") as refused:
        link(world, **other)
    told = "an organisation" if other["location"] == "100" else "nobody's location"
    assert told in str(refused.value)


def test_a_link_names_a_known_tenant(world: World) -> None:
    """Or the identity's own home, see below."""
    with refuses("unknown_reference"):
        link(world, tenant="00000000-0000-4000-8000-000000000999")


def test_who_works_through_lighthouse_links_once_at_home(world: World) -> None:
    """In its own directory, which is no customer's; without one there is nothing to delegate to."""
    register = {"kind": "service_principal", "location": "101", "home_tenant": HOME}
    world.do("identity.register", OPERATOR, identity="app-1", **register)
    linked = link(world, "app-1", identity="app-1", tenant=HOME)
    assert linked == PalLinked(identity="app-1", tenant=HOME, location="101")
    with refuses("unknown_reference"):
        link(world, tenant=HOME)
    delegated = {"tenant": CONTOSO, "role": "Owner", "scope": "/subscriptions/S-1"}
    delegated |= {"through": "lighthouse"}
    world.do("azure_role.assign", OPERATOR, assignment="A-1", identity="app-1", **delegated)
    with refuses("no_home_tenant"):
        world.do("azure_role.assign", OPERATOR, assignment="A-2", identity="dev-1", **delegated)


@pytest.mark.parametrize("ended", ["identity.disable", "identity.delete"])
def test_an_identity_that_can_not_sign_in_links_nothing(world: World, ended: str) -> None:
    """Enabled again it may; once deleted it never does."""
    world.do(ended, OPERATOR, identity="dev-1")
    with refuses("identity_state"):
        link(world)
    if ended == "identity.delete":
        for command in ("identity.enable", "identity.disable", "identity.delete"):
            with refuses("identity_state"):
                world.do(command, OPERATOR, identity="dev-1")
        return
    with refuses("identity_state"):
        world.do("identity.disable", OPERATOR, identity="dev-1")
    world.do("identity.enable", OPERATOR, identity="dev-1")
    with refuses("identity_state"):
        world.do("identity.enable", OPERATOR, identity="dev-1")
    link(world)


def test_an_identity_must_be_registered(world: World) -> None:
    """Also when it acts itself."""
    with refuses("unknown_reference"):
        link(world, "dev-9", identity="dev-9")
    with refuses("unknown_reference"):
        unlink(world, "dev-9", identity="dev-9")
