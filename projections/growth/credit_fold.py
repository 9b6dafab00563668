"""The credit fold: one sequential pass over the decisions that says to whom increments count.

Where a report comes to count, its increments are credited to who holds their keys; where an
interval changes, what was credited before is taken away and given anew. Rows are only added, each
with the position that caused it, so an answer pinned to P is the sum up to P (DESIGN §7).

A *span* of whole positions is folded at once, customers in portions that fit in memory. Each table
notes in the very block of a portion how far it is (a row of rule ''), so a fold may stop anywhere
and go on, and of several that race each portion is kept once: its token is where it begins.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from ledger.errors import DamagedError
from ledger.usage.metrics import METRICS
from projections.growth import store
from projections.growth.credited_rows import credited_rows
from projections.growth.engine import AnalyticsEngine
from projections.growth.literals import Parameter
from projections.growth.schema import CREDITED, CREDITED_MEASURES, marker

PORTION_ROWS = 50_000
"""About how many increments are folded at once; a customer is never split."""

_MOVED_WEIGHS = 2  # whose holders move is credited to more of them, and takes more memory

_NAMED_TENANTS = 500
"""Up to so many customers of a portion are named to the engine; beyond, a range of them is read."""

_LAST = "\U0010ffff"  # sorts after every customer's id

# Each table of credit by what it has no column for; the ones before it are sums of the one before.
_LEAVES_OUT = {
    "credited_keys": (),
    "credited_holders": ("tenant", "subscription"),
    "credited_totals": ("tenant", "subscription", "partner", "organisation"),
}
_STANDS_FOR_KINDS = 0b11
_RESTS_EVERY = 2  # portions after which the engine gives back what they left
_NOBODY_NAMED = ("",)  # where nothing changed: an empty list would read everybody
_NO_MONTH = date(1970, 1, 1)
_log = logging.getLogger(__name__)


class Reached(NamedTuple):
    """How far a table is folded: whole positions, and within the next span customers up to one."""

    position: int
    upto: int = 0
    tenant: str = ""

    @property
    def in_span(self) -> bool:
        """Whether a span is begun and not ended."""
        return self.upto > self.position


class Span(NamedTuple):
    """Whole positions that are folded at once: those after ``after``, up to ``upto``."""

    after: int
    upto: int


class _Portion(NamedTuple):
    low: str
    high: str
    tenants: Sequence[str]
    months: Sequence[date]


def fold(engine: AnalyticsEngine, upto: int) -> int:
    """Credit what the fed tables hold up to position ``upto``, exactly once; the position reached.

    Raises ``DamagedError`` where a table does not keep what was inserted.
    """
    every = reached(engine)
    while (behind := _behind(every.values())).position < upto:
        span = Span(behind.position, behind.upto if behind.in_span else upto)
        # Where a table is ahead, its portion ended there: so has ours to.
        borders = {one.tenant for one in every.values()}
        for number, portion in enumerate(_portions(engine, span, behind.tenant, borders), 1):
            every = _fold_portion(engine, span, portion)
            if set(every.values()) != {_done(span, portion)}:
                _log.info("another fold of the same tables came first; going on from where it is")
                break
            if number % _RESTS_EVERY == 0:
                engine.rest()
    return behind.position


def reached(engine: AnalyticsEngine) -> dict[str, Reached]:
    """How far each table of credit is folded."""
    marks = engine.query(_MARKS).to_pylist()
    return {
        table: _reached([row for row in marks if row["name"] == table]) for table in _LEAVES_OUT
    }


def _reached(marks: Sequence[dict[str, Any]]) -> Reached:
    whole = max((row["upto"] for row in marks if row["metric"] == "seen"), default=0)
    parts = [(row["upto"], row["tenant"]) for row in marks if row["upto"] > whole]
    return Reached(whole, *max(parts, default=(0, "")))


# A mark of a whole span is the last one that matters; the parts of the span before it do not.
_MARKS = " UNION ALL ".join(
    f"""
    SELECT
        '{table}' AS name, metric, max(position) AS upto,
        argMax(attribution, (position, attribution)) AS tenant
    FROM {table} PREWHERE rule = '' GROUP BY metric"""
    for table in _LEAVES_OUT
)


def _behind(every: Collection[Reached]) -> Reached:
    """How far all tables are; one that is ahead by a portion keeps it."""
    least = min(every)
    ends = [one.upto if one.in_span else one.position for one in every]
    if not least.in_span and max(ends) > least.position:
        return Reached(least.position, max(ends))
    return least


def _portions(
    engine: AnalyticsEngine, span: Span, low: str, borders: Collection[str]
) -> Iterator[_Portion]:
    """The customers of the span after ``low``, in order, in portions."""
    rows = _weights(engine, span)
    waiting, count = _Waiting(), 0
    for tenant, weight, months, is_moved in rows.filter(pl.col("tenant") > low).iter_rows():
        waiting.take(tenant, months, is_moved=is_moved)
        count += weight * (_MOVED_WEIGHS if is_moved else 1)
        if count >= PORTION_ROWS or tenant in borders:
            yield waiting.portion(low, tenant)
            low, waiting, count = tenant, _Waiting(), 0
    yield waiting.portion(low, _LAST)


class _Waiting:
    """The customers of a portion that is being gathered."""

    def __init__(self) -> None:
        self._tenants: list[str] = []
        self._months: set[date] = set()
        self._moved = False

    def take(self, tenant: str, months: Sequence[date] | None, *, is_moved: bool) -> None:
        self._tenants.append(tenant)
        self._months.update(months or ())
        self._moved |= is_moved

    def portion(self, low: str, high: str) -> _Portion:
        """Where no holder moved, only the months that were loaded can change."""
        named: Sequence[str] = self._tenants if len(self._tenants) <= _NAMED_TENANTS else ()
        if not self._tenants:
            named = _NOBODY_NAMED
        return _Portion(low, high, named, () if self._moved else sorted(self._months))


def _weights(engine: AnalyticsEngine, span: Span) -> pl.DataFrame:
    """The customers of a span in order: rows to read, months that were loaded, holders moved."""
    attempts = engine.query(_ATTEMPTS, span._asdict())["attempt"].to_pylist()
    attributed = [name for name, row in METRICS.items() if "partner" in row.key]
    moved = _frame(engine, "moved", {**span._asdict(), "attributed": attributed})
    frames = [_NOBODY, moved]
    if attempts:
        frames.append(_frame(engine, "loaded", {"attempts": attempts}))
    together = pl.concat(frames, how="diagonal_relaxed").group_by("tenant")
    return (
        together.agg(pl.col("rows").max(), pl.col("months").drop_nulls().first())
        .with_columns(moved=pl.col("tenant").is_in(moved["tenant"].implode()))
        .sort("tenant")
    )


_NOBODY = pl.DataFrame(
    schema={"tenant": pl.String(), "rows": pl.UInt64(), "months": pl.List(pl.Date())}
)
_ATTEMPTS = """
SELECT attempt FROM attempts
WHERE position > {after:UInt64} AND position <= {upto:UInt64} AND attempt != ''
"""


def _fold_portion(engine: AnalyticsEngine, span: Span, portion: _Portion) -> dict[str, Reached]:
    """Credit a portion in every table that lacks it; how far they are then.

    Adds nothing where another fold has gone another way. How far the tables are is read just before
    the inserts, so that whoever was held up meets tokens that are still remembered.
    """
    begun, done = _begun(span, portion), _done(span, portion)
    rows = _credited(engine, span, portion)
    before = reached(engine)
    if any(found not in {begun, done} for found in before.values()):
        return before
    for table, absent in _LEAVES_OUT.items():
        rows = _summed(rows, absent)
        if before[table] == begun:
            _insert(engine, table, rows, span, portion)
    after = reached(engine)
    lost = [table for table, found in after.items() if found == begun]
    if lost:
        raise DamagedError(
            f"The analytics table {lost[0]} should now be folded to {done}, but says {begun}.",
            hint="Rebuild the analytics: they can be made again from the logs.",
        )
    return after


def _begun(span: Span, portion: _Portion) -> Reached:
    """How far a table is that lacks just this portion."""
    return Reached(*span, portion.low) if portion.low else Reached(span.after)


def _done(span: Span, portion: _Portion) -> Reached:
    """How far a table is that has this portion."""
    return Reached(span.upto) if portion.high == _LAST else Reached(*span, portion.high)


def _credited(engine: AnalyticsEngine, span: Span, portion: _Portion) -> pl.DataFrame:
    params = {"upto": span.upto, **portion._asdict()}
    changes, held, facts = (_frame(engine, name, params) for name in ("changes", "held", "facts"))
    return credited_rows(changes, held, facts, after=span.after, upto=span.upto)


def _frame(engine: AnalyticsEngine, name: str, params: Mapping[str, Parameter]) -> pl.DataFrame:
    """The answer of ``fold/<name>.sql``."""
    return pl.DataFrame(pl.from_arrow(engine.query(store.sql("fold", name), params)))


def _summed(rows: pl.DataFrame, absent: Sequence[str]) -> pl.DataFrame:
    if not absent:
        return rows
    if "partner" in absent:
        rows = rows.with_columns(pl.col("represents") & _STANDS_FOR_KINDS).filter(
            pl.col("represents") != 0
        )
    dimensions = [name for name in rows.columns if name not in {*absent, *CREDITED_MEASURES}]
    return rows.group_by(dimensions).agg(pl.col(name).sum() for name in CREDITED_MEASURES)


def _insert(
    engine: AnalyticsEngine, table: str, rows: pl.DataFrame, span: Span, portion: _Portion
) -> None:
    """Add a portion's rows and the mark that it is there, as one block, once."""
    schema = pl.Schema({name: kind for name, kind in CREDITED.items() if name in rows.columns})
    whole = portion.high == _LAST
    said = {"metric": "seen"} if whole else {"metric": "part", "attribution": portion.high}
    mark = marker(schema, span.upto, keys=1, month=_NO_MONTH, gap_from=_NO_MONTH, **said)
    block = pl.concat([rows.select(schema.names()), mark])
    engine.insert_arrow(table, block.to_arrow(), f"{table}:{span.after + 1}:{portion.low}")
