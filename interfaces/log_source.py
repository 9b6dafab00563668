"""The log as the views are fed by it: an adapter between two rooms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import orjson

from ledger.log.chain import Accepted
from ledger.log.reader import Reader
from projections.record import START, Head, Record
from schemas import catalogue
from schemas.time import from_iso

_us = lru_cache(maxsize=65_536)(from_iso)


class LogSource:
    """The accepted log as views see it; every commit is judged again as it is read.

    Whoever reads on where the last answer ended does not seek again. For one thread.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._records: Iterator[Record] = iter(())
        self._position = -1

    def head(self) -> Head:
        """The last accepted event, or ``START``."""
        head = self._reader.head()
        return Head(head.position, head.hash.hex(), head.recorded_at_us) if head.position else START

    def after(self, position: int, limit: int) -> list[Record]:
        """Up to ``limit`` events that follow ``position``, in order; empty at the head."""
        if position != self._position:
            self._records = self._read(position)
        found = list(islice(self._records, limit))
        # An iterator that ended must be asked anew: the log may have grown.
        self._position = found[-1].position if len(found) == limit else -1
        return found

    def recorded_at_us(self, position: int) -> int:
        """When the event at ``position`` was recorded."""
        return self._reader.find(after=position - 1, limit=1)[0].recorded_at_us

    def _read(self, position: int) -> Iterator[Record]:
        for _, accepted in self._reader.commits(after=position):
            for record in _records(accepted):
                if record.position > position:
                    yield record


def _records(accepted: Accepted) -> Iterator[Record]:
    commit_hash, recorded_at_us = accepted.head.hash.hex(), accepted.head.recorded_at_us
    for position, event in enumerate(accepted.frame.events, start=accepted.frame.first):
        # As Attributes.from_bytes, less what no view asks for: this runs for every event there is.
        attributes = orjson.loads(event.attributes)
        type_name, data = catalogue.decode_plain(attributes["type"], event.data)
        effective_at = attributes.get("effective_at")
        yield Record(
            position,
            type_name,
            data,
            _us(effective_at) if effective_at else recorded_at_us,
            recorded_at_us,
            attributes.get("actor", ""),
            attributes.get("command_id", ""),
            commit_hash,
        )
