"""Accepted events as faces show them: the CloudEvent, every contact as ``sealed`` or ``erased``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.log.index import Stored
from schemas.cloud_event import cloud_event
from schemas.envelope import Attributes

SEALED, ERASED = "sealed", "erased"


def event_object(
    stored: Stored, ledger: str, holds: Callable[[str], bool] = lambda _: True
) -> dict[str, Any]:
    """The CloudEvent of an event as plain JSON values; ``holds`` tells whether a key is there."""
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
        plain["data"] = without_boxes(plain["data"], holds)
    return plain


def without_boxes(value: Any, holds: Callable[[str], bool] = lambda _: True) -> Any:
    """The same value with ``sealed``, or ``erased``, in place of every sealed contact.

    >>> without_boxes({"contact": {"key": "p-1", "box": "AAAA"}})
    {'contact': 'sealed'}
    """
    if isinstance(value, dict):
        if value.keys() == {"key", "box"}:
            return SEALED if holds(value["key"]) else ERASED
        return {name: without_boxes(each, holds) for name, each in value.items()}
    if isinstance(value, list):
        return [without_boxes(each, holds) for each in value]
    return value
