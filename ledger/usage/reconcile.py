"""What counted statements mean: openings, growth and gaps, and the rows that bring them about.

The invariant (partner_center_files.md §2): after any load, withdrawal or restatement, in any order,
the counted increments give for every key and month exactly what loading the counted statements
once, in order of month, would give: the same amount per mark, the same level, the same gap.

Everything here is a pure function of frames about one metric. A key is a number the caller gave
it; a key and a month together are one number, a *place* (``place_of``), so that neighbours in time
are neighbours in number. Frames:

- keys        key, tenant, subscription: what the touched keys stand for
- statements  place, value_micro: every month of the keys that is stated (of a flow, every month
              that may change); the oldest statement first, the last of a place is the newest
- births      scope (``tenant`` or ``subscription``), id, start_month; only starts that succeed no
              other: evidence that there was nothing before
- counted     COUNTED_SCHEMA, in the order in which the increments came to count (``counted_from``)
- causes      place, row: the lines of the attempt's own report
- the answer  ANSWER_SCHEMA
"""

from __future__ import annotations

from datetime import date

import polars as pl

MARKS = ("opening", "growth", "gap")
OPENING, GROWTH, GAP = range(len(MARKS))

STATEMENT_PLACES = pl.Schema({"place": pl.UInt64(), "value_micro": pl.Int64()})
CAUSE_PLACES = pl.Schema({"place": pl.UInt64(), "row": pl.UInt32()})
BIRTH_SCHEMA = pl.Schema({"scope": pl.String(), "id": pl.String(), "start_month": pl.Date()})
COUNTED_SCHEMA = pl.Schema(
    {
        "place": pl.UInt64(),
        **dict.fromkeys(MARKS, pl.Int64()),
        "mark": pl.UInt8(),
        "level": pl.Int64(),
        "gap_month": pl.Int32(),
    }
)
"""What increments add up to at a place: a sum a mark; the mark, level and gap of the last one."""

ANSWER_SCHEMA = pl.Schema(
    {
        "key": pl.UInt32(),
        "date": pl.Date(),
        "mark": pl.String(),
        "delta_micro": pl.Int64(),
        "level_micro": pl.Int64(),
        "gap_from": pl.Date(),
        "row": pl.UInt32(),
    }
)

_MONTHS = 4096
"""Months a key has room for, from January 1970: more than the years a report may state."""

_SCOPES = ("tenant", "subscription")


def month_number(name: str) -> pl.Expr:
    """The months from January 1970 to the date in column ``name``."""
    day = pl.col(name)
    return (day.dt.year() - 1970) * 12 + day.dt.month().cast(pl.Int32) - 1


def place_of(month: str) -> pl.Expr:
    """The one number of column ``key`` and the month in column ``month``."""
    return (pl.col("key").cast(pl.UInt64) * _MONTHS + month_number(month).cast(pl.UInt64)).alias(
        "place"
    )


def in_months(first: date, last: date) -> pl.Expr:
    """True where ``place`` is of a month from ``first`` to ``last``."""
    begin, end = ((day.year - 1970) * 12 + day.month - 1 for day in (first, last))
    return (pl.col("place") % _MONTHS).is_between(begin, end)


def counted_from() -> list[pl.Expr]:
    """The columns of ``COUNTED_SCHEMA`` from ``key`` and the columns of increments."""
    amounts = [
        pl.when(pl.col("mark") == mark).then("delta_micro").otherwise(0).alias(mark)
        for mark in MARKS
    ]
    number = pl.col("mark").replace_strict(MARKS, range(len(MARKS)), return_dtype=pl.UInt8)
    level, gap = pl.col("level_micro").alias("level"), month_number("gap_from").alias("gap_month")
    return [place_of("date"), *amounts, number.alias("mark"), level, gap]


def fold_statements(statements: pl.DataFrame) -> pl.DataFrame:
    """The newest statement of each place; folding parts first gives the same."""
    if statements.get_column("place").n_unique() == len(statements):
        return statements
    return statements.group_by("place").agg(pl.col("value_micro").last())


def fold_counted(counted: pl.DataFrame) -> pl.DataFrame:
    """One row a place, its sums and its last mark, level and gap; parts may be folded first."""
    if counted.get_column("place").n_unique() == len(counted):
        return counted
    sums, last = pl.col(*MARKS).sum(), pl.col("mark", "level", "gap_month").last()
    return counted.group_by("place").agg(sums, last).select(COUNTED_SCHEMA.names())


