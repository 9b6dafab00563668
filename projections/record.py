"""What the views are fed with: accepted events as plain records, and the port they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Record(NamedTuple):
    """One accepted event, read as its newest version, for folds in bulk.

    ``data`` are plain JSON values (``schemas.catalogue.decode_plain``) and never changed by a fold.
    Instants are microseconds UTC; ``effective_at_us`` is always filled. ``commit_hash`` is the
    hash (hex) of the commit that holds the event.
    """

    position: int
    type: str
    data: dict[str, Any]
    effective_at_us: int
    recorded_at_us: int
    actor: str
    commit_hash: str


class Head(NamedTuple):
    """How far a log or a view reaches: the last position, its commit's hash, when recorded."""

    position: int
    commit_hash: str
    recorded_at_us: int


START = Head(0, "", 0)
"""Before the first event."""


class Source(Protocol):
    """The log as views see it: accepted events in order of position, dense from 1."""

    def head(self) -> Head:
        """The last accepted event, or ``START``."""
        ...

    def after(self, position: int, limit: int) -> Sequence[Record]:
        """Up to ``limit`` events that follow ``position``, in order; empty at the head."""
        ...

    def recorded_at_us(self, position: int) -> int:
        """When the event at ``position`` (1 to head) was recorded; never decreases."""
        ...
