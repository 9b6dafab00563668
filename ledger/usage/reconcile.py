"""What counted statements mean: openings, growth and gaps, and the rows that bring them about.

The invariant (partner_center_files.md §2): after any load, withdrawal or restatement, in any order,
the counted increments give for every key and month exactly what loading the counted statements
once, in order of month, would give: the same amount per mark, the same level, the same gap.

Everything here is a pure function of frames. A key (metric and dimensions) is a number,
``key``, given by the caller for the keys an attempt touches; ``keys`` says what it stands for.

Frames:

- keys        key, metric, tenant, subscription (and further dimensions, unused here)
- statements  key, month, value_micro, order; a higher order is newer
- births      scope (``tenant`` or ``subscription``), id, start_month; only starts that succeed no
              other: evidence that there was nothing before
- counted     COUNTED columns: what the counted increments of the touched keys say, in the order
              they came to count (see ``fold_increments``)
- causes      key, month, row: the lines of the attempt's own report
- the answer  key, date, mark, delta_micro, level_micro, gap_from, row
"""

from __future__ import annotations

import polars as pl

from ledger.usage.metrics import METRICS

STOCKS = [name for name, row in METRICS.items() if row.is_stock]
MARK = pl.Enum(["opening", "growth", "gap"])

NEWEST_SCHEMA = pl.Schema(
    {"key": pl.UInt32(), "month": pl.Date(), "value_micro": pl.Int64(), "order": pl.UInt32()}
)
COUNTED_SCHEMA = pl.Schema(
    {
        "key": pl.UInt32(),
        "date": pl.Date(),
        "mark": MARK,
        "delta_micro": pl.Int64(),
        "level_micro": pl.Int64(),
        "gap_from": pl.Date(),
    }
)
CAUSE_SCHEMA = pl.Schema({"key": pl.UInt32(), "month": pl.Date(), "row": pl.UInt32()})
BIRTH_SCHEMA = pl.Schema({"scope": pl.String(), "id": pl.String(), "start_month": pl.Date()})

_SCOPES = ("tenant", "subscription")
_MONTH, _MARK = ["key", "date"], ["key", "date", "mark"]


def fold_statements(statements: pl.DataFrame) -> pl.DataFrame:
    """The newest statement of each key and month; folding parts first gives the same."""
    newest = pl.col("value_micro", "order").sort_by("order").last()
    if statements.select("key", "month").is_duplicated().any():
        return statements.group_by("key", "month").agg(newest)
    return statements


def fold_increments(counted: pl.DataFrame) -> pl.DataFrame:
    """The sum of each key, month and mark, with the level and gap its month came to last.

    ``counted`` stands in the order in which rows came to count. The row of the mark that stands
    now is the last of its month, so that folding parts, then the parts together, is the same.
    """
    if counted.is_empty():
        return counted
    sums = counted.group_by(_MARK).agg(pl.col("delta_micro").sum())
    last = counted.group_by(_MONTH).agg(
        pl.col("mark").last().alias("_last"), pl.col("level_micro", "gap_from").last()
    )
    return (
        sums.join(last, on=_MONTH)
        .sort(*_MONTH, pl.col("mark") == pl.col("_last"), "mark")
        .select(COUNTED_SCHEMA.names())
    )