def reconcile(
    *,
    is_stock: bool,
    keys: pl.DataFrame,
    statements: pl.DataFrame,
    births: pl.DataFrame,
    counted: pl.DataFrame,
    causes: pl.DataFrame,
) -> pl.DataFrame:
    """The increments after which the invariant holds for ``keys``, sorted by key and month.

    A row is written for every mark whose amount, level, gap or presence changes, also when the
    change is 0. Rows of one month state the level and gap the month comes to; the mark that
    stands comes last. ``row`` is the line that states the month, or the nearest earlier line of the
    same key, which brought the change about; 0 when no line did (a birth became known). Whether a
    flow is present shows in its amount alone, so a flow of 0 leaves no row.
    """
    newest = fold_statements(statements).sort("place")
    target = _levels(newest, _born(keys, births)) if is_stock else _flows(newest)
    both = target.join(
        fold_counted(counted), on="place", how="full", coalesce=True, suffix="_before"
    ).with_columns(pl.col("amount", *MARKS).fill_null(0))
    rows = pl.concat(_changes(both, mark) for mark in range(len(MARKS)))
    return _answered(_with_causes(rows.sort("sequence"), causes))


def _levels(newest: pl.DataFrame, born: pl.Series) -> pl.DataFrame:
    """What levels say in order of month: an opening, growth, or growth across a gap.

    The first level ever stated is an opening, unless its tenant or subscription is born in that
    month: then all of it is growth. Later ones are differences.
    """
    place, before = pl.col("place"), pl.col("place").shift(1)
    later = (before // _MONTHS == place // _MONTHS).fill_null(value=False)
    gap = later & (place - before > 1)
    opening = ~later & ~place.is_in(born.implode())
    number = pl.when(gap).then(GAP).when(opening).then(OPENING).otherwise(GROWTH)
    value = pl.col("value_micro")
    return newest.select(
        "place",
        number.cast(pl.UInt8).alias("mark"),
        (value - pl.when(later).then(value.shift(1)).otherwise(0)).alias("amount"),
        value.alias("level"),
        pl.when(gap).then((before % _MONTHS).cast(pl.Int32)).alias("gap_month"),
    )


def _flows(newest: pl.DataFrame) -> pl.DataFrame:
    """What flows say: the month's own amount is growth; there is no opening, level or gap."""
    return newest.select(
        "place",
        pl.lit(GROWTH, dtype=pl.UInt8).alias("mark"),
        pl.col("value_micro").alias("amount"),
        pl.lit(None, dtype=pl.Int64).alias("level"),
        pl.lit(None, dtype=pl.Int32).alias("gap_month"),
    )


def _born(keys: pl.DataFrame, births: pl.DataFrame) -> pl.Series:
    """The places at which a key's tenant or subscription begins."""
    found = [
        keys.join(
            births.filter(pl.col("scope") == scope), left_on=scope, right_on="id", how="inner"
        ).select(place_of("start_month"))
        for scope in _SCOPES
    ]
    return pl.concat(found).get_column("place")


def _changes(both: pl.DataFrame, number: int) -> pl.DataFrame:
    """The rows to write in one mark."""
    mark = MARKS[number]
    stands = (pl.col("mark") == number).fill_null(value=False)
    stood = ((pl.col("mark_before") == number) & pl.col("level_before").is_not_null()).fill_null(
        value=False
    )
    stands_as_level = stands & pl.col("level").is_not_null()
    delta = pl.when(stands).then("amount").otherwise(0) - pl.col(mark)
    month_differs = pl.col("level").ne_missing(pl.col("level_before")) | pl.col(
        "gap_month"
    ).ne_missing(pl.col("gap_month_before"))
    changes = (delta != 0) | (stands_as_level != stood) | (stands_as_level & month_differs)
    return both.filter(changes).select(
        "place",
        pl.lit(mark).alias("mark"),
        delta.alias("delta_micro"),
        pl.col("level").alias("level_micro"),
        "gap_month",
        (pl.col("place") * 8 + stands.cast(pl.UInt64) * 4 + number).alias("sequence"),
    )


def _with_causes(rows: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """``rows``, sorted, each with the line of the attempt's report that brought it about."""
    own = causes.sort("place").with_columns(pl.col("place").alias("cause"))
    same_key = pl.col("cause") // _MONTHS == pl.col("place") // _MONTHS
    return rows.join_asof(
        own, on="place", strategy="backward", check_sortedness=False
    ).with_columns(pl.when(same_key).then("row").otherwise(0).alias("row"))


def _answered(rows: pl.DataFrame) -> pl.DataFrame:
    columns = {
        "key": pl.col("place") // _MONTHS,
        "date": _first_day(pl.col("place") % _MONTHS),
        "gap_from": _first_day(pl.col("gap_month")),
    }
    return rows.with_columns(**columns).select(
        pl.col(name).cast(kind) for name, kind in ANSWER_SCHEMA.items()
    )


def _first_day(number: pl.Expr) -> pl.Expr:
    return pl.date(number // 12 + 1970, number % 12 + 1, 1)
