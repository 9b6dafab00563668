"""Which places an association reaches: the way from a holding to the usage it counts for.

A span says: this holder, on this place (tenant; with a subscription, a workload, or neither), from
one instant to another. Rules are those of ``projections/growth/reach.toml`` and of the type.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.rules.programmes.programme import AssociationType
from projections.programmes.facts import Facts, last_us

PLACE = ("tenant", "subscription", "workload")


def spans(facts: Facts, type_: AssociationType, family: str) -> pl.DataFrame:
    """Who reaches usage of a family by a type, and when: holder, place, from_us, to_us.

    Spans of a holder on a place that touch are one. Of a family told by workload (m365), a claim
    reaches its workload, and a place on a subscription the whole tenant (domain.md §8.3). Where
    credit is shared, only a paid subscription gives it (§7.2).
    """
    held = facts.held(type_.kinds).filter(_accepted(type_))
    held = _present(_unbeaten(held, type_), type_)
    if facts.holder:
        held = held.filter(pl.col("holder") == facts.holder.id)
    placed = held.join(facts.families, on="subscription", how="left").with_columns(
        pl.col("family").fill_null("")
    )
    on_subscription = placed.filter((pl.col("subscription") != "") & (pl.col("family") == family))
    if family == "m365":
        claimed = placed.filter((pl.col("subscription") == "") & (pl.col("workload") != ""))
        placed = pl.concat([claimed, _of_tenant(on_subscription)])
    elif type_.shared:
        placed = _of_tenant(on_subscription.filter(pl.col("paid")))
    else:
        placed = on_subscription.with_columns(workload=pl.lit(""))
    return _merged(placed.select("holder", *PLACE, "from_us", "to_us"))


def _of_tenant(placed: pl.DataFrame) -> pl.DataFrame:
    return placed.with_columns(subscription=pl.lit(""), workload=pl.lit(""))


def _accepted(type_: AssociationType) -> pl.Expr:
    """Claims of an activity that counts, and links that a role gives something to measure."""
    found = (pl.col("kind") != "PAL") | (pl.col("role") != "")
    for kind, activities in type_.activities.items():
        found &= (pl.col("kind") != kind) | pl.col("activity").is_in(list(activities))
    return found


def _unbeaten(held: pl.DataFrame, type_: AssociationType) -> pl.DataFrame:
    """Without what gives way to another kind on the same subscription while that stands (§7.2)."""
    for loser, winner in type_.beaten.items():
        over = held.filter((pl.col("kind") == winner) & (pl.col("subscription") != ""))
        over = over.select("subscription", pl.col("from_us").alias("a"), pl.col("to_us").alias("b"))
        mine, others = (held.filter(pl.col("kind") == loser), held.filter(pl.col("kind") != loser))
        held = pl.concat([others, _without(mine, over)])
    return held


def _without(held: pl.DataFrame, over: pl.DataFrame) -> pl.DataFrame:
    """What is left of each row when the intervals on its subscription are taken out of it."""
    rows = held.with_row_index("n")
    clashing = rows.join(over, on="subscription").filter(
        (pl.col("a") < pl.col("to_us")) & (pl.col("b") > pl.col("from_us"))
    )
    left: dict[str, list[int]] = {"n": [], "from_us": [], "to_us": []}
    for (n,), found in clashing.sort("a").group_by("n"):
        begin, end = found["from_us"][0], found["to_us"][0]
        for a, b in [*found.select("a", "b").iter_rows(), (end, end)]:
            if begin < min(a, end):
                for name, value in (("n", n), ("from_us", begin), ("to_us", min(a, end))):
                    left[name].append(value)
            begin = max(begin, b)
    pieces = pl.DataFrame(left, schema={name: rows.schema[name] for name in left})
    cut = rows.drop("from_us", "to_us").join(pieces, on="n").select(held.columns)
    whole = rows.join(clashing.select("n").unique(), on="n", how="anti").select(held.columns)
    return pl.concat([whole, cut])


def _present(held: pl.DataFrame, type_: AssociationType) -> pl.DataFrame:
    """Of kinds whose present owner takes the history, the last one, from the beginning (§6.3)."""
    if not type_.present_owner:
        return held
    takes = pl.col("kind").is_in(list(type_.present_owner))
    owners = held.filter(takes)
    last = pl.col("from_us").max().over("subscription", "kind")
    owners = owners.filter(pl.col("from_us") == last).with_columns(
        from_us=pl.lit(0, dtype=held.schema["from_us"])
    )
    return pl.concat([held.filter(~takes), owners])


def _merged(found: pl.DataFrame) -> pl.DataFrame:
    """The same spans, those of one holder and place that touch or overlap made one."""
    key = ["holder", *PLACE]
    ordered = found.sort(*key, "from_us")
    ended = pl.col("to_us").cum_max().shift(1).over(key)
    begins = (pl.col("from_us") > ended).fill_null(value=True).cast(pl.Int32)
    numbered = ordered.with_columns(run=begins.cum_sum())
    return (
        numbered.group_by(*key, "run")
        .agg(pl.col("from_us").min(), pl.col("to_us").max())
        .drop("run")
    )


def at_the_end(found: pl.DataFrame, month: date) -> pl.DataFrame:
    """The spans that stand "now": at the end of a month [P]."""
    at_us = last_us(month)
    return found.filter((pl.col("from_us") <= at_us) & (pl.col("to_us") > at_us))


def joined(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Every row of a place with every span that reaches it; columns holder, from_us, to_us more.

    A span without a workload, or without a subscription, reaches all of them in its tenant.
    """
    on = [pl.col(name) != "" for name in PLACE[1:]]
    some = found.select(s=on[0].any(), w=on[1].any(), t=(~on[0] & ~on[1]).any()).row(0)
    ways = zip(("subscription", "workload", ""), some, strict=True)
    parts = []
    for name, there in ways:
        if there or not any(some):
            keys = ["tenant", name] if name else ["tenant"]
            told = [
                pl.col(each) != "" if each in keys else pl.col(each) == "" for each in PLACE[1:]
            ]
            mine = found.lazy().filter(*told).select("holder", *keys, "from_us", "to_us")
            parts.append(rows.lazy().join(mine, on=keys, how="inner"))
    return pl.concat(parts).collect()


def on_the_first(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Rows with a month, with each holder that stood on the first of it, once (§15 S12 [P])."""
    at_us = pl.col("month").cast(pl.Datetime("us")).cast(pl.Int64)
    stands = (pl.col("from_us") <= at_us) & (pl.col("to_us") > at_us)
    return joined(rows, found).filter(stands).drop("from_us", "to_us").unique()
