"""What the topic `PREFIX.holders` carries: who holds each slot now, one compacted record a slot.

The key is the slot, the value ``SlotHolders`` as JSON; a slot that nobody holds has no record (a
tombstone). One key is no slot: `REACH_KEY`, whose value says how far the whole topic is. Nothing
here is personal: parties and claims are named by their ids.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.values import Sha256, Value

REACH_KEY = "@position"
"""The key of the record that says how far the topic is; no slot begins with ``@``."""

PUBLISHER_HEADER = "attribution_publisher"
"""The publishers' own header: who sent the record, as of which position."""

MOST_HOLDERS = 1_000
"""Holders that one record lists; ``more`` counts those beyond."""

_Position = Annotated[int, Field(ge=1)]
_Text = Annotated[str, Field(min_length=1)]


class SlotHolder(Value):
    """One that holds a slot. Words and values are those of `attribution holders --json`.

    ``since`` is when it began; ``until`` an end that is known already, None while there is none;
    ``because`` the position of the event by which it holds. Instants are RFC 3339 in UTC.
    """

    kind: _Text
    tenant: _Text
    subscription: str | None = None
    workload: str | None = None
    activity: str | None = None
    scope: str | None = None
    role: str | None = None
    partner: _Text
    organisation: str
    claim: str | None = None
    since: str
    until: str | None
    because: _Position
    rule: str


class SlotHolders(Value):
    """Who holds a slot: one where the kind excludes others, each row of the set where it does not.

    ``position`` is that of the last event that changed anything about the slot.
    """

    slot: _Text
    position: _Position
    holders: Annotated[list[SlotHolder], Field(min_length=1, max_length=MOST_HOLDERS)]
    more: Annotated[int, Field(ge=1)] | None = None


class Reach(Value):
    """Every record of the topic says at least what was so at ``position``.

    ``commit`` is the hash of the commit that holds it: from here on `PREFIX.events` tells the rest.
    """

    position: _Position
    commit: Sha256
    recorded_at: str
