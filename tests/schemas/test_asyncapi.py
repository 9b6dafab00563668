"""The AsyncAPI document is valid by its specification, whole, and true of what we write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from ledger.cluster.place import Place
from ledger.cluster.topics import specs
from schemas import generate
from schemas.asyncapi import RELAY_HEADER, document
from schemas.catalogue import EVENTS, UPCASTS
from schemas.cloud_event import cloud_event
from schemas.cloud_event_kafka import headers
from schemas.envelope import Attributes

SPECIFICATION = Path(__file__).parent / "asyncapi_specification" / "3.1.0.json"


def specification() -> Draft7Validator:
    """A validator by the specification's own schema, which refers to its parts by their ids."""
    schema = orjson.loads(SPECIFICATION.read_bytes())
    parts = [
        (name, Resource.from_contents(part, default_specification=DRAFT7))
        for name, part in schema["definitions"].items()
    ]
    registry: Registry[Any] = Registry().with_resources(parts)
    return Draft7Validator(schema, registry=registry)


def at(root: dict[str, Any], pointer: str) -> Any:
    """What a reference within the document leads to."""
    found: Any = root
    for word in pointer.removeprefix("#/").split("/"):
        found = found[word]
    return found


def references(value: Any) -> list[str]:
    """Every ``$ref`` in a document."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for part in value.values() for one in references(part)]
    return [one for part in value for one in references(part)] if isinstance(value, list) else []


def test_the_published_document_is_that_of_the_models() -> None:
    """Nobody changed a model and forgot to run the generator."""
    assert orjson.loads(generate.ASYNCAPI.read_bytes()) == document()
    assert generate.ASYNCAPI.read_bytes() == generate.asyncapi_bytes()


def test_a_document_that_drifted_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--check`` exits 1 and says what to run; without it the file is written."""
    monkeypatch.setattr(generate, "ASYNCAPI", tmp_path / "asyncapi.json")
    assert generate.main(["--check"]) == 1
    assert "asyncapi.json" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


def test_the_document_is_valid_by_the_published_schema_of_the_specification() -> None:
    """And the schema can fail: a document that breaks it in one place is refused there."""
    validator, told = specification(), document()
    assert [error.json_path for error in validator.iter_errors(told)] == []
    del told["channels"]["events"]["messages"]["claim.approved.v1"]["$ref"]
    told["channels"]["events"]["bindings"]["kafka"]["partitions"] = 0
    assert not validator.is_valid(told)


def test_every_reference_leads_somewhere() -> None:
    """Within the document, and to the schema files beside it."""
    told = document()
    found = references(told)
    assert len(found) > 2 * len(EVENTS)
    for reference in found:
        if reference.startswith("#/"):
            assert at(told, reference)
        else:
            assert (generate.ASYNCAPI.parent / reference).is_file()


def test_every_event_type_is_a_message_of_the_topic_of_events() -> None:
    """With its own schema as payload; older versions, which the log still holds, too."""
    told = document()
    messages = told["channels"]["events"]["messages"]
    assert set(messages) == {event.TYPE for event in EVENTS} | set(UPCASTS)
    for name in messages:
        payload = told["components"]["messages"][name]["payload"]
        assert payload["schema"]["$ref"] == f"json/{name}.schema.json"


def test_the_topics_are_those_that_the_ledger_makes() -> None:
    """Names, partitions and settings as ``ledger.cluster.topics`` has them."""
    channels = document()["channels"]
    made = {
        spec.name.removeprefix("attribution."): spec for spec in specs(Place("", "attribution"))
    }
    assert set(channels) == set(made)
    for name, spec in made.items():
        channel, kafka = channels[name], channels[name]["bindings"]["kafka"]
        assert channel["address"] == f"{{prefix}}.{name}"
        assert kafka.get("partitions") == (None if name == "usage" else spec.partitions)
        for setting, value in kafka["topicConfiguration"].items():
            told = value[0] if isinstance(value, list) else str(value)
            assert spec.settings[setting] == told


def test_the_headers_that_we_write_are_those_of_the_document() -> None:
    """Each message's schema takes the headers of its own type, and refuses those of another."""
    told = document()
    defined = {"components": told["components"]}
    for name in ("claim.approved.v1", "dpor.set.v1"):
        attributes = Attributes(name, ("tenant:t",), 1_700_000_000_000_000, "ann", "c-1", "0" * 64)
        envelope = cloud_event(
            attributes,
            b"{}",
            ledger="l-1",
            position=7,
            commit_hash=bytes(32),
            prev_hash=bytes(32),
            recorded_at_us=1_700_000_000_000_000,
        )
        written = {header: text.decode() for header, text in headers(envelope)}
        schema = told["components"]["messages"][name]["headers"]
        validator = Draft202012Validator({**schema, **defined})
        assert validator.is_valid(written)
        assert set(written) <= set(told["components"]["schemas"]["eventHeaders"]["properties"])
        assert not validator.is_valid({**written, "ce_type": "claim.rejected.v1"})
        assert not validator.is_valid({**written, "ce_position": "0"})


def test_the_relays_header_is_told() -> None:
    """A reader knows that it may ignore it."""
    from consumers.relay import READ_BACK

    assert READ_BACK == RELAY_HEADER
