"""What stands beside an event's data: in the chain, and in the CloudEvent the world sees.

``Attributes`` is what the chain covers; ``Envelope`` is the CloudEvents 1.0.2 form, which
``schemas.cloud_event`` builds.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import unquote

import orjson
from pydantic import ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import to_json

from schemas.time import from_iso, iso
from schemas.values import Sha256, Value

Position = Annotated[
    int,
    Field(ge=1),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}),
]
"""A position, written as decimal text: a CloudEvents integer has 32 bits, a position 64."""


class Attributes(NamedTuple):
    """Everything about an event that stands beside its data in the chain.

    ``type`` is a released type name or, in an opaque ledger, any text. ``command_hash`` is a keyed
    hash (HMAC-SHA256, hex) of the command; ``causation`` the position of the event that led to
    this one; ``correlation`` the id that the caller gave to belonging commands.
    """

    type: str
    tags: tuple[str, ...] = ()
    effective_at_us: int = 0
    actor: str = ""
    command_id: str = ""
    command_hash: str = ""
    causation: int = 0
    correlation: str = ""

    def to_bytes(self) -> bytes:
        """The one encoding of these attributes: JSON, keys sorted, empty ones left out."""
        (
            type_name,
            tags,
            effective_at_us,
            actor,
            command_id,
            command_hash,
            causation,
            correlation,
        ) = self
        filled: dict[str, Any] = {}  # filled in the order of the keys: sorting would cost as much
        if actor:
            filled["actor"] = actor
        if causation:
            filled["causation"] = causation
        if command_hash:
            filled["command_hash"] = command_hash
        if command_id:
            filled["command_id"] = command_id
        if correlation:
            filled["correlation"] = correlation
        if effective_at_us:
            filled["effective_at"] = iso(effective_at_us)
        filled["tags"] = tags
        filled["type"] = type_name
        return orjson.dumps(filled)

    @classmethod
    def from_bytes(cls, data: bytes) -> Attributes:
        """The attributes that ``to_bytes`` wrote; unknown names of later versions are left out.

        Raises ``ValueError`` for bytes that hold no attributes.
        """
        found = orjson.loads(data)
        try:
            effective_at = found.get("effective_at")
            return cls(
                type=found["type"],
                tags=tuple(found["tags"]),
                effective_at_us=from_iso(effective_at) if effective_at else 0,
                actor=found.get("actor", ""),
                command_id=found.get("command_id", ""),
                command_hash=found.get("command_hash", ""),
                causation=found.get("causation", 0),
                correlation=found.get("correlation", ""),
            )
        except (AttributeError, KeyError, TypeError) as fault:
            raise ValueError(f"not the attributes of an event: {data[:100]!r}") from fault


class Envelope(Value):
    """One accepted event as others see it: CloudEvents 1.0.2, JSON format.

    CloudEvents lets attribute names hold only a-z and 0-9 and values be no lists and no integers
    beyond 32 bits. So the JSON writes ``effective_at`` as ``effectiveat``, likewise
    ``recordedat``, ``commandid`` and ``commandhash``; ``position`` and ``causation`` as decimal
    text; ``tags`` as one text, the tags separated by spaces (a space or percent sign inside a tag
    of an opaque ledger is percent-encoded). Instants are RFC 3339 in UTC; hashes hexadecimal.

    ``id`` is the position, unique within ``source``. ``recorded_at`` repeats ``time``. ``data`` is
    the event as it was written, in the version that ``type`` and ``dataschema`` name; bytes that
    are no JSON object, which only an opaque ledger holds, stand in ``data_base64`` instead.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",  # a later ledger may add attributes, as CloudEvents allows
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    type: Annotated[str, Field(min_length=1)]
    subject: Annotated[str, Field(min_length=1)] | None = None
    time: str
    dataschema: str | None = None
    datacontenttype: str
    position: Position
    commit: Sha256
    prev: Sha256
    effective_at: str | None = Field(default=None, alias="effectiveat")
    recorded_at: str = Field(alias="recordedat")
    actor: str | None = None
    command_id: str | None = Field(default=None, alias="commandid")
    command_hash: str | None = Field(default=None, alias="commandhash")
    causation: Position | None = None
    correlation: str | None = None
    tags: str = ""
    data: dict[str, Any] | None = None
    data_base64: str | None = None

    def to_json(self) -> bytes:
        """The JSON of this CloudEvent: attributes in order, absent ones left out."""
        return to_json(self, exclude_none=True, by_alias=True)

    def tag_list(self) -> tuple[str, ...]:
        """The tags as the chain holds them."""
        return tuple(unquote(tag) for tag in self.tags.split())

    def raw(self) -> bytes:
        """The bytes that ``data_base64`` stands for; empty where ``data`` is JSON."""
        return base64.b64decode(self.data_base64 or "")
