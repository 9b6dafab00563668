"""What one portion of usage is credited to, position by position: a pure function of columns.

Each key and month has a *course*: its amounts change where an attempt comes to count, its holders
where an interval becomes known or ceases to be. At each such *turn* what was credited before leaves
(-) and what is credited after comes (+); what is the same in both adds up to nothing and leaves no
row. So the rows up to P add up to what was credited as known at P, for every P.

Most courses of a load are straight (`straight_courses.py`); only the winding ones go turn by turn.
"""

from __future__ import annotations

import polars as pl

from projections.growth.candidates import HOLDER, KEY, Told, candidates, rules_of
from projections.growth.credit_holders import EVERY_COLUMN, holders, standing
from projections.growth.schema import CREDITED, CREDITED_MEASURES
from projections.growth.straight_courses import NO_GAP, straight_rows

_SUMS = ("opening", "growth", "across_gap")


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
    rows = changes.join(keys, on=KEY).drop(KEY).with_columns(course=_course())
    found = candidates(Told(keys, held, facts))
    rules = keys.select("key", "metric").join(rules_of(keys), on="metric").select("key", "rule")
    winding = _winding(rows, keys, found, after, upto)
    straight = rows.filter(~winding)
    parts = [straight_rows(straight, found, rules, after)] if len(straight) else []
    if winding.any():
        parts.append(
            _by_turns(rows.filter(winding).drop("course"), keys, found, rules, (after, upto))
        )
    # What a course is about comes back at the end: texts are dear to carry along.
    told = [part.join(keys, on="key").select(CREDITED.names()) for part in parts]
    return pl.concat(told).cast(CREDITED)


def _course() -> pl.Expr:
    """A number for each key and month: a date of ClickHouse is 16 bits."""
    return pl.col("key").cast(pl.Int64) * 2**16 + pl.col("month").to_physical()


def _winding(
    rows: pl.DataFrame, keys: pl.DataFrame, found: pl.DataFrame, after: int, upto: int
) -> pl.Series:
    """Which rows are of courses that are not straight: each turn of them matters."""
    # Of some metrics several keys or resources add up to one row: those go together.
    resourced = rows.filter(pl.col("resource") != "").select("key").unique()
    several = pl.concat(
        [
            keys.join(resourced, on="key", how="semi")["metric"],
            keys.filter(pl.col("named") != "")["metric"],
        ]
    ).unique()
    added = keys.filter(pl.col("metric").is_in(several.implode()))["key"]
    new, old = (rows.filter(side) for side in (pl.col("at") > after, pl.col("at") <= after))
    moved = rows.join(_last_moves(found, after, upto), on="key").filter(
        pl.col("at") < pl.col("moves")
    )
    winding = pl.concat(
        [
            moved["course"],
            new.filter(pl.col("course").is_duplicated())["course"],
            old.filter(pl.struct("course", "at").is_duplicated())["course"],
        ]
    ).unique()
    return rows.select(
        pl.col("key").is_in(added.implode()) | pl.col("course").is_in(winding.implode())
    ).to_series()


def _last_moves(found: pl.DataFrame, after: int, upto: int) -> pl.DataFrame:
    """The last position in the span at which a candidate of a key becomes known or ceases to be.

    Only for courses that began before it does it matter.
    """
    positions = pl.concat(
        [found.select("key", moves=name) for name in ("known_from", "known_to")]
    ).filter((pl.col("moves") > after) & (pl.col("moves") <= upto))
    return positions.group_by("key").agg(pl.col("moves").max())


def _by_turns(
    changes: pl.DataFrame,
    keys: pl.DataFrame,
    found: pl.DataFrame,
    rules: pl.DataFrame,
    span: tuple[int, int],
) -> pl.DataFrame:
    """The rows of any courses, in columns of ``credited_keys`` with ``key`` for what it numbers."""
    states = _states(changes)
    courses = states.group_by("course").agg(
        pl.col("key", "month").first(), first=pl.col("at").min()
    )
    stand = standing(courses, found)
    ruled = rules.join(states.select("key").unique(), on="key", how="semi")
    turns = _turns(states, courses, stand, ruled, *span)
    sides = _sides(turns, states)
    about = states.select("course", "month", key=pl.col("key").replace(_shown_as(keys))).unique()
    return _summed(sides.join(holders(sides, stand), on="side", how="left"), about)


def _states(changes: pl.DataFrame) -> pl.DataFrame:
    """What each course amounts to from one of its positions (``at``) on to the next."""
    identity = ("key", "resource", "month")
    ordered = (
        changes.group_by(*identity, "at")
        .agg(
            pl.col(_SUMS).sum(),
            pl.col("level").drop_nulls().first(),
            pl.col("gap_from").max(),
        )
        .sort(*identity, "at")
        .with_columns(course=pl.struct(identity).rle_id())
    )
    summed = ordered.with_columns(
        pl.col(_SUMS).cum_sum().over("course"),
        pl.col("gap_from").forward_fill().over("course"),
    )
    has_gap = pl.col("across_gap") != 0
    return summed.with_columns(
        gap_from=pl.when(has_gap).then(pl.col("gap_from")).fill_null(NO_GAP),
        stated=pl.col("level").is_not_null().cast(pl.Int64),
        level=pl.col("level").fill_null(0),
    ).with_columns(
        known=(pl.col("opening") != 0) | (pl.col("growth") != 0) | has_gap | (pl.col("stated") == 1)
    )


def _turns(
    states: pl.DataFrame,
    courses: pl.DataFrame,
    stand: pl.DataFrame,
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
        [stand.select("course", "rule", position=name) for name in ("known_from", "known_to")]
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


def _summed(sides: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    rows = sides.select(
        "course",
        "position",
        "rule",
        "gap_from",
        pl.col(HOLDER).fill_null(""),
        pl.col("held").fill_null(0),
        pl.col("represents").fill_null(EVERY_COLUMN),
        opening_micro=pl.col("sign") * pl.col("opening"),
        growth_micro=pl.col("sign") * pl.col("growth"),
        across_gap_micro=pl.col("sign") * pl.col("across_gap"),
        level_micro=pl.col("sign") * pl.col("level"),
        stated=pl.col("sign") * pl.col("stated"),
        keys=pl.col("sign"),
    )
    # Resources of one key, and keys that differ only in whom a file names, add up to one row.
    return _added(_added(rows).join(about, on="course").drop("course"))


def _shown_as(keys: pl.DataFrame) -> dict[int, int]:
    """The key that another is told as, where only what a file names parts them."""
    named = keys.filter(pl.col("named") != "")
    told = [name for name in KEY if name != "named"]
    alike = keys.join(named, on=told, how="semi").with_columns(first=pl.col("key").min().over(told))
    return dict(alike.select("key", "first").iter_rows())


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    dimensions = [name for name in rows.columns if name not in CREDITED_MEASURES]
    added = rows.group_by(dimensions).agg(pl.col(CREDITED_MEASURES).sum())
    return added.filter(pl.any_horizontal(pl.col(CREDITED_MEASURES) != 0))
