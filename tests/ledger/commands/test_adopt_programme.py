"""Adopting programmes: the content is embedded, known by its hash, and must say a programme."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import BadInputError
from ledger.rules.content import digest
from ledger.rules.programmes import files
from schemas.governance import ProgrammeAdopted
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate


@pytest.fixture
def world() -> World:
    """A ledger with an operator and no programme."""
    return estate("programme.adopt")


def content(**other: Any) -> dict[str, Any]:
    """A programme of one's own, with some keys changed."""
    return files.builtin("modern_work_2023") | {"id": "mine"} | other


def adopt(world: World, **data: Any) -> ProgrammeAdopted:
    """The event of an adoption."""
    event = do_example(world, "programme.adopt", builtin=None, **data).event
    assert isinstance(event, ProgrammeAdopted)
    return event


def test_the_event_embeds_the_content_and_its_hash(world: World) -> None:
    """A file edited later can't change what was adopted (DESIGN §7)."""
    event = adopt(world, content=content())
    assert event.content == content()
    assert event.sha256 == digest(content())
    assert event.programme == "mine"


def test_a_shipped_programme_is_adopted_by_its_name(world: World) -> None:
    """Its whole file is embedded, its dates as the text they are stored as."""
    event = do_example(world, "programme.adopt").event
    assert isinstance(event, ProgrammeAdopted)
    assert event.content == files.builtin("modern_work_2023")
    assert event.content["valid_from"] == "2023-10-01"
    assert event.sha256 == digest(event.content)


def test_the_same_content_is_adopted_once_in_a_row(world: World) -> None:
    """Whatever the order of its keys; the refusal names the position."""
    adopted = do_example(world, "programme.adopt")
    turned = dict(reversed(files.builtin("modern_work_2023").items()))
    with refuses("programme_already_adopted") as refused:
        do_example(world, "programme.adopt", builtin=None, content=turned)
    assert f"position {adopted.position}" in str(refused.value)


def test_another_content_and_a_return_to_the_first_are_adopted(world: World) -> None:
    """Each adoption is a new fact; the latest one counts."""
    for title in ("A", "B", "A"):
        assert adopt(world, content=content(title=title)).content["title"] == title


def test_programmes_are_told_apart_by_the_name_they_are_adopted_under(world: World) -> None:
    """The same content under another name is another programme."""
    adopt(world, content=content())
    assert adopt(world, content=content(), programme="a_copy").programme == "a_copy"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"title": ""}, "title is ''"),
        ({"metric": []}, "metric is"),
        ({"luck": 7}, "luck is 7"),
        ({"competency": "juggling"}, "juggling"),
    ],
)
def test_a_content_that_says_no_programme_is_no_command(
    world: World, wrong: dict[str, Any], said: str
) -> None:
    """It never enters the log."""
    with pytest.raises(BadInputError, match=said) as caught:
        adopt(world, content=content(**wrong))
    assert caught.value.code == "bad_programme"


@pytest.mark.parametrize("data", [{}, {"builtin": "modern_work_2023", "content": content()}])
def test_either_a_name_or_a_content_is_given(world: World, data: dict[str, Any]) -> None:
    """Neither or both is no command."""
    with pytest.raises(ValueError, match="either builtin"):
        world.do("programme.adopt", "own-operator", **data)


def test_a_name_that_does_not_ship_is_named_with_those_that_do(world: World) -> None:
    """What to choose from is said."""
    with pytest.raises(BadInputError, match="modern_work_2023") as caught:
        do_example(world, "programme.adopt", builtin="modern_work")
    assert caught.value.code == "unknown_builtin"
