"""What the growth tables are fed from: three narrow ports, and the holdings view behind one."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import polars as pl
import pyarrow as pa

from projections.growth.schema import HOLDING_CHANGES


class IncrementBatch(NamedTuple):
    """Consecutive increment rows of one attempt in one partition of the usage log.

    ``rows`` has the columns of ``schemas.usage.UsageIncrement``; row ``i`` is at offset
    ``first_offset + i``.
    """

    partition: int
    first_offset: int
    attempt: str
    rows: pa.RecordBatch | pa.Table


class UsageLog(Protocol):
    """The increments of the usage log, whether they count or not."""

    def partitions(self) -> Sequence[int]:
        """The partitions there are."""
        ...

    def increments(self, partition: int, from_offset: int) -> Iterable[IncrementBatch]:
        """Every batch of the partition that holds an offset from ``from_offset`` on, in order."""
        ...


class Decisions(Protocol):
    """The decisions of the chain that growth depends on."""

    def head(self) -> int:
        """The last position there is; 0 for none."""
        ...

    def events(
        self, types: Collection[str], after: int, upto: int
    ) -> Iterable[tuple[int, str, Mapping[str, Any]]]:
        """``(position, type, data)`` of these types in ``(after, upto]``, in order of position."""
        ...


class HoldingChanges(NamedTuple):
    """Every change of the holdings view up to a position that no earlier batch covered."""

    upto: int
    rows: pl.DataFrame


class Holdings(Protocol):
    """The holdings view as a list of changes."""

    def head(self) -> int:
        """The position up to which the view is fed."""
        ...

    def changes(self, after: int, upto: int) -> Iterator[HoldingChanges]:
        """The changes in ``(after, upto]`` in batches of whole positions, in order."""
        ...


_CHANGES = """
SELECT {position} AS position, {sign} AS sign, row_id, kind, slot, tenant,
       coalesce(subscription, ''), coalesce(workload, ''), coalesce(activity, ''),
       coalesce(scope, ''), coalesce(role, ''), partner, coalesce(organisation, ''),
       coalesce(claim, ''), effective_from, effective_to, because, coalesce(rule, '')
FROM holdings
WHERE {position} > :after AND {position} <= :upto
"""

# Rows are made in the order in which they become known; only what ceased to be is sorted.
_BECAME_KNOWN = _CHANGES.format(position="known_from", sign="1") + "ORDER BY row_id"
_CEASED = _CHANGES.format(position="known_to", sign="-1") + "ORDER BY known_to, row_id"


class SqliteHoldings:
    """The holdings table of ``views.db``, fed up to ``head``.

    Each row of the view is one change where it became known and one where it ceased to be; rows of
    the view are never rewritten but for ``known_to``, so a change once read stays true.
    """

    def __init__(self, views: sqlite3.Connection, head: int, *, batch_rows: int = 10_000) -> None:
        self._views, self._head, self._batch_rows = views, head, batch_rows

    def head(self) -> int:
        """The position up to which the view is fed."""
        return self._head

    def changes(self, after: int, upto: int) -> Iterator[HoldingChanges]:
        """The changes in ``(after, upto]`` in batches of whole positions, in order."""
        between = {"after": after, "upto": upto}
        known, ceased = (self._views.execute(sql, between) for sql in (_BECAME_KNOWN, _CEASED))
        ordered = merge(known, ceased, key=itemgetter(0, 2, 1))  # position, row, sign
        waiting: list[tuple[Any, ...]] = []
        while rows := list(islice(ordered, self._batch_rows)):
            waiting += rows
            last = rows[-1][0]
            whole = next((i for i, row in enumerate(waiting) if row[0] == last), 0)
            if whole >= self._batch_rows:
                yield HoldingChanges(waiting[whole - 1][0], _columns(waiting[:whole]))
                waiting = waiting[whole:]
        if waiting:
            yield HoldingChanges(waiting[-1][0], _columns(waiting))


def _columns(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    columns = zip(HOLDING_CHANGES.names(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame(dict(columns), schema=HOLDING_CHANGES)
