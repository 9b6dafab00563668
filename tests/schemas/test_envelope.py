"""Attributes keep their one encoding."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Attributes
from tests.strategies import attributes

EVERY_NAME = Attributes(
    type="claim.lapsed.v1",
    tags=("claim:c-1", "partner:101"),
    effective_at_us=1_578_650_400_000_001,
    actor="clock",
    command_id="c-1",
    command_hash="ab" * 32,
    causation=7,
    correlation="order-1",
)


@given(original=attributes)
def test_attributes_read_back_equal_from_their_bytes(original: Attributes) -> None:
    """Whatever the attributes, what is read is what was written, and gives the same bytes."""
    written = original.to_bytes()
    assert Attributes.from_bytes(written) == original
    assert Attributes.from_bytes(written).to_bytes() == written


def test_the_encoding_is_sorted_json_with_empty_attributes_left_out() -> None:
    """The bytes are what another language would write from the same rule."""
    assert Attributes(type="a.v1").to_bytes() == b'{"tags":[],"type":"a.v1"}'
    assert EVERY_NAME.to_bytes() == (
        b'{"actor":"clock","causation":7,"command_hash":"' + b"ab" * 32 + b'",'
        b'"command_id":"c-1","correlation":"order-1",'
        b'"effective_at":"2020-01-10T10:00:00.000001Z",'
        b'"tags":["claim:c-1","partner:101"],"type":"claim.lapsed.v1"}'
    )


@pytest.mark.parametrize("name", Attributes._fields)
def test_every_attribute_is_covered_by_the_bytes(name: str) -> None:
    """No attribute can change without the bytes changing."""
    value = getattr(EVERY_NAME, name)
    other: Any = value[:1] if isinstance(value, tuple | str) else value + 1
    assert EVERY_NAME._replace(**{name: other}).to_bytes() != EVERY_NAME.to_bytes()


def test_names_of_a_later_version_are_left_out() -> None:
    """An attribute that this version does not know does not keep it from reading the rest."""
    later = orjson.dumps({**orjson.loads(EVERY_NAME.to_bytes()), "witness": "w-1"})
    assert Attributes.from_bytes(later) == EVERY_NAME


@given(data=st.binary() | st.text().map(str.encode))
def test_bytes_that_hold_no_attributes_are_refused(data: bytes) -> None:
    """Garbage raises ``ValueError``, nothing else."""
    with pytest.raises(ValueError, match=r".+"):
        Attributes.from_bytes(data)


@pytest.mark.parametrize(
    "data",
    [b"[]", b"1", b"null", b'"a"', b"{}", b'{"type":"a"}', b'{"tags":[]}', b'{"tags":3,"type":"a"}',
     b'{"tags":[],"type":"a","effective_at":3}', b'{"tags":[],"type":"a","effective_at":"x"}'],
)  # fmt: skip
def test_json_of_another_shape_is_refused(data: bytes) -> None:
    """JSON that is no object of attributes raises ``ValueError``."""
    with pytest.raises(ValueError, match=r".+"):
        Attributes.from_bytes(data)
