"""Accepted events as faces show them: the CloudEvent, with every sealed contact as ``sealed``."""

from __future__ import annotations

from typing import Any

from ledger.log.index import Stored
from schemas.cloud_event import cloud_event
from schemas.envelope import Attributes

SEALED = "sealed"


def event_object(stored: Stored, ledger: str) -> dict[str, Any]:
    """The CloudEvent of an event as plain JSON values."""
    envelope = cloud_event(
        Attributes.from_bytes(stored.attributes),
        stored.data,
        ledger=ledger,
        position=stored.position,
        commit_hash=stored.commit_hash,
        prev_hash=stored.prev_hash,
        recorded_at_us=stored.recorded_at_us,
    )
    plain = envelope.model_dump(mode="json", by_alias=True, exclude_none=True)
    if "data" in plain:
        plain["data"] = without_boxes(plain["data"])
    return plain


def without_boxes(value: Any) -> Any:
    """The same value with ``sealed`` in place of every sealed contact.

    >>> without_boxes({"contact": {"key": "p-1", "box": "AAAA"}})
    {'contact': 'sealed'}
    """
    if isinstance(value, dict):
        if value.keys() == {"key", "box"}:
            return SEALED
        return {name: without_boxes(each) for name, each in value.items()}
    return [without_boxes(each) for each in value] if isinstance(value, list) else value
