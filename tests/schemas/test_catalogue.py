"""Every released type name is read as a current event, and nothing else is read at all."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import catalogue
from schemas.catalogue import EVENTS, MODELS, UPCASTS, UnknownTypeError
from schemas.generate import FROZEN
from schemas.parties import CustomerRegistered
from tests.strategies import json_objects, models

RELEASED = sorted({*MODELS, *UPCASTS})

V1 = "customer.registered.v1"
V2 = "customer.registered.v2"


def test_no_two_events_share_a_type_name() -> None:
    """Each model has a type name of its own, and no older version takes it."""
    assert len(MODELS) == len(EVENTS)
    assert not MODELS.keys() & UPCASTS.keys()


@pytest.mark.parametrize("type_name", RELEASED)
def test_every_released_type_is_read_as_a_current_one(type_name: str) -> None:
    """Upcasters form no cycle and end in a model."""
    passed = [type_name]
    while passed[-1] in UPCASTS:
        passed.append(UPCASTS[passed[-1]].to)
        assert len(passed) == len(set(passed)), "the upcasters go round in a circle"
    assert passed[-1] in MODELS
    assert catalogue.known(type_name)
    assert catalogue.current(type_name) == passed[-1]
    assert type_name in catalogue.versions(passed[-1])


def test_every_older_version_has_a_frozen_schema() -> None:
    """What has an upcaster has a schema that nobody changes, and the other way round."""
    assert UPCASTS.keys() == FROZEN.keys()


@given(customer=models(CustomerRegistered).filter(lambda customer: customer.domains))
def test_a_customer_registered_with_one_domain_is_read_with_a_list(
    customer: CustomerRegistered,
) -> None:
    """customer.registered.v1 is read as v2: its ``domain`` becomes the only one of ``domains``."""
    assume(customer.domains)  # only an imported estate leaves them out, and no old version did
    newer = orjson.loads(catalogue.encode(customer))
    first, *_ = newer.pop("domains")
    older = {**newer, "domain": first}
    expected = customer.model_copy(update={"domains": (first,)})

    assert catalogue.decode(V1, orjson.dumps(older)) == expected
    assert catalogue.decode_plain(V1, orjson.dumps(older)) == (V2, newer | {"domains": [first]})
    assert catalogue.upcast(V1, older) == (V2, newer | {"domains": [first]})
    assert older["domain"] == first, "an upcaster leaves what it was given alone"


def test_a_new_field_is_refused_under_the_old_name_of_its_version() -> None:
    """A v1 that brings a field no version knew is refused, like a v2 would be."""
    with pytest.raises(ValidationError, match="nickname"):
        catalogue.decode(V1, b'{"domain": "contoso.example", "nickname": "C"}')


@given(type_name=st.sampled_from(RELEASED), data=st.binary(max_size=60) | st.text().map(str.encode))
def test_garbage_is_refused_as_invalid(type_name: str, data: bytes) -> None:
    """Bytes that hold no event raise pydantic's ``ValidationError``, under old names too."""
    with pytest.raises(ValidationError):
        catalogue.decode(type_name, data)


@given(type_name=st.sampled_from(RELEASED), data=st.data())
def test_misshapen_json_is_refused_as_invalid_or_read(type_name: str, data: st.DataObject) -> None:
    """JSON of any shape, the event's own field names included, is read or refused as invalid."""
    names = [*MODELS[catalogue.current(type_name)].model_fields, "domain"]
    fields = st.dictionaries(st.sampled_from(names), _json, max_size=12)
    try:
        event = catalogue.decode(type_name, orjson.dumps(data.draw(fields | json_objects)))
    except ValidationError:
        return
    assert catalogue.decode(event.TYPE, catalogue.encode(event)) == event


_json: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 2**63, 1.5, "", "a", "a@b.example", "0001-01-01T00:00:00+14:00",
     "9999-12-31T23:59:59-14:00", "2020-02-30", [], [None], [[]], {}, {"key": 1}]
)  # fmt: skip


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 600 + b"1" + b"}" * 600, b"{}", b""])
@pytest.mark.parametrize("type_name", [V1, V2])
def test_deep_or_empty_json_is_refused_as_invalid(type_name: str, data: bytes) -> None:
    """Neither nesting nor emptiness breaks the reader."""
    with pytest.raises(ValidationError):
        catalogue.decode(type_name, data)


@given(type_name=st.text(max_size=30).filter(lambda name: not catalogue.known(name)))
def test_an_unknown_type_is_named(type_name: str) -> None:
    """A type of a newer ledger raises ``UnknownTypeError`` with its name, whatever its data."""
    for data in (b"{}", b"garbage"):
        with pytest.raises(UnknownTypeError) as raised:
            catalogue.decode(type_name, data)
        assert raised.value.type_name == type_name
    with pytest.raises(UnknownTypeError):
        catalogue.current(type_name)
