"""Adopting policies: checked whole, embedded whole, one name once (DESIGN §5)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.decision_models.policy import POLICY
from ledger.errors import BadInputError
from ledger.rules.content import digest
from ledger.rules.policy import builtin
from schemas.governance import PolicyAdopted
from schemas.time import from_iso
from tests.builders import BIRTH, World, refuses


@pytest.fixture
def world() -> World:
    """A ledger with an operator and no policy."""
    return World()


def adopt(world: World, **data: Any) -> PolicyAdopted:
    """The event of an adoption by the operator."""
    event = world.do("policy.adopt", **data).event
    assert isinstance(event, PolicyAdopted)
    return event


def test_a_shipped_policy_is_adopted_by_name(world: World) -> None:
    """Its whole content is embedded, so a replay needs no file."""
    event = adopt(world, builtin="p2020")
    assert (event.policy, event.in_force_from.isoformat()) == ("P2020", "2019-10-01T00:00:00+00:00")
    assert event.content == builtin("P2020")
    assert event.sha256 == digest(event.content)


def test_a_content_of_ones_own_is_adopted_as_it_is(world: World) -> None:
    """With its own name and values."""
    content = builtin("P2023") | {"policy": "OURS", "title": "Our rules"}
    assert adopt(world, content=content).content == content
    policy = world(POLICY, "all").in_force(from_iso("2024-01-01T00:00:00Z"))
    assert policy is not None
    assert policy.title == "Our rules"


def test_the_command_can_set_the_date_and_the_calendar(world: World) -> None:
    """What it says goes before what the file says, and is embedded."""
    event = adopt(
        world, builtin="P2020", in_force_from="2020-01-01T00:00:00+01:00", calendar="prague"
    )
    assert event.in_force_from.isoformat() == "2019-12-31T23:00:00+00:00"
    assert event.content["in_force_from"] == "2019-12-31T23:00:00Z"
    assert event.content["calendar"] == "prague"


def test_a_policy_without_a_date_is_in_force_from_now_on(world: World) -> None:
    """EXPLICIT has no date of its own."""
    fact = world.do("policy.adopt", builtin="EXPLICIT")
    assert isinstance(fact.event, PolicyAdopted)
    assert fact.effective_at_us == from_iso(BIRTH)


def test_a_name_is_adopted_once(world: World) -> None:
    """Claims are judged by it to their end, so it can't change."""
    adopt(world, builtin="P2020")
    with refuses("policy_adopted_before"):
        adopt(world, builtin="P2020")


@pytest.mark.parametrize("data", [{}, {"builtin": "P2020", "content": {}}])
def test_builtin_or_content_is_given_not_both(world: World, data: dict[str, Any]) -> None:
    """One of them says which policy."""
    with pytest.raises(ValidationError):
        adopt(world, **data)


def test_an_unknown_shipped_name_lists_the_known(world: World) -> None:
    """So that the next try succeeds."""
    with pytest.raises(BadInputError, match="P2020, P2023, EXPLICIT") as caught:
        adopt(world, builtin="P2019")
    assert caught.value.code == "unknown_builtin"


def test_a_wrong_content_is_refused_when_it_is_read(world: World) -> None:
    """Never later, when a claim would be judged by it."""
    content = builtin("P2020")
    content["review"] = content["review"] | {"answer": "a while"}
    with pytest.raises(BadInputError, match=r"review\.answer is 'a while': allowed is") as caught:
        adopt(world, content=content)
    assert caught.value.code == "bad_policy"


def test_only_the_operator_adopts(world: World) -> None:
    """A policy binds everybody."""
    with refuses("not_permitted"):
        world.do("policy.adopt", "somebody", builtin="P2020")
