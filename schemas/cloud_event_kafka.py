"""CloudEvents on Kafka, binary mode: attributes in ``ce_*`` headers, the data as the value.

By the Kafka protocol binding of CloudEvents 1.0.2, §3.2. The value is the event's data byte for
byte as the chain covers it; the key is the customer tenant, where there is one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from schemas.envelope import Attributes, Envelope
from schemas.time import from_iso

CONTENT_TYPE = "content-type"
PREFIX = "ce_"
_TENANT = "tenant:"

Headers = list[tuple[str, bytes]]


def headers(envelope: Envelope) -> Headers:
    """The headers of a record that carries this CloudEvent."""
    left_out = {"data", "data_base64", "datacontenttype"}
    told = envelope.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=left_out)
    found: Headers = [(CONTENT_TYPE, envelope.datacontenttype.encode())]
    return found + [(f"{PREFIX}{name}", str(value).encode()) for name, value in told.items()]


def key(tags: Sequence[str]) -> bytes | None:
    """The customer tenant that an event is about: records of one customer have one key."""
    return next((tag[len(_TENANT) :].encode() for tag in tags if tag.startswith(_TENANT)), None)


def envelope(found: Iterable[tuple[str, bytes]], value: bytes) -> Envelope:
    """The CloudEvent of a record; raises ``ValueError`` for a record that carries none."""
    attributes: dict[str, Any] = {}
    for name, text in found:
        if name.lower() == CONTENT_TYPE:
            attributes["datacontenttype"] = text.decode()
        elif name.startswith(PREFIX):
            attributes[name[len(PREFIX) :]] = text.decode()
    if attributes.get("datacontenttype") == "application/json":
        attributes["data"] = orjson.loads(value)
    else:
        attributes["data_base64"] = base64.b64encode(value).decode()
    return Envelope.model_validate(attributes)


def attributes(found: Envelope) -> Attributes:
    """What stands beside the event's data in the chain, read back from its CloudEvent."""
    return Attributes(
        type=found.type,
        tags=found.tag_list(),
        effective_at_us=from_iso(found.effective_at) if found.effective_at else 0,
        actor=found.actor or "",
        command_id=found.command_id or "",
        command_hash=found.command_hash or "",
        causation=found.causation or 0,
        correlation=found.correlation or "",
    )
