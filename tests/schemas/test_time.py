"""The three forms of an instant are the same instant."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from schemas.time import from_iso, from_us, iso, to_us
from tests.strategies import instants, instants_us


@given(instant=instants)
def test_microseconds_are_exact(instant: dt.datetime) -> None:
    """No instant changes on its way into microseconds and back."""
    assert from_us(to_us(instant)) == instant


@given(instant_us=instants_us)
def test_the_text_of_an_instant_reads_back(instant_us: int) -> None:
    """RFC 3339 text in UTC is exact and sorts no two instants under one spelling."""
    assert from_iso(iso(instant_us)) == instant_us
    assert iso(instant_us).endswith("Z")


@pytest.mark.parametrize("text", ["2020-07-01", "2020-07-01T00:00:00", "yesterday"])
def test_a_text_without_a_zone_is_refused(text: str) -> None:
    """Local times are nobody's: the zone has to be named."""
    with pytest.raises(ValueError, match=text):
        from_iso(text)
