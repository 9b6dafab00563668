"""The `cloudevents` library reads what we write to Kafka, attribute by attribute, byte by byte."""

from __future__ import annotations

import orjson
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, from_kafka
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import EVENTS, encode
from schemas.cloud_event import cloud_event
from schemas.cloud_event_kafka import attributes as read_back
from schemas.cloud_event_kafka import envelope as envelope_of
from schemas.cloud_event_kafka import headers, key
from schemas.envelope import Attributes, Envelope
from schemas.event import Event
from schemas.time import from_iso, iso, to_us
from tests.strategies import attributes, events, instants_us


def written(about: Attributes, data: bytes, recorded_at_us: int) -> tuple[Envelope, KafkaMessage]:
    """An event of position 7, and the record that carries it."""
    envelope = cloud_event(
        about,
        data,
        ledger="contoso story",
        position=7,
        commit_hash=bytes(range(32)),
        prev_hash=bytes(32),
        recorded_at_us=recorded_at_us,
    )
    found = headers(envelope)
    assert len({name for name, _ in found}) == len(found), "no header stands twice"
    return envelope, KafkaMessage(dict(found), key(about.tags), data)


def attributes_of(event: BaseCloudEvent) -> dict[str, str]:
    """What the library has read, as text; its instants are compared by themselves."""
    return {name: str(value) for name, value in event.get_attributes().items() if name != "time"}


@settings(max_examples=40)
@given(event=st.sampled_from(EVENTS).flatmap(events), about=attributes, recorded_at_us=instants_us)
def test_the_library_reads_every_attribute_that_we_write(
    event: Event, about: Attributes, recorded_at_us: int
) -> None:
    """Binary mode, CloudEvents 1.0: also tags with spaces, percent signs and other letters."""
    data = encode(event)
    envelope, record = written(about._replace(type=event.TYPE), data, recorded_at_us)
    for read in (from_binary_event(record), from_kafka(record, JSONFormat())):
        found = attributes_of(read)
        found.pop("partitionkey", None)  # the library's name for the key
        told = orjson.loads(envelope.to_json())
        del told["data"], told["time"]
        assert found == told
        moment = read.get_time()
        assert moment is not None
        assert iso(to_us(moment)) == envelope.time == iso(recorded_at_us)
        assert read.get_data() == orjson.loads(data)


@given(about=attributes, data=st.binary(max_size=60), recorded_at_us=instants_us)
def test_what_is_no_json_reaches_the_library_as_bytes(
    about: Attributes, data: bytes, recorded_at_us: int
) -> None:
    """An opaque ledger may hold any bytes; what we read back is what was written."""
    envelope, record = written(about, data, recorded_at_us)
    read = from_binary_event(record)
    if envelope.data_base64 is not None:
        assert read.get_datacontenttype() == "application/octet-stream"
        found = read.get_data() or b""  # nothing for an empty value, text for what is UTF-8
        assert (found.encode() if isinstance(found, str) else found) == data
    again = envelope_of(record.headers.items(), data)
    assert again == envelope
    assert read_back(again).to_bytes() == about.to_bytes()
    assert from_iso(again.recorded_at) == recorded_at_us


def test_the_version_of_the_specification_and_the_schema_are_named() -> None:
    """``ce_specversion`` is 1.0, ``ce_dataschema`` the name of the type's JSON Schema."""
    about = Attributes("claim.approved.v1", ("tenant:t-1", "claim:c-1"))
    _, record = written(about, b"{}", 1_000_000)
    assert record.headers["ce_specversion"] == b"1.0"
    assert record.headers["ce_dataschema"] == b"urn:attribution:schema:claim.approved.v1"
    assert record.headers["content-type"] == b"application/json"
    assert record.key == b"t-1"
