"""Credit of straight courses: what most of a load is, by columns alone.

A course is *straight* when one increment of it begins to count in the span, no two of it begin at
one position, no other adds up to the same rows, and nobody who could be credited becomes known or
ceases to be after it began. Then the same hold on both sides: what changes is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from projections.growth.candidates import HOLDER
from projections.growth.credit_holders import EVERY_COLUMN, holders, standing

NO_GAP = pl.date(1970, 1, 1)
_SUMS = ("opening", "growth", "across_gap")
_AMOUNTS = (*_SUMS, "level", "stated")
_NOW = tuple(pl.col(name) for name in _AMOUNTS)
_WAS = tuple(pl.col(f"was_{name}") for name in _AMOUNTS)


def straight_rows(
    rows: pl.DataFrame, found: pl.DataFrame, rules: pl.DataFrame, after: int
) -> pl.DataFrame:
    """What straight courses add after position ``after``: each holder of each, by each rule.

    ``rows`` are their increments with ``course`` and ``key``; ``found`` the candidates of keys.
    """
    new = rows.filter(pl.col("at") > after)
    old = rows.filter(pl.col("at") <= after).join(new, on="course", how="semi")
    ruled = _differences(new, old).join(rules, on="key").with_row_index("side")
    able = ruled.join(found.select("key", "rule").unique(), on=["key", "rule"], how="semi")
    if able.is_empty():
        return _shown(ruled.with_columns(_nobody()))
    # The same hold on both sides of a difference, so one of them is asked for.
    one = able.unique(["course", "rule"], keep="any")
    stand = standing(one.select("course", "key", "month").unique("course"), found)
    who = one.select("course", "rule", "side").join(holders(one, stand), on="side").drop("side")
    told = ruled.join(who, on=["course", "rule"], how="left")
    return _shown(told.with_columns(each.fill_null(empty) for each, empty in _NOBODY))


_NOBODY = (
    *((pl.col(name), pl.lit("")) for name in HOLDER),
    (pl.col("held"), pl.lit(0, pl.UInt8)),
    (pl.col("represents"), pl.lit(EVERY_COLUMN, pl.UInt8)),
)


def _nobody() -> list[pl.Expr]:
    return [empty.alias(each.meta.output_name()) for each, empty in _NOBODY]


def _shown(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "key",
        "month",
        "rule",
        "gap_from",
        *HOLDER,
        "held",
        "represents",
        *(pl.col(name).alias(f"{name}_micro") for name in _AMOUNTS if name != "stated"),
        "stated",
        "keys",
        position="at",
    )


def _differences(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """What is credited after, less what was before: one row where both are of the same gap."""
    stated = pl.col("level").is_not_null().cast(pl.Int64)
    new = new.with_columns(pl.col("level").fill_null(0), stated=stated)
    gap = pl.col("gap_from")
    if old.is_empty():
        told = new.with_columns(gap_from=pl.when(_has_gap()).then(gap).fill_null(NO_GAP))
        return _amounts(told.filter(_known()), _NOW, 1)
    joined = new.join(_summed(old), on="course", how="left").with_columns(
        pl.col(f"was_{name}").fill_null(0) for name in _AMOUNTS
    )
    both = joined.with_columns(pl.col(name) + pl.col(f"was_{name}") for name in _SUMS)
    both = both.with_columns(
        gap_from=pl.when(_has_gap()).then(gap.fill_null(pl.col("was_gap"))).fill_null(NO_GAP),
        was_gap=pl.when(_has_gap("was_")).then("was_gap").fill_null(NO_GAP),
        known=_known(),
        was_known=_known("was_"),
    )
    same = pl.col("known") & pl.col("was_known") & (gap == pl.col("was_gap"))
    return pl.concat(
        [
            _amounts(
                both.filter(same), (now - was for now, was in zip(_NOW, _WAS, strict=True)), 0
            ),
            _amounts(both.filter(~same & pl.col("known")), _NOW, 1),
            _amounts(
                both.filter(~same & pl.col("was_known")).with_columns(gap_from="was_gap"),
                (-was for was in _WAS),
                -1,
            ),
        ]
    ).filter(pl.any_horizontal(pl.col(*_AMOUNTS, "keys") != 0))


def _amounts(rows: pl.DataFrame, amounts: Iterable[pl.Expr], keys: int) -> pl.DataFrame:
    named = dict(zip(_AMOUNTS, amounts, strict=True))
    count = pl.lit(keys, pl.Int64)
    return rows.select("course", "key", "month", "at", "gap_from", **named, keys=count)


def _summed(old: pl.DataFrame) -> pl.DataFrame:
    """What each course amounted to, in columns ``was_...``."""
    return (
        old.sort("at")
        .group_by("course", maintain_order=True)
        .agg(
            pl.col(_SUMS).sum().name.prefix("was_"),
            was_gap=pl.col("gap_from").drop_nulls().last(),
            was_level=pl.col("level").last().fill_null(0),
            was_stated=pl.col("level").last().is_not_null().cast(pl.Int64),
        )
    )


def _has_gap(side: str = "") -> pl.Expr:
    return pl.col(f"{side}across_gap") != 0


def _known(side: str = "") -> pl.Expr:
    """Whether there is anything to credit."""
    return pl.any_horizontal(pl.col(f"{side}{name}") != 0 for name in (*_SUMS, "stated"))
