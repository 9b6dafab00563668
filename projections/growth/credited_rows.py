"""What one portion of usage is credited to, position by position: a pure function of columns.

Each key and month has a *course*: its amounts change where an attempt comes to count, its holders
where an interval becomes known or ceases to be. At each such *turn* what was credited before leaves
(-) and what is credited after comes (+); what is the same in both adds up to nothing and leaves no
row. So the rows up to P add up to what was credited as known at P, for every P.
"""

from __future__ import annotations

import polars as pl

from projections.growth.candidates import HOLDER, KEY, Told, candidates, rules_of
from projections.growth.schema import CREDITED, CREDITED_MEASURES

_NO_GAP = pl.date(1970, 1, 1)


def credited_rows(
    changes: pl.DataFrame, held: pl.DataFrame, facts: pl.DataFrame, *, after: int, upto: int
) -> pl.DataFrame:
    """The rows that positions in ``(after, upto]`` add to ``credited_keys``.

    ``changes``, ``held`` and ``facts`` are the answers of ``fold/*.sql`` up to ``upto``, for the
    whole history of the keys and months that change.
    """
    if changes.is_empty():
        return pl.DataFrame(schema=CREDITED)
    keys = changes.select(KEY).unique().with_row_index("key")
    states = _states(changes.join(keys, on=KEY))
    courses = states.group_by("course").agg(
        pl.col("key", "month").first(), first=pl.col("at").min()
    )
    standing = _standing(courses, candidates(Told(keys, held, facts)))
    rules = keys.select("key", "metric").join(rules_of(keys), on="metric").select("key", "rule")
    turns = _turns(states, courses, standing, rules, after, upto)
    sides = _sides(turns, states)
    # What a course is about comes back at the end: texts are dear to carry along.
    about = states.select("course", "key", "month").unique().join(keys, on="key")
    return _summed(sides.join(_holders(sides, standing), on="side", how="left"), about)


def _states(changes: pl.DataFrame) -> pl.DataFrame:
    """What each course amounts to from one of its positions (``at``) on to the next."""
    identity = ("key", "resource", "month")
    ordered = (
        changes.drop(KEY).sort(*identity, "at").with_columns(course=pl.struct(identity).rle_id())
    )
    summed = ordered.with_columns(
        pl.col("opening", "growth", "across_gap").cum_sum().over("course"),
        pl.col("gap_from").forward_fill().over("course"),
    )
    has_gap = pl.col("across_gap") != 0
    return summed.with_columns(
        gap_from=pl.when(has_gap).then(pl.col("gap_from")).fill_null(_NO_GAP),
        stated=pl.col("level").is_not_null().cast(pl.Int64),
        level=pl.col("level").fill_null(0),
    ).with_columns(
        known=(pl.col("opening") != 0) | (pl.col("growth") != 0) | has_gap | (pl.col("stated") == 1)
    )


def _standing(courses: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The candidates of each course that hold on its date: the first of the month, UTC."""
    on_us = pl.col("month").cast(pl.Datetime("us")).dt.epoch("us")
    holds = (pl.col("effective_from") <= on_us) & (on_us < pl.col("effective_to"))
    return (
        courses.join(found, on="key")
        # Who owns at last owns the history, too, so the date does not matter there.
        .filter(holds | (pl.col("rule") == "present_owner"))
        .select("course", "rule", *HOLDER, "place", "effective_from", "known_from", "known_to")
    )


def _turns(
    states: pl.DataFrame,
    courses: pl.DataFrame,
    standing: pl.DataFrame,
    rules: pl.DataFrame,
    after: int,
    upto: int,
) -> pl.DataFrame:
    """``course``, ``rule`` and each ``position`` of the span at which either side changes."""
    loaded = (
        states.filter(pl.col("at") > after)
        .join(rules, on="key")
        .select("course", "rule", position="at")
    )
    moved = pl.concat(
        [standing.select("course", "rule", position=name) for name in ("known_from", "known_to")]
    ).filter((pl.col("position") > after) & (pl.col("position") <= upto))
    # Nothing is credited before the first amount, so no change of the holders matters there.
    known = moved.join(courses.select("course", "first"), on="course").filter(
        pl.col("position") > pl.col("first")
    )
    return pl.concat([loaded, known.select("course", "rule", "position")]).unique()


def _sides(turns: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """What stood just before each turn (sign -1) and stands after it (1); nothing where nothing."""
    both = pl.concat(
        [
            turns.with_columns(sign=pl.lit(-1, pl.Int64), at=pl.col("position") - 1),
            turns.with_columns(sign=pl.lit(1, pl.Int64), at=pl.col("position")),
        ]
    )
    found = both.sort("at").join_asof(
        states.sort("at").rename({"at": "since"}),
        left_on="at",
        right_on="since",
        by="course",
        strategy="backward",
        check_sortedness=False,
    )
    return found.filter(pl.col("known")).with_row_index("side")


def _holders(sides: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Who is credited on each side, and for which columns each of them stands (``represents``)."""
    at = pl.col("at")
    found = (
        sides.select("side", "course", "rule", "at")
        .join(standing, on=["course", "rule"])
        .filter((pl.col("known_from") <= at) & (at < pl.col("known_to")))
    )
    rule, kind = pl.col("rule"), pl.col("kind")
    last = pl.col("effective_from") == pl.col("effective_from").max().over("side")
    beaten = (kind == "DPOR") & (kind == "CPOR").any().over("side", "place")
    linked = (kind == "PAL").any().over("side", "organisation")
    kept = found.filter(
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
    holders = kept.select("side", *HOLDER).unique().sort("side", *HOLDER)
    return holders.with_columns(held=pl.lit(1, pl.UInt8), represents=_represents())


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


def _summed(sides: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    rows = sides.select(
        "course",
        "position",
        "rule",
        "gap_from",
        pl.col(HOLDER).fill_null(""),
        pl.col("held").fill_null(0),
        pl.col("represents").fill_null(255),
        opening_micro=pl.col("sign") * pl.col("opening"),
        growth_micro=pl.col("sign") * pl.col("growth"),
        across_gap_micro=pl.col("sign") * pl.col("across_gap"),
        level_micro=pl.col("sign") * pl.col("level"),
        stated=pl.col("sign") * pl.col("stated"),
        keys=pl.col("sign"),
    )
    summed = _added(rows).join(about, on="course").drop("course", "key", "named")
    summed = _added(summed)  # the resources of one key
    return summed.select(pl.col(name).cast(kind) for name, kind in CREDITED.items())


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    dimensions = [name for name in rows.columns if name not in CREDITED_MEASURES]
    added = rows.group_by(dimensions).agg(pl.col(CREDITED_MEASURES).sum())
    return added.filter(pl.any_horizontal(pl.col(CREDITED_MEASURES) != 0))
