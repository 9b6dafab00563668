"""The envelope in which the world sees an event: CloudEvents 1.0.2 attributes plus the ledger's.

``Attributes`` is what the chain covers beside the data; ``cloud_event`` adds what follows from
the ledger and the commit (id, source, position, prev, recorded_at).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from pydantic import Field

from schemas.time import from_iso, iso
from schemas.values import Value

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


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
        filled: dict[str, Any] = {"tags": self.tags, "type": self.type}
        if self.effective_at_us:
            filled["effective_at"] = iso(self.effective_at_us)
        for name in ("actor", "command_id", "command_hash", "causation", "correlation"):
            value = getattr(self, name)
            if value:
                filled[name] = value
        return orjson.dumps(filled, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, data: bytes) -> Attributes:
        """The attributes that ``to_bytes`` wrote; unknown names of later versions are left out."""
        found = orjson.loads(data)
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


class Envelope(Value):
    """One accepted event as others see it (CloudEvents 1.0.2, JSON format)."""

    specversion: str = SPEC_VERSION
    id: str
    source: str
    type: str
    subject: str
    time: str
    dataschema: str
    datacontenttype: str = CONTENT_TYPE
    position: int = Field(ge=1)
    commit: str
    prev: str
    effective_at: str
    recorded_at: str
    actor: str
    command_id: str
    command_hash: str
    causation: int | None = None
    correlation: str | None = None
    tags: tuple[str, ...]
    data: dict[str, Any]
