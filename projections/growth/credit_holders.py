"""Who is credited, of the candidates of a course that hold at a position."""

from __future__ import annotations

import polars as pl

from projections.growth.candidates import HOLDER
from projections.growth.credit_rules import SLOT_HOLDER

EVERY_COLUMN = 255
"""``represents`` of a holder that is alone: whatever columns are shown, it stands for them."""


def standing(courses: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The candidates of each course that hold on its date: the first of the month, UTC."""
    on_us = pl.col("month").cast(pl.Datetime("us")).dt.epoch("us")
    holds = (pl.col("effective_from") <= on_us) & (on_us < pl.col("effective_to"))
    return (
        courses.join(found, on="key")
        # Who owns at last owns the history, too, so the date does not matter there.
        .filter(holds | (pl.col("rule") == "present_owner"))
        .select("course", "rule", *HOLDER, "place", "effective_from", "known_from", "known_to")
    )


def holders(sides: pl.DataFrame, stand: pl.DataFrame) -> pl.DataFrame:
    """Who is credited on each side, and for which columns each of them stands (``represents``).

    ``sides`` has ``side``, ``course``, ``rule`` and the position ``at`` which it is known.
    """
    at = pl.col("at")
    found = (
        sides.select("side", "course", "rule", "at")
        .join(stand, on=["course", "rule"])
        .filter((pl.col("known_from") <= at) & (at < pl.col("known_to")))
    )
    by_slot = pl.col("rule") == SLOT_HOLDER
    kept = pl.concat(
        [part.select("side", *HOLDER) for part in (found.filter(by_slot), _chosen(found, ~by_slot))]
    )
    # Most are alone, and then there is nothing to compare.
    alone = pl.col("side").is_unique()
    together = kept.filter(~alone).unique().sort("side", *HOLDER)
    told = [
        kept.filter(alone).with_columns(represents=pl.lit(EVERY_COLUMN, pl.UInt8)),
        together.with_columns(represents=_represents()),
    ]
    return pl.concat(told).with_columns(held=pl.lit(1, pl.UInt8))


def _chosen(found: pl.DataFrame, of_rules: pl.Expr) -> pl.DataFrame:
    """Of these rules those who are credited where others hold, too."""
    several = found.filter(of_rules)
    if several.is_empty():
        return several
    rule, kind = pl.col("rule"), pl.col("kind")
    last = pl.col("effective_from") == pl.col("effective_from").max().over("side")
    beaten = (kind == "DPOR") & (kind == "CPOR").any().over("side", "place")
    linked = (kind == "PAL").any().over("side", "organisation")
    return several.filter(
        # The chain that came last has the history of those before it (domain.md §6.3).
        pl.when(rule == "present_owner")
        .then(last)
        # On one subscription CPOR beats DPOR (domain.md §7.2).
        .when(rule == "shared")
        .then(~beaten)
        # Who earns by a role there does not earn by the agreement, too (domain.md §13.1).
        .when(rule == "rbac_enterprise")
        .then((kind == "TPOR") & ~linked)
        .otherwise(pl.lit(value=True))
    )


def _represents() -> pl.Expr:
    """Bit b is set when nobody before it on the same side has the same in the columns of b.

    b adds up 1 for the kind, 2 for the partner, 4 for the organisation. So whatever columns a
    question shows, each increment is in exactly one row for each thing shown.
    """
    bits = pl.lit(0, pl.UInt8)
    for mask in range(8):
        shown = [name for bit, name in enumerate(HOLDER) if mask & (1 << bit)]
        first = pl.struct("side", *shown).is_first_distinct()
        bits = bits + first.cast(pl.UInt8) * (1 << mask)
    return bits.cast(pl.UInt8)
