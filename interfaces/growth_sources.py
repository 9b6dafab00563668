"""The log and the usage log as the growth tables are fed by them: adapters between rooms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.usage.batches import BATCH_ROWS
from ledger.usage.log import UsageLog, Wanted
from projections.growth.sources import IncrementBatch
from schemas import catalogue

PARTITION = 0
"""The one partition of an embedded usage log."""


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
