"""CUA: tracking ids and what is deployed with them (domain.md §6.4)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands import catalogue
from ledger.decision_models.tracking import DEPLOYMENT
from schemas.tracking import DeploymentReported, TrackingIdRegistered
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate, example

GUID = "eb7927c8-dd66-43e1-b0cf-c346a4220633"


@pytest.fixture
def world() -> World:
    """Contoso and location 101 in July 2023."""
    return estate("tracking_id.register")


def register(world: World, **other: Any) -> TrackingIdRegistered:
    """Register the example tracking id, with some fields changed."""
    event = do_example(world, "tracking_id.register", **other).event
    assert isinstance(event, TrackingIdRegistered)
    return event


def report(world: World, **other: Any) -> DeploymentReported:
    """Report the example deployment, with some fields changed."""
    event = do_example(world, "deployment.report", **other).event
    assert isinstance(event, DeploymentReported)
    return event


@pytest.mark.parametrize("spelled", [GUID, f"pid-{GUID}", f"PID-{GUID.upper()}"])
def test_a_template_and_terraform_spell_one_id(world: World, spelled: str) -> None:
    """With `pid-` and without; the ledger keeps one, and finds it under both."""
    assert register(world, tracking_id=spelled).tracking_id == GUID
    with refuses("already_exists"):
        register(world, tracking_id=GUID, location="102")
    assert report(world, tracking_id=f"pid-{GUID}").tracking_id == GUID
    assert report(world, tracking_id=GUID, deployment="D-2").tracking_id == GUID


def test_a_publishers_own_id_is_a_guid_and_a_marketplace_offers_need_not_be(world: World) -> None:
    """Partner Center makes up ids such as contoso-myoffer-partnercenter."""
    made_up = "contoso-myoffer-partnercenter"
    for kind in ("cua", "tracked_template"):
        with refuses("tracking_id_no_guid"):
            register(world, tracking_id=made_up, kind=kind)
    assert register(world, tracking_id=made_up, kind="marketplace").tracking_id == made_up


@pytest.mark.parametrize("text", ["", "pid-", "one two", "-x", "x" * 101, "a\u202eb"])
def test_what_is_no_id_is_bad_input(text: str) -> None:
    """Empty, spaced, overlong or tricky texts are refused as they are typed."""
    with pytest.raises(ValidationError):
        catalogue.load("tracking_id.register").model_validate(
            example("tracking_id.register", tracking_id=text)
        )


def test_only_new_deployments_are_tracked(world: World) -> None:
    """Not those from before the id was registered; without an id there is nothing to report."""
    with refuses("unknown_reference"):
        report(world)
    register(world)
    with refuses("effective_too_early"):
        report(world, effective_at="2020-07-31T23:59:59Z")
    report(world, effective_at="2020-08-01T00:00:00Z")
    with refuses("already_exists"):
        report(world)


def test_a_removed_id_stays_with_what_was_deployed(world: World) -> None:
    """Removal is not retroactive: later deployments have none, earlier ones keep theirs."""
    register(world)
    report(world)
    do_example(world, "tracking_id.remove")
    with refuses("tracking_id_removed"):
        report(world, deployment="D-2", effective_at="2021-03-01T00:00:00Z")
    report(world, deployment="D-3", effective_at="2021-02-28T23:59:59Z")
    with refuses("already_ended"):
        do_example(world, "tracking_id.remove")
    kept = world(DEPLOYMENT, "D-1")
    assert kept is not None
    assert kept.location == "101"


def test_marketplace_deployments_are_tracked_by_themselves(world: World) -> None:
    """Back to March 2020, whenever the id was registered; other kinds never are."""
    register(world, kind="marketplace", effective_at="2021-01-10T00:00:00Z")
    with refuses("effective_too_early"):
        report(world, automatic=True, effective_at="2020-02-29T23:59:59Z")
    assert report(world, automatic=True, effective_at="2020-03-01T00:00:00Z").automatic
    with refuses("effective_too_early"):
        report(world, deployment="D-2", effective_at="2020-03-01T00:00:00Z")
    other = "eb7927c8-dd66-43e1-b0cf-c346a4220634"
    register(world, tracking_id=other)
    with refuses("tracking_not_automatic"):
        report(world, deployment="D-2", tracking_id=other, automatic=True)


def test_before_january_2021_nothing_is_tracked_by_itself() -> None:
    """The ledger can't have learned then what began later."""
    world = World("2020-07-01T09:00:00Z")
    for step in ("organisation.register", "location.register", "customer.register"):
        world.do(step, **catalogue.load(step).EXAMPLE)
    world.at("2020-12-31T23:59:59Z")
    world.do("tracking_id.register", **example("tracking_id.register", kind="marketplace"))
    with refuses("tracking_not_automatic"):
        world.do("deployment.report", **example("deployment.report", automatic=True))
    world.at("2021-01-01T00:00:00Z")
    world.do("deployment.report", **example("deployment.report", automatic=True))


@pytest.mark.parametrize("scope", ["/subscriptions/S-4/resourceGroups/shop", "/somewhere"])
def test_the_scope_lies_in_the_subscription(world: World, scope: str) -> None:
    """What was deployed elsewhere is not this subscription's."""
    register(world)
    with refuses("scope_elsewhere"):
        report(world, scope=scope)


def test_a_deployment_ends_once(world: World) -> None:
    """And not before it began."""
    register(world)
    report(world)
    with refuses("effective_too_early"):
        do_example(world, "deployment.end", effective_at="2020-08-31T00:00:00Z")
    do_example(world, "deployment.end")
    with refuses("already_ended"):
        do_example(world, "deployment.end")
