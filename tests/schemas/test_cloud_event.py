"""The CloudEvent of an accepted event keeps the rules of CloudEvents 1.0.2 and of the ledger."""

from __future__ import annotations

import re
from urllib.parse import urlparse

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from schemas.catalogue import EVENTS, encode
from schemas.cloud_event import cloud_event
from schemas.envelope import Attributes, Envelope
from schemas.event import Event
from schemas.generate import FOLDER, file_name
from schemas.time import from_iso
from tests.strategies import attributes, events, instants_us

# CloudEvents 1.0.2: "Naming Conventions" and "Type System"; the JSON format adds the data members.
NAME = re.compile(r"[a-z0-9]{1,20}")
DATA_MEMBERS = {"data", "data_base64"}
REQUIRED = {"id", "source", "specversion", "type"}
NO_LINE_CONTROLS = re.compile(r"[^\x00-\x1f\x7f-\x9f]*")

COMMIT = bytes(range(32))
PREV = bytes(32)

VALIDATOR = Draft202012Validator(orjson.loads((FOLDER / file_name("envelope")).read_bytes()))


def envelope(
    about: Attributes, data: bytes = b"{}", position: int = 7, recorded_at_us: int = 1_000_000
) -> Envelope:
    """The CloudEvent of an event somewhere in a ledger."""
    return cloud_event(
        about,
        data,
        ledger="contoso-story",
        position=position,
        commit_hash=COMMIT,
        prev_hash=PREV,
        recorded_at_us=recorded_at_us,
    )


@given(
    about=attributes,
    data=st.binary(max_size=40) | st.just(b'{"claim":"c-1"}'),
    position=st.integers(1, 2**63 - 1),
    recorded_at_us=instants_us,
)
def test_the_json_keeps_the_attribute_rules_of_cloudevents(
    about: Attributes, data: bytes, position: int, recorded_at_us: int
) -> None:
    """Names are a-z and 0-9; values are text without controls, none of them a list or a number."""
    found = orjson.loads(envelope(about, data, position, recorded_at_us).to_json())
    assert found.keys() >= REQUIRED
    assert found["specversion"] == "1.0"
    for name, value in found.items():
        if name in DATA_MEMBERS:
            continue
        assert NAME.fullmatch(name), name
        assert isinstance(value, str), name
        assert NO_LINE_CONTROLS.fullmatch(value), name
    assert len(found.keys() & DATA_MEMBERS) == 1
    assert all(found[name] for name in found.keys() & {"id", "type", "subject", "dataschema"})
    assert urlparse(found["source"]).scheme == "urn"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", found["time"])
    assert VALIDATOR.is_valid(found)


@given(about=attributes, position=st.integers(1, 2**63 - 1), recorded_at_us=instants_us)
def test_nothing_of_the_chain_is_lost_in_the_cloudevent(
    about: Attributes, position: int, recorded_at_us: int
) -> None:
    """Attributes, position, hashes and recorded time can be read back from the JSON."""
    written = envelope(about, b'{"a":1}', position, recorded_at_us).to_json()
    read = Envelope.model_validate_json(written)
    assert read.to_json() == written
    assert read.tag_list() == about.tags
    assert (read.position, read.id) == (position, str(position))
    assert (read.commit, read.prev) == (COMMIT.hex(), PREV.hex())
    assert from_iso(read.recorded_at) == from_iso(read.time) == recorded_at_us
    assert (from_iso(read.effective_at) if read.effective_at else 0) == about.effective_at_us
    kept = (read.type, read.actor or "", read.command_id or "", read.command_hash or "")
    assert kept == (about.type, about.actor, about.command_id, about.command_hash)
    assert (read.causation or 0, read.correlation or "") == (about.causation, about.correlation)


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: str(model.TYPE))
@settings(max_examples=settings().max_examples // 5)
@given(data=st.data())
def test_an_event_of_the_catalogue_keeps_its_tags_readable(
    model: type[Event], data: st.DataObject
) -> None:
    """The tags of the ledger's own events need no escape, and the first is the subject."""
    event = data.draw(events(model))
    found = envelope(Attributes(type=event.TYPE, tags=event.tags()), encode(event))
    assert found.tags.split(" ") == list(event.tags())
    assert found.subject == event.subject()
    assert found.data == orjson.loads(encode(event))
    assert found.dataschema == f"urn:attribution:schema:{event.TYPE}"


def test_the_names_of_the_wire_are_those_the_docstring_states() -> None:
    """A subscriber in another language can rely on the spelling of every attribute."""
    about = Attributes("a.v1", ("a:1", "b:2"), 1_000_000, "ops-1", "c-1", "ab" * 32, 3, "order-1")
    assert orjson.loads(envelope(about, b'{"x":1}').to_json()) == {
        "specversion": "1.0",
        "id": "7",
        "source": "urn:attribution:ledger:contoso-story",
        "type": "a.v1",
        "subject": "a:1",
        "time": "1970-01-01T00:00:01Z",
        "dataschema": "urn:attribution:schema:a.v1",
        "datacontenttype": "application/json",
        "position": "7",
        "commit": COMMIT.hex(),
        "prev": PREV.hex(),
        "effectiveat": "1970-01-01T00:00:01Z",
        "recordedat": "1970-01-01T00:00:01Z",
        "actor": "ops-1",
        "commandid": "c-1",
        "commandhash": "ab" * 32,
        "causation": "3",
        "correlation": "order-1",
        "tags": "a:1 b:2",
        "data": {"x": 1},
    }


@pytest.mark.parametrize("data", [b"", b"\xff\x00", b"[1]", b"text", b"null"])
def test_bytes_that_are_no_json_object_travel_as_base64(data: bytes) -> None:
    """What only an opaque ledger holds is carried whole, and no schema is promised for it."""
    found = orjson.loads(envelope(Attributes(type="any"), data).to_json())
    assert "data" not in found
    assert "dataschema" not in found
    assert found["datacontenttype"] == "application/octet-stream"
    assert Envelope.model_validate(found).raw() == data


def test_an_event_without_a_type_is_refused() -> None:
    """CloudEvents allows no empty type."""
    with pytest.raises(ValidationError, match="type"):
        envelope(Attributes(type=""))


def test_an_attribute_of_a_later_ledger_does_not_keep_a_reader_out() -> None:
    """CloudEvents are open: an extension attribute that is not known is passed over."""
    found = orjson.loads(envelope(Attributes(type="a.v1")).to_json()) | {"witness": "w-1"}
    assert Envelope.model_validate(found).type == "a.v1"
    assert VALIDATOR.is_valid(found)
