"""Adapters between rooms: the log and the usage log as views and growth tables are fed by them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from ledger.log.chain import Accepted
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.usage.log import UsageLog, Wanted
from ledger.usage.sqlite_log import BATCH_ROWS
from projections.growth.sources import IncrementBatch
from projections.record import START, Head, Record
from schemas import catalogue
from schemas.envelope import Attributes

PARTITION = 0
"""The one partition of an embedded usage log."""


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
        attributes = Attributes.from_bytes(event.attributes)
        type_name, data = catalogue.decode_plain(attributes.type, event.data)
        yield Record(
            position,
            type_name,
            data,
            attributes.effective_at_us or recorded_at_us,
            recorded_at_us,
            attributes.actor,
            attributes.command_id,
            commit_hash,
        )


class LogDecisions:
    """The decisions that growth depends on, read from the accepted log."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def head(self) -> int:
        """The last position there is; 0 for none."""
        return self._reader.head().position

    def events(
        self, types: Collection[str], after: int, upto: int
    ) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
        """``(position, type, data)`` of these types in ``(after, upto]``, in order of position."""
        written_as = tuple(name for each in types for name in _versions(each))
        query = Query((QueryItem(written_as),))
        for stored in self._reader.read(query, after=after, upto=upto):
            yield stored.position, *catalogue.decode_plain(stored.type, stored.data)


def _versions(type_name: str) -> tuple[str, ...]:
    return catalogue.versions(type_name) if type_name in catalogue.MODELS else (type_name,)


class UsageIncrements:
    """The increments of an embedded usage log, whether they count or not."""

    def __init__(self, log: UsageLog) -> None:
        self._log = log

    def partitions(self) -> tuple[int, ...]:
        """The partitions there are."""
        return (PARTITION,)

    def increments(self, partition: int, from_offset: int) -> Iterator[IncrementBatch]:
        """Every batch that holds an increment at or beyond ``from_offset``, in order."""
        assert partition == PARTITION, "an embedded usage log has one partition"
        # A batch that holds the offset begins at most its greatest length before it.
        for batch in self._log.read(from_offset - BATCH_ROWS - 1, Wanted("increment")):
            if batch.end_offset > from_offset:
                yield IncrementBatch(
                    partition, batch.first_offset, batch.attempt, batch.rows.to_arrow()
                )