def reconcile(
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
    same key that brought the change about; 0 when no line did (a birth became known).
    """
    target = meaning(keys, statements, births)
    before = _standing(keys, fold_increments(counted))
    both = target.join(before, on=_MARK, how="full", coalesce=True, suffix="_before")
    changed = _with_month(both, target).filter(_differs())
    return _with_causes(changed, causes).select(*COUNTED_SCHEMA.names(), "row")


def meaning(keys: pl.DataFrame, statements: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """What the newest statements say, read in order of month: one mark a key and month.

    A flow is the month's own amount, always growth and without a level. The first level of a stock
    is its opening, or growth when its tenant or subscription is born in that month; a later one is
    growth, or growth across a gap when the month before it is not stated.
    """
    newest = fold_statements(statements).join(_natures(keys, births), on="key").sort("key", "month")
    follows = pl.col("key") == pl.col("key").shift(1)
    earlier = newest.with_columns(
        pl.when(follows).then(pl.col(name).shift(1)).alias(f"_{name}")
        for name in ("month", "value_micro")
    )
    stock, first = pl.col("stock"), pl.col("_month").is_null()
    births_now = (pl.col("month") == pl.col(f"_born_{scope}") for scope in _SCOPES)
    born = pl.any_horizontal(*births_now)
    gap = stock & ~first & (pl.col("_month").dt.offset_by("1mo") != pl.col("month"))
    opening = stock & first & ~born.fill_null(value=False)
    mark = pl.when(gap).then(pl.lit("gap")).when(opening).then(pl.lit("opening"))
    grown_from = pl.when(stock).then(pl.col("_value_micro").fill_null(0)).otherwise(0)
    return earlier.select(
        "key",
        pl.col("month").alias("date"),
        mark.otherwise(pl.lit("growth")).cast(MARK).alias("mark"),
        (pl.col("value_micro") - grown_from).alias("amount"),
        pl.when(stock).then("value_micro").alias("level"),
        pl.when(gap).then("_month").alias("gap"),
    ).with_columns(pl.lit(value=True).alias("stands"))


def _natures(keys: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """Of each key: whether it is a stock, and the month its tenant or its subscription began."""
    natures = keys.select(
        "key", "tenant", "subscription", pl.col("metric").is_in(STOCKS).alias("stock")
    )
    for scope in _SCOPES:
        born = births.filter(pl.col("scope") == scope).select(
            pl.col("id").alias(scope), pl.col("start_month").alias(f"_born_{scope}")
        )
        natures = natures.join(born, on=scope, how="left", maintain_order="left")
    return natures.drop("tenant", "subscription")


def _standing(keys: pl.DataFrame, folded: pl.DataFrame) -> pl.DataFrame:
    """What counts now; ``stands`` marks the one mark a stock's month has (never for a flow)."""
    stands = (pl.col("key") != pl.col("key").shift(-1)) | (
        pl.col("date") != pl.col("date").shift(-1)
    )
    return folded.select(
        *_MARK,
        pl.col("delta_micro").alias("amount"),
        pl.col("level_micro").alias("level"),
        pl.col("gap_from").alias("gap"),
        (stands.fill_null(value=True) & pl.col("level_micro").is_not_null()).alias("stands"),
    )


def _with_month(both: pl.DataFrame, target: pl.DataFrame) -> pl.DataFrame:
    """``both`` with the level and gap its month comes to, whichever mark a row is of."""
    month = target.select(
        *_MONTH, pl.col("level").alias("level_micro"), pl.col("gap").alias("gap_from")
    )
    return both.join(month, on=_MONTH, how="left").with_columns(
        pl.col("amount", "amount_before").fill_null(0),
        pl.col("stands", "stands_before").fill_null(value=False),
    )


def _differs() -> pl.Expr:
    amount = pl.col("amount") != pl.col("amount_before")
    is_stock = pl.col("level").is_not_null() | pl.col("level_before").is_not_null()
    presence = is_stock & (pl.col("stands") != pl.col("stands_before"))
    month = pl.col("stands") & (
        pl.col("level").ne_missing(pl.col("level_before"))
        | pl.col("gap").ne_missing(pl.col("gap_before"))
    )
    return amount | presence | month


def _with_causes(changed: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """The changes in order, each with the line of the attempt's report that brought it about."""
    own = causes.rename({"month": "date"}).sort("date")
    rows = changed.with_columns((pl.col("amount") - pl.col("amount_before")).alias("delta_micro"))
    return (
        rows.sort("date")
        .join_asof(own, on="date", by="key", strategy="backward", check_sortedness=False)
        .with_columns(pl.col("row").fill_null(0))
        .sort(*_MONTH, "stands", "mark")
    )
