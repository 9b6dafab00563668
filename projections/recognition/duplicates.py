"""The three duplicate flags of Azure consumption: each fact is summed once (domain.md §7.1).

One consumption may stand in many rows, one for each attribution. Inside one partner organisation
one of them carries it at each of three levels; the others are duplicates there. The rule is none
between competing partners: two organisations may both carry the same consumption.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import polars as pl

from ledger.rules import kinds

LEVELS: Mapping[str, tuple[str, ...]] = {
    "duplicate_at_pga": ("organisation",),
    "duplicate_at_pga_attach_type": ("organisation", "attach_type"),
    "duplicate_at_mpn": ("partner",),
}
"""Each flag, and within what exactly one row of a consumption has 0 there."""

_NONE = 99


def flagged(rows: pl.DataFrame, fact: Sequence[str]) -> pl.DataFrame:
    """The rows, in their order, with a flag for each level: 0 carries the fact there, 1 repeats it.

    ``rows`` has the columns ``fact`` (what was used, and when), ``organisation``, ``partner`` and
    ``attribution`` (``PAL.Owner``, ``DPOR``). An attribution without a place in the order has 1
    everywhere. Where all that decides is equal, the lower partner id and then the earlier row wins.
    """
    ranked = rows.with_row_index("_row").with_columns(
        _attach_type().alias("attach_type"),
        _ranks(_priorities(), _attach_type()).alias("_priority"),
        _ranks(_roles(), _role()).alias("_role"),
    )
    ordered = ranked.sort("_priority", "_role", "partner", "_row").with_columns(
        _flag([*fact, *within]).alias(name) for name, within in LEVELS.items()
    )
    return ordered.sort("_row").drop("_row", "_priority", "_role", "attach_type")


def _flag(group: Sequence[str]) -> pl.Expr:
    carries = (pl.int_range(pl.len()).over(group) == 0) & (pl.col("_priority") != _NONE)
    return (~carries).cast(pl.Int8)


def _attach_type() -> pl.Expr:
    return pl.col("attribution").str.split(".").list.first()


def _role() -> pl.Expr:
    return pl.col("attribution").str.strip_prefix("PAL.")


def _ranks(ranks: Mapping[str, int], of: pl.Expr) -> pl.Expr:
    return of.replace_strict(dict(ranks), default=_NONE, return_dtype=pl.Int32)


def _priorities() -> Mapping[str, int]:
    """The kinds that have a place in the published order."""
    return {name: row.priority for name, row in kinds.table().items() if row.priority is not None}


@cache
def _roles() -> Mapping[str, int]:
    text = (files(__package__) / "attach_types.toml").read_text(encoding="utf-8")
    ranks: dict[str, int] = tomllib.loads(text)["role"]
    return ranks
