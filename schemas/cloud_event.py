"""The CloudEvent of an accepted event: its attributes and data, with what its commit adds."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import orjson

from schemas.envelope import Attributes, Envelope
from schemas.time import iso

# Everything printable in ASCII but the space, which separates tags, and the percent sign itself.
_PLAIN_IN_TAG = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}"


def cloud_event(
    attributes: Attributes,
    data: bytes,
    *,
    ledger: str,
    position: int,
    commit_hash: bytes,
    prev_hash: bytes,
    recorded_at_us: int,
) -> Envelope:
    """The CloudEvent of the event at ``position``; the same event gives the same CloudEvent.

    ``commit_hash`` and ``prev_hash`` are the hashes (32 bytes) of the commit that holds the event
    and of the commit before it. Raises ``ValueError`` when an attribute can't be a CloudEvent's,
    such as an empty type.
    """
    recorded_at = iso(recorded_at_us)
    return Envelope(
        specversion="1.0",
        id=str(position),
        source=source_urn(ledger),
        type=attributes.type,
        subject=next(filter(None, attributes.tags), None),
        time=recorded_at,
        position=position,
        commit=commit_hash.hex(),
        prev=prev_hash.hex(),
        effective_at=iso(attributes.effective_at_us) if attributes.effective_at_us else None,
        recorded_at=recorded_at,
        actor=attributes.actor or None,
        command_id=attributes.command_id or None,
        command_hash=attributes.command_hash or None,
        causation=attributes.causation or None,
        correlation=attributes.correlation or None,
        tags=" ".join(quote(tag, safe=_PLAIN_IN_TAG) for tag in attributes.tags),
        **_content(attributes.type, data),
    )


def source_urn(ledger: str) -> str:
    """The name of a ledger as the source of its events.

    >>> source_urn("l-0123")
    'urn:attribution:ledger:l-0123'
    """
    return f"urn:attribution:ledger:{quote(ledger, safe='')}"


def schema_urn(type_name: str) -> str:
    """The name of the JSON Schema of a type.

    >>> schema_urn("claim.submitted.v1")
    'urn:attribution:schema:claim.submitted.v1'
    """
    return f"urn:attribution:schema:{quote(type_name, safe='')}"


def _content(type_name: str, data: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict):
        return {
            "data": found,
            "datacontenttype": "application/json",
            "dataschema": schema_urn(type_name),
        }
    return {
        "data_base64": base64.b64encode(data).decode(),
        "datacontenttype": "application/octet-stream",
    }
