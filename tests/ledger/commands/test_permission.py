"""Permission is part of each decision: every command, every role, own scope and foreign."""

from __future__ import annotations

import pytest

from ledger.commands import catalogue
from ledger.refusal import Refused
from tests.builders import World, refuses
from tests.ledger.commands.estate import BEFORE, estate, permitted, row_of
from tests.ledger.rules.permissions import COLUMNS, expected


def decides(world: World, actor: str, name: str) -> bool:
    """Whether the actor gets a decision; any refusal but of permission fails the test."""
    try:
        world.decide(name, actor, **catalogue.load(name).EXAMPLE)
    except Refused as refused:
        if refused.code != "not_permitted":
            raise
        return False
    return True


@pytest.mark.parametrize("name", BEFORE)
def test_each_role_gets_what_its_cell_says(name: str) -> None:
    """A decision asks the role table about the very thing it is about, and nothing is appended."""
    world = estate(name)
    before = list(world.facts)
    for role in COLUMNS:
        own = decides(world, f"own-{role}", name)
        foreign = decides(world, f"foreign-{role}", name)
        assert own == expected(row_of(name), role, own=True), role
        assert foreign == expected(row_of(name), role, own=False), role
    assert world.facts == before


@pytest.mark.parametrize("name", BEFORE)
def test_nobody_gets_nothing(name: str) -> None:
    """An actor without a role is refused, whatever the command."""
    with refuses("not_permitted"):
        estate(name).decide(name, "nobody", **catalogue.load(name).EXAMPLE)


@pytest.mark.parametrize("name", BEFORE)
def test_the_example_of_a_command_is_one_that_a_ledger_accepts(name: str) -> None:
    """What `attribution commands NAME` shows can be submitted as it stands."""
    world = estate(name)
    fact = world.do(name, permitted(name), **catalogue.load(name).EXAMPLE)
    assert fact.effective_at_us <= world.now_us
    assert world.facts[-1] is fact
