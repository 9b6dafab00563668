"""Adopting programmes: the content is embedded, and known by its hash."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.rules.content import digest
from schemas.governance import ProgrammeAdopted
from tests.builders import World, refuses
from tests.ledger.commands.estate import do_example, estate


@pytest.fixture
def world() -> World:
    """A ledger with an operator and no programme."""
    return estate("programme.adopt")


def test_the_event_embeds_the_content_and_its_hash(world: World) -> None:
    """A file edited later can't change what was adopted (DESIGN §7)."""
    event = do_example(world, "programme.adopt", content={"b": [1, 2.5], "a": None}).event
    assert isinstance(event, ProgrammeAdopted)
    assert event.content == {"b": [1, 2.5], "a": None}
    assert event.sha256 == digest({"a": None, "b": [1, 2.5]})


def test_the_same_content_is_adopted_once_in_a_row(world: World) -> None:
    """Whatever the order of its keys; the refusal names the position."""
    adopted = do_example(world, "programme.adopt", content={"a": 1, "b": 2})
    with refuses("programme_already_adopted") as refused:
        do_example(world, "programme.adopt", content={"b": 2, "a": 1})
    assert f"position {adopted.position}" in str(refused.value)


def test_another_content_and_a_return_to_the_first_are_adopted(world: World) -> None:
    """Each adoption is a new fact; the latest one counts."""
    for content in ({"a": 1}, {"a": 2}, {"a": 1}):
        do_example(world, "programme.adopt", content=content)


def test_programmes_are_told_apart_by_their_id(world: World) -> None:
    """The same content under another id is another programme."""
    do_example(world, "programme.adopt")
    do_example(world, "programme.adopt", programme="modern_work_copy")


def test_a_date_in_content_is_hashed_as_the_text_it_is_stored_as(world: World) -> None:
    """A content that is read back has the hash that was recorded."""
    event = do_example(world, "programme.adopt", content={"from": date(2023, 10, 1)}).event
    assert isinstance(event, ProgrammeAdopted)
    assert event.content == {"from": "2023-10-01"}
    assert event.sha256 == digest({"from": "2023-10-01"})
