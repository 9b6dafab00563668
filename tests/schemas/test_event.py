"""What holds for every event of the contract, whatever its type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.catalogue import EVENTS, decode, decode_plain, encode
from schemas.event import Event, distinct
from schemas.generate import FOLDER, file_name
from schemas.time import to_us
from schemas.values import Value
from tests.strategies import events

TAG = re.compile(r"[a-z]+:[A-Za-z0-9._:-]+")

each_event = pytest.mark.parametrize("model", EVENTS, ids=lambda model: str(model.TYPE))

half_as_many = settings(max_examples=settings().max_examples // 2)


@each_event
@given(data=st.data())
def test_an_event_reads_back_equal_from_its_bytes(model: type[Event], data: st.DataObject) -> None:
    """What is decoded equals what was encoded, its tags and timers too, and encodes the same."""
    event = data.draw(events(model))
    written = encode(event)
    read = decode(model.TYPE, written)
    assert type(read) is model
    assert read == event
    assert encode(read) == written
    assert (read.tags(), read.timers()) == (event.tags(), event.timers())
    assert decode_plain(model.TYPE, written) == (model.TYPE, orjson.loads(written))


@each_event
@half_as_many
@given(data=st.data())
def test_tags_are_distinct_identifiers_without_personal_data(
    model: type[Event], data: st.DataObject
) -> None:
    """A tag is a kind and an identifier: no e-mail address, no text that people wrote."""
    event = data.draw(events(model))
    tags = event.tags()
    assert tags
    assert len(set(tags)) == len(tags)
    assert event.subject() == tags[0]
    for tag in tags:
        assert TAG.fullmatch(tag), tag
        assert "@" not in tag


@each_event
@half_as_many
@given(data=st.data())
def test_a_timer_runs_for_a_tag_of_its_event_until_an_instant_it_states(
    model: type[Event], data: st.DataObject
) -> None:
    """A key names what is awaited and what waits, a tag; a running timer is named and due.

    Where a subject has several ends, their own names follow the tag, after a bar.

    A stopped one has neither, and a key has one timer an event.
    """
    event = data.draw(events(model))
    stated = {to_us(instant) for instant in _instants(event)}
    keys = [timer.key for timer in event.timers()]
    assert len(set(keys)) == len(keys)
    for timer in event.timers():
        waits = timer.key.partition(":")[2].partition("|")[0]
        assert waits in {tag.partition(":")[2] for tag in event.tags()}
        awaited = timer.key.partition(":")[0]
        assert timer.name == ("" if timer.due_us is None else awaited)
        assert timer.due_us is None or timer.due_us in stated


@each_event
@half_as_many
@given(data=st.data())
def test_the_bytes_of_an_event_fit_its_json_schema(model: type[Event], data: st.DataObject) -> None:
    """Whoever validates against the published schema accepts all that the ledger writes."""
    written = orjson.loads(encode(data.draw(events(model))))
    errors = list(_validator(model.TYPE).iter_errors(written))
    assert not errors, errors[0].message


def test_distinct_keeps_the_order_and_drops_repeats_and_none() -> None:
    """Tags keep the order in which they are named, each once."""
    assert distinct("b:1", None, "a:1", "b:1", "") == ("b:1", "a:1")


def _instants(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        assert value.tzinfo is UTC
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _instants(item)
    elif isinstance(value, Value):
        for name in type(value).model_fields:
            yield from _instants(getattr(value, name))


_validators: dict[str, Draft202012Validator] = {}


def _validator(type_name: str) -> Draft202012Validator:
    if type_name not in _validators:
        schema = orjson.loads((FOLDER / file_name(type_name)).read_bytes())
        _validators[type_name] = Draft202012Validator(schema)
    return _validators[type_name]
