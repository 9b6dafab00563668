"""Questions about what was stated: where reports disagree, and where something is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from ledger.usage.decisions import LoadedReport, Picture
from ledger.usage.history import batches
from ledger.usage.log import UsageLog, Wanted
from ledger.usage.metrics import METRICS, metric
from ledger.usage.rows import DIMENSIONS

CONFLICT_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(DIMENSIONS, pl.String()),
        "month": pl.Date(),
        "report": pl.String(),
        "value_micro": pl.Int64(),
        "row": pl.UInt32(),
        "stands": pl.Boolean(),
    }
)
GAP_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(DIMENSIONS, pl.String()),
        "missing": pl.String(),
        "from_month": pl.Date(),
        "to_month": pl.Date(),
        "months": pl.Int32(),
    }
)


def conflicts(
    log: UsageLog, picture: Picture, metrics: Iterable[str] = tuple(METRICS)
) -> pl.DataFrame:
    """Every key and month about which two counted reports disagree, one row a report.

    ``stands`` is true for the newest statement, the one that counts. Sorted by key and month, the
    oldest statement first. Months are looked at one by one, so that memory follows one month.
    """
    log.hold(picture.decided)
    reports = picture.counted()
    found = [
        _conflicts_in(log, reports, name, month)
        for name in metrics
        for month in _contested_months(reports, name)
    ]
    return pl.concat([CONFLICT_SCHEMA.to_frame(), *found]).sort(
        *DIMENSIONS, "month", maintain_order=True
    )


def gaps(log: UsageLog, picture: Picture, metrics: Iterable[str] = tuple(METRICS)) -> pl.DataFrame:
    """Every stretch of months in which a stock that is stated before is not stated.

    ``missing`` is ``gap`` between two statements: ``from_month`` is the last stated before,
    ``to_month`` the next stated. It is ``stale`` after a key's last statement: ``to_month`` is then
    the newest month that any counted report states of the metric. ``months`` counts the months
    without a statement. A stale key is not zero (partner_center_files.md §2).
    """
    log.hold(picture.decided)
    stocks = [name for name in metrics if metric(name).is_stock]
    found = [_gaps_of(log, picture.counted(), name) for name in stocks]
    return pl.concat([GAP_SCHEMA.to_frame(), *found]).sort(*DIMENSIONS, "from_month")


def _contested_months(reports: list[LoadedReport], name: str) -> Iterator[date]:
    """The months that at least two reports may state."""
    periods = [
        (it.decision.period_from, it.decision.period_to)
        for it in reports
        if name in it.decision.metrics
    ]
    if len(periods) < 2:
        return
    month = min(first for first, _ in periods)
    while month <= max(last for _, last in periods):
        if sum(first <= month <= last for first, last in periods) > 1:
            yield month
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _conflicts_in(
    log: UsageLog, reports: list[LoadedReport], name: str, month: date
) -> pl.DataFrame:
    wanted = Wanted("statement", [name], (month, month))
    stated = [
        batch.rows.filter(pl.col("month") == month).with_columns(
            pl.lit(report.decision.report).alias("report"), pl.lit(order).alias("order")
        )
        for order, report in enumerate(reports)
        for batch in batches(log, [report], wanted)
    ]
    if not stated:
        return CONFLICT_SCHEMA.to_frame()
    key = list(metric(name).key)
    return (
        pl.concat(stated)
        .filter(pl.col("value_micro").n_unique().over(key) > 1)
        .with_columns((pl.col("order") == pl.col("order").max().over(key)).alias("stands"))
        .sort(*key, "order")
        .select(CONFLICT_SCHEMA.names())
    )


def _gaps_of(log: UsageLog, reports: list[LoadedReport], name: str) -> pl.DataFrame:
    parts = [
        batch.rows.select(*DIMENSIONS, "month")
        for batch in batches(log, reports, Wanted("statement", [name]))
    ]
    if not parts:
        return GAP_SCHEMA.to_frame()
    stated = pl.concat(parts).unique().sort(*DIMENSIONS, "month")
    key = list(metric(name).key)
    following = pl.col("month").shift(-1).over(key)
    newest = stated.get_column("month").max()
    number = pl.col("month").dt.year() * 12 + pl.col("month").dt.month()
    return (
        stated.with_columns(
            pl.when(following.is_null())
            .then(pl.lit("stale"))
            .otherwise(pl.lit("gap"))
            .alias("missing"),
            pl.col("month").alias("from_month"),
            following.fill_null(newest).alias("to_month"),
            number.alias("_from"),
        )
        .with_columns(
            (pl.col("to_month").dt.year() * 12 + pl.col("to_month").dt.month()).alias("_to")
        )
        .with_columns(
            (pl.col("_to") - pl.col("_from") - (pl.col("missing") == "gap"))
            .cast(pl.Int32)
            .alias("months")
        )
        .filter(pl.col("months") > 0)
        .select(GAP_SCHEMA.names())
    )
