"""Rows of views with their instants as text: ``*_us`` becomes RFC 3339, an open end None."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.time import FOREVER_US, iso

_INSTANTS = ("effective_from", "effective_to", "recorded_from", "recorded_to")


def spelled(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same row, instants spelled out.

    >>> spelled({"due_us": 0, "effective_to": FOREVER_US, "known_to": FOREVER_US, "claim": "C-1"})
    {'due': '1970-01-01T00:00:00Z', 'effective_to': None, 'known_to': None, 'claim': 'C-1'}
    """
    return dict(_spelled(name, value) for name, value in row.items())


def _spelled(name: str, value: Any) -> tuple[str, Any]:
    if value == FOREVER_US:
        return name.removesuffix("_us"), None
    if value is not None and (name.endswith("_us") or name in _INSTANTS):
        return name.removesuffix("_us"), iso(value)
    return name.removesuffix("_us"), value
