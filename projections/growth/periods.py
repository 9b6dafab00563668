"""Growth by spans of months: quarters, years, fiscal years, twelve trailing months, year on year.

Pure functions over the rows of a monthly answer. Amounts of a span add up; the level of a span is
that of the last of its months with rows, where one is stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

PERIODS = ("month", "quarter", "year", "fiscal_year")
JULY, OCTOBER = 7, 10
"""The months in which fiscal years begin: Microsoft's, and several programmes' (domain.md §2)."""

AMOUNTS = (
    "credited_micro",
    "credited_across_gap_micro",
    "uncredited_micro",
    "uncredited_across_gap_micro",
    "opening_micro",
)


def named(month: date, period: str, starts: int = JULY) -> str:
    """The name of the period that a month lies in; fiscal years are named by the year they end in.

    >>> named(date(2023, 8, 1), "fiscal_year"), named(date(2023, 8, 1), "fiscal_year", OCTOBER)
    ('FY24', 'FY23')
    >>> named(date(2023, 8, 1), "quarter"), named(date(2023, 8, 1), "month")
    ('2023-Q3', '2023-08')
    """
    if period == "month":
        return f"{month:%Y-%m}"
    if period == "quarter":
        return f"{month.year}-Q{(month.month + 2) // 3}"
    if period == "year":
        return f"{month.year}"
    return f"FY{(month.year + (month.month >= starts)) % 100:02}"


def by_period(
    rows: pl.DataFrame, period: str, dimensions: Sequence[str], starts: int = JULY
) -> pl.DataFrame:
    """Monthly rows (``month``, dimensions, measures) added up by ``period``, in its column.

    ``months`` is how many months with rows each span has: with fewer than its length it is
    incomplete.
    """
    names = {month: named(month, period, starts) for month in rows["month"].unique().to_list()}
    with_period = rows.with_columns(
        pl.col("month").replace_strict(names, default="", return_dtype=pl.String).alias("_period")
    )
    stated = pl.col("level_micro").is_not_null()
    grouped = with_period.sort("month").group_by("_period", *dimensions, maintain_order=True)
    return (
        grouped.agg(
            pl.col(AMOUNTS).sum(),
            pl.col("level_micro").filter(stated & (pl.col("month") == pl.col("month").max())).sum(),
            pl.col("gap_from").min(),
            pl.col("month").min().alias("first_month"),
            pl.col("month").n_unique().alias("months"),
            (stated & (pl.col("month") == pl.col("month").max())).any().alias("_stated"),
        )
        .with_columns(level_micro=pl.when("_stated").then("level_micro"))
        .drop("_stated")
        .rename({"_period": period})
        .sort("first_month", *dimensions)
    )


def trailing(rows: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    """For each month with rows the amounts of it and the eleven before, and of how many months."""
    months = rows.select("month").unique()
    spans = months.join(rows, how="cross", suffix="_of").filter(
        (pl.col("month_of") <= pl.col("month"))
        & (pl.col("month_of") > pl.col("month").dt.offset_by("-12mo"))
    )
    return (
        spans.group_by("month", *dimensions)
        .agg(
            pl.col(AMOUNTS).sum(),
            pl.col("level_micro").filter(pl.col("month_of") == pl.col("month")).first(),
            pl.col("gap_from").min(),
            pl.col("month_of").n_unique().alias("months"),
        )
        .sort("month", *dimensions)
    )


def year_on_year(rows: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    """Monthly rows with what the same month of the year before was credited, and the change.

    ``year_before_micro`` is null where there are no rows of that month: no report is not zero.
    """
    before = rows.select(
        pl.col("month").dt.offset_by("1y"),
        *dimensions,
        pl.col("credited_micro").alias("year_before_micro"),
    )
    found = rows.join(before, on=["month", *dimensions], how="left", nulls_equal=True)
    known = rows["month"].unique().dt.offset_by("1y").implode()
    return found.with_columns(
        year_before_micro=pl.when(pl.col("month").is_in(known)).then(
            pl.col("year_before_micro").fill_null(0)
        )
    ).with_columns(change_micro=pl.col("credited_micro") - pl.col("year_before_micro"))


def missing(months: Sequence[date], first: date, last: date) -> list[date]:
    """The months from ``first`` to ``last`` that are not among ``months``.

    >>> missing([date(2023, 1, 1)], date(2022, 12, 1), date(2023, 2, 1))
    [datetime.date(2022, 12, 1), datetime.date(2023, 2, 1)]
    """
    there, found = set(months), []
    at = first
    while at <= last:
        if at not in there:
            found.append(at)
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return found


def bars(values: Sequence[int], width: int = 24) -> list[str]:
    """A bar for each value, the greatest one ``width`` long; a fall is drawn lighter.

    >>> bars([2, 1, -1], width=4)
    ['████', '██', '▒▒']
    """
    most = max((abs(value) for value in values), default=0) or 1
    return [("█" if value >= 0 else "▒") * round(abs(value) * width / most) for value in values]
