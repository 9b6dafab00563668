"""Feeding the growth tables: whatever the logs and views have that the tables have not, once.

May stop between any two steps; the next call reads from the tables how far they are and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from ledger.errors import BusyError, DamagedError
from projections.growth import credit_fold, store
from projections.growth.engine import AnalyticsEngine
from projections.growth.party_facts import FACT_TYPES, facts
from projections.growth.schema import ATTEMPTS, HOLDING_CHANGES, INCREMENTS
from projections.growth.sources import Decisions, Holdings, IncrementBatch, UsageLog

_INSERT_ROWS = 25_000  # one part an insert; larger blocks cost memory, smaller ones more fsyncs
_INSERT_POSITIONS = 200_000
_MOST_RACES = 100
_RESTS_EVERY = 4  # inserts after which the engine gives back what they left

_KINDS = {"usage.report.loaded.v1": "loaded", "usage.report.withdrawn.v1": "withdrawn"}


class Fed(NamedTuple):
    """How far the tables are fed, and what this call added."""

    position: int
    increments: int
    holding_changes: int
    attempts: int


def catch_up(
    engine: AnalyticsEngine, usage_log: UsageLog, decisions: Decisions, holdings: Holdings
) -> Fed:
    """Feed every table up to the lower head of ``decisions`` and ``holdings``, exactly once.

    Increments come first and attempts last, each attempt checked against the cut its decision
    names; so an answer pinned to a fed position never lacks a row. Raises ``DamagedError`` when
    the usage log does not hold what a decision says.
    """
    store.make_tables(engine)
    head = min(decisions.head(), holdings.head())
    for _ in range(_MOST_RACES):
        with suppress(store.RacedError):
            return _fed(engine, usage_log, decisions, holdings, head)
    raise BusyError(
        f"Other feeders of the same analytics came first {_MOST_RACES} times.",
        hint="One of them is enough; what they feed is the same.",
    )


def _fed(
    engine: AnalyticsEngine,
    usage_log: UsageLog,
    decisions: Decisions,
    holdings: Holdings,
    head: int,
) -> Fed:
    increments = sum(_feed_partition(engine, usage_log, part) for part in usage_log.partitions())
    _feed_facts(engine, decisions, head)
    changes = _feed_holdings(engine, holdings, head)
    attempts = _feed_attempts(engine, decisions, head)
    credit_fold.fold(engine, head)
    if increments + changes > _INSERT_ROWS:
        engine.rest()
    return Fed(store.answerable(engine), increments, changes, attempts)


def _feed_partition(engine: AnalyticsEngine, usage_log: UsageLog, partition: int) -> int:
    first = start = store.next_offset(engine, partition)
    batches = usage_log.increments(partition, start)
    for number, rows in enumerate(_gathered(_rows(batch, start) for batch in batches)):
        first = store.insert_increments(engine, rows, partition, first)
        if number % _RESTS_EVERY == _RESTS_EVERY - 1:
            engine.rest()
    return first - start


def repair(engine: AnalyticsEngine, usage_log: UsageLog) -> int:
    """Insert the last batch of each partition again; how many there were.

    A process that died in an insert may have left a view of the table without its rows; under the
    batch's own token the table takes nothing twice, and its views take what they lack.
    """
    store.make_tables(engine)
    repeated = 0
    for partition in usage_log.partitions():
        batch = store.last_batch(engine, partition)
        if batch is None:
            continue
        first, last = batch
        told = pl.concat(
            [_rows(each, first) for each in usage_log.increments(partition, first)]
        ).filter(pl.col("offset") <= last)
        store.repeat_increments(engine, told, partition, first)
        repeated += 1
    return repeated


def _rows(batch: IncrementBatch, start: int) -> pl.DataFrame:
    """The batch as rows of ``increments_raw``, without those before offset ``start``."""
    skip = max(0, start - batch.first_offset)
    rows = pl.DataFrame(pl.from_arrow(batch.rows)).slice(skip)
    first = batch.first_offset + skip
    told = rows.rename({"date": "month"}).with_columns(
        partition=pl.lit(batch.partition),
        offset=pl.int_range(first, first + pl.len(), dtype=pl.UInt64),
        attempt=pl.lit(batch.attempt),
    )
    return told.select(pl.col(name).cast(kind) for name, kind in INCREMENTS.items())


def _gathered(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in frames of about ``_INSERT_ROWS``, none empty."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        for part in frame.iter_slices(_INSERT_ROWS):
            waiting.append(part)
            if sum(map(len, waiting)) >= _INSERT_ROWS:
                yield pl.concat(waiting)
                waiting = []
    if any(map(len, waiting)):
        yield pl.concat(waiting)


def _feed_facts(engine: AnalyticsEngine, decisions: Decisions, head: int) -> None:
    for after, upto in _spans(store.fed_to(engine, "party_facts"), head):
        rows = facts(decisions.events(FACT_TYPES, after, upto))
        store.insert_positions(engine, "party_facts", rows, upto)


def _feed_holdings(engine: AnalyticsEngine, holdings: Holdings, head: int) -> int:
    reached, count = store.fed_to(engine, "holding_changes"), 0
    for batch in holdings.changes(reached, head):
        store.insert_positions(engine, "holding_changes", batch.rows, batch.upto)
        reached, count = batch.upto, count + len(batch.rows)
    if reached < head:
        store.insert_positions(
            engine, "holding_changes", pl.DataFrame(schema=HOLDING_CHANGES), head
        )
    return count


def _feed_attempts(engine: AnalyticsEngine, decisions: Decisions, head: int) -> int:
    count = 0
    for after, upto in _spans(store.fed_to(engine, "attempts"), head):
        rows = [_attempt(*event) for event in decisions.events(_KINDS, after, upto)]
        _check_cuts(engine, rows)
        table = pl.DataFrame(rows, schema=ATTEMPTS)
        store.insert_positions(engine, "attempts", table, upto)
        count += len(rows)
    return count


def _spans(after: int, head: int) -> Iterator[tuple[int, int]]:
    for start in range(after, head, _INSERT_POSITIONS):
        yield start, min(start + _INSERT_POSITIONS, head)


def _attempt(position: int, type_name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "position": position,
        "kind": _KINDS[type_name],
        "attempt": data["attempt"],
        "report": data["report"],
        "report_kind": data.get("kind", ""),
        "file_name": data.get("file_name", ""),
        "period_from": _day(data.get("period_from")),
        "period_to": _day(data.get("period_to")),
        "basis": data["basis"],
        "increments": data["increments"],
    }


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _check_cuts(engine: AnalyticsEngine, attempts: list[dict[str, Any]]) -> None:
    """Raise ``DamagedError`` unless the rows of each attempt are all there, and no more."""
    if not attempts:
        return
    names = [attempt["attempt"] for attempt in attempts]
    found = engine.query(store.sql("questions", "rows_of_attempts"), {"attempts": names})
    there = dict(zip(found["attempt"].to_pylist(), found["rows"].to_pylist(), strict=True))
    for attempt in attempts:
        rows = there.get(attempt["attempt"], 0)
        if rows != attempt["increments"]:
            raise DamagedError(
                f"Position {attempt['position']} counts {attempt['increments']} increments of "
                f"attempt {attempt['attempt']}, but the usage log has given {rows}.",
                hint="Run `attribution verify`; if the usage log is whole, rebuild the analytics.",
            )
