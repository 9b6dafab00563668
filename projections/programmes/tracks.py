"""Classes that are assigned to a partner, not chosen as the better of several (§13.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl

from ledger.rules.programmes.programme import Programme, TenantClass
from projections.programmes.holder import MICRO, Missing, months_before
from projections.programmes.reach import PLACE, on_the_first
from projections.programmes.usage_ways import Question, Unreported

Asks = Callable[[TenantClass, Sequence[str], date], Question]


def assigned_class(asks: Asks, programme: Programme, month: date) -> Mapping[str, str] | Missing:
    """The class of every holder that has enough large workloads in both months.

    A workload is a customer's; its revenue that of the month, on what was held on the first [P].
    """
    found: dict[str, str] = {}
    for one in programme.tenant_class:
        rule = one.assigned
        if rule is None:
            continue
        asked = asks(one, (), month)
        months = (month, months_before(month, rule.months_apart))
        try:
            asked.needs(rule.metric, *months)
        except Unreported as lacking:
            return Missing(str(lacking))
        large = [_large(asked, rule.metric, int(rule.above * MICRO), each) for each in months]
        both = large[0].join(large[1], on=["holder", "tenant", "workload"], how="semi")
        counts = both.group_by("holder").agg(pl.len().alias("n"))
        for holder, _ in counts.filter(pl.col("n") >= rule.count).iter_rows():
            found.setdefault(holder, one.id)
    return found


def _large(asked: Question, metric: str, above: int, month: date) -> pl.DataFrame:
    rows = asked.facts.grown(metric, month, month, asked.workloads(metric))
    rows = rows.select(*PLACE, "month", "grown_micro")
    rows = on_the_first(rows, asked.spans(metric.split(".", maxsplit=1)[0]))
    sums = rows.group_by("holder", "tenant", "workload").agg(pl.col("grown_micro").sum())
    return sums.filter(pl.col("grown_micro") > above)
