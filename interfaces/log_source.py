"""The log as the views are fed by it: an adapter between two rooms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from orjson import loads as _loads

from ledger.log.chain import Accepted
from ledger.log.reader import Reader
from projections.record import START, Head, Record
from schemas.catalogue import MODELS, decode_plain
from schemas.time import from_iso

_us = lru_cache(maxsize=65_536)(from_iso)
_new = tuple.__new__


class LogSource:
    """The accepted log as views see it; every commit is judged again as it is read.

    Whoever reads on where the last answer ended does not seek again. For one thread.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._commits: Iterator[tuple[bytes, Accepted]] = iter(())
        self._ahead: list[Record] = []
        self._position = -1

    def head(self) -> Head:
        """The last accepted event, or ``START``."""
        head = self._reader.head()
        return Head(head.position, head.hash.hex(), head.recorded_at_us) if head.position else START

    def after(self, position: int, limit: int) -> list[Record]:
        """Up to ``limit`` events that follow ``position``, in order; empty at the head."""
        if position != self._position:
            self._commits, self._ahead = self._reader.commits(after=position), []
        ahead = self._ahead
        while len(ahead) < limit:
            commit = next(self._commits, None)
            if commit is None:
                break
            ahead += _records(commit[1], position)
        found, self._ahead = ahead[:limit], ahead[limit:]
        # An iterator that ended must be asked anew: the log may have grown.
        self._position = found[-1].position if len(found) == limit else -1
        return found

    def event_at(self, position: int) -> Record:
        """The event at ``position`` (1 to head), found without reading what lies beside it."""
        (stored,) = self._reader.find(after=position - 1, limit=1)
        commit = (stored.commit_hash.hex(), stored.recorded_at_us)
        return _record(position, stored.attributes, stored.data, *commit)

    def recorded_at_us(self, position: int) -> int:
        """When the event at ``position`` was recorded."""
        return self._reader.find(after=position - 1, limit=1)[0].recorded_at_us


def _records(accepted: Accepted, after: int) -> list[Record]:
    frame, head = accepted
    commit = (head.hash.hex(), head.recorded_at_us)
    skipped = max(0, after + 1 - frame.first)
    events = frame.events[skipped:] if skipped else frame.events
    return [
        _record(position, attributes, data, *commit)
        for position, (attributes, data) in enumerate(events, frame.first + skipped)
    ]


def _record(
    position: int, attributes: bytes, data: bytes, commit_hash: str, recorded_at_us: int
) -> Record:
    # As Attributes.from_bytes, less what no view asks for: this runs for every event there is.
    told = _loads(attributes)
    type_name = told["type"]
    if type_name in MODELS:
        plain = _loads(data)
    else:
        type_name, plain = decode_plain(type_name, data)
    at = told.get("effective_at")
    effective_at_us = _us(at) if at else recorded_at_us
    actor = told.get("actor", "")
    # Past the constructor's own function call.
    return _new(
        Record,
        (position, type_name, plain, effective_at_us, recorded_at_us, actor, commit_hash),
    )
