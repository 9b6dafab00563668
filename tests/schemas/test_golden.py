"""The golden examples: one of every released version, read for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from schemas import catalogue, generate
from schemas.envelope import Attributes

GOLDEN = Path(catalogue.__file__).parent / "golden"
RELEASED = sorted({*catalogue.MODELS, *catalogue.UPCASTS})

each_released = pytest.mark.parametrize("type_name", RELEASED)


def golden(type_name: str) -> dict[str, Any]:
    """The example of a released version: its attributes and data."""
    found: dict[str, Any] = orjson.loads((GOLDEN / f"{type_name}.json").read_bytes())
    return found


def test_every_released_type_has_a_golden_example_and_nothing_else_has() -> None:
    """The folder holds one file for each released version."""
    assert sorted(path.name for path in GOLDEN.iterdir()) == [f"{name}.json" for name in RELEASED]


@each_released
def test_a_golden_example_reads_as_the_newest_version(type_name: str) -> None:
    """What was ever released is read as today's event, with the tags it was written under."""
    example = golden(type_name)
    event = catalogue.decode(type_name, orjson.dumps(example["data"]))
    assert catalogue.current(type_name) == event.TYPE
    assert list(event.tags()) == example["attributes"]["tags"]
    assert example["attributes"]["type"] == type_name


@pytest.mark.parametrize("type_name", sorted(catalogue.MODELS))
def test_a_current_golden_example_is_written_as_the_same_bytes(type_name: str) -> None:
    """A model that changes what it writes needs a new version."""
    data = orjson.dumps(golden(type_name)["data"])
    assert catalogue.encode(catalogue.decode(type_name, data)) == data


@each_released
def test_the_attributes_of_a_golden_example_are_written_as_the_same_bytes(type_name: str) -> None:
    """The attributes beside the data keep their one encoding."""
    attributes = orjson.dumps(golden(type_name)["attributes"], option=orjson.OPT_SORT_KEYS)
    assert Attributes.from_bytes(attributes).to_bytes() == attributes


@each_released
def test_a_golden_example_fits_the_schema_of_its_version(type_name: str) -> None:
    """The published schema, its formats included, accepts the data as it was written."""
    path = generate.FOLDER / generate.file_name(type_name)
    schema = orjson.loads(path.read_bytes())
    assert schema["$id"] == f"urn:attribution:schema:{type_name}"
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(golden(type_name)["data"])


def test_the_example_of_the_old_customer_would_not_fit_the_new_schema() -> None:
    """The two versions differ, so reading the old one as the new one proves something."""
    path = generate.FOLDER / generate.file_name("customer.registered.v2")
    validator = Draft202012Validator(orjson.loads(path.read_bytes()))
    assert not validator.is_valid(golden("customer.registered.v1")["data"])


@each_released
def test_contacts_are_sealed_in_golden_examples(type_name: str) -> None:
    """No example holds an address that a person could be reached at."""
    assert b"@" not in (GOLDEN / f"{type_name}.json").read_bytes()
