"""Instants as the ledger writes them: UTC, integer microseconds since 1970, RFC 3339 text.

Owns the conversion between the three forms and the constant for an open end. Reads no clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

FOREVER_US = 9_223_372_036_854_775_807
"""The open end of an interval: the greatest integer SQLite and ClickHouse keep in 64 bits."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z of an aware datetime, exact.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (instant - _EPOCH) // _MICROSECOND


def from_us(instant_us: int) -> datetime:
    """The aware UTC datetime of a count of microseconds, exact for the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=instant_us)


@lru_cache(maxsize=4096)
def iso(instant_us: int) -> str:
    """The one RFC 3339 spelling of an instant: UTC as ``Z``, fraction only when not zero.

    >>> iso(0), iso(1_500_000)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500000Z')
    """
    return from_us(instant_us).isoformat().replace("+00:00", "Z")


def from_iso(text: str) -> int:
    """Microseconds of an RFC 3339 text; raises ``ValueError`` when it names no time zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone; write 2020-07-01T00:00:00Z")
    return to_us(instant)
