"""Customers that fulfil a condition in a month, and the classes customers are of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from ledger.rules.programmes.measuring import TenantsGained
from ledger.rules.programmes.programme import Programme, TenantClass
from ledger.usage.metrics import metric as metric_named
from projections.programmes.facts import Facts
from projections.programmes.holder import MICRO, months_before
from projections.programmes.reach import PLACE


class Asked(NamedTuple):
    """A condition with all its numbers: the way of a metric, the size it asks for, and where."""

    way: TenantsGained
    size: Decimal | None
    workloads: Collection[str]


def workloads_of(programme: Programme, tenant_class: TenantClass, metric: str) -> tuple[str, ...]:
    """The workloads that count in a class; none of them where the metric has no workloads."""
    if "workload" not in metric_named(metric).key:
        return ()
    if tenant_class.workloads:
        return tenant_class.workloads
    return programme.workloads.eligible if programme.workloads else ()


def members(
    facts: Facts, programme: Programme, tenant_class: TenantClass, month: date
) -> pl.DataFrame | None:
    """The tenants of a class in a month, each with the workload of the highest level in range.

    Columns tenant, workload, level_micro; None where the class is of all tenants.
    """
    if tenant_class.metric is None:
        return None
    key = ("members", tenant_class.id, month)
    return facts.once(key, lambda: _members(facts, programme, tenant_class, month))


def _members(
    facts: Facts, programme: Programme, tenant_class: TenantClass, month: date
) -> pl.DataFrame:
    assert tenant_class.metric is not None, "only a class of some tenants"
    workloads = workloads_of(programme, tenant_class, tenant_class.metric)
    stated = facts.stated(tenant_class.metric, month, month, workloads)
    levels = stated.group_by("tenant", "workload").agg(pl.col("level_micro").sum())
    assert tenant_class.at_least is not None, "a class with a metric has a range"
    inside = pl.col("level_micro") >= tenant_class.at_least * int(MICRO)
    if tenant_class.at_most is not None:
        inside &= pl.col("level_micro") <= tenant_class.at_most * int(MICRO)
    best = levels.filter(inside).sort("level_micro", "workload")
    return best.group_by("tenant").agg(pl.col("workload", "level_micro").last())


def fulfilling(facts: Facts, asked: Asked, month: date) -> pl.DataFrame:
    """The places in whose tenant (and workload, by ``each``) the condition holds in a month."""
    key = ("fulfilling", asked.way.model_dump_json(), asked.size, *asked.workloads, month)
    return facts.once(key, lambda: _fulfilling(facts, asked, month))


def _fulfilling(facts: Facts, asked: Asked, month: date) -> pl.DataFrame:
    rows, sums = compared(facts, asked, month)
    unit = _unit(asked)
    if asked.way.share_of:
        holds = _ratio(pl.col("value"), asked.size, pl.col("other"))
        if asked.way.of_at_least is not None:
            holds &= pl.col("other") >= int(asked.way.of_at_least * MICRO)
    else:
        assert asked.size is not None, "a condition has a size"
        holds = pl.col("value") >= int(asked.size * MICRO)
    found = sums.filter(holds).select(unit).unique()
    return rows.join(found, on=unit, how="semi").select(PLACE).unique()


def compared(facts: Facts, asked: Asked, month: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a condition compares: the rows of places, and ``value`` by tenant (and workload).

    A share has the amount it is of as ``other``.
    """
    way = asked.way
    first = months_before(month, way.over_months - 1)
    ask, name = (
        (facts.stated, "level_micro") if way.over == "level" else (facts.grown, "grown_micro")
    )
    rows = ask(way.metric, first, month, asked.workloads)
    rows = weighed(rows.with_columns(value=pl.col(name)), way.rates)
    unit = _unit(asked)
    within = [*unit, "month"] if way.over == "any_month" else unit
    sums = rows.group_by(within).agg(pl.col("value").sum())
    if way.share_of:
        sums = sums.join(_other(facts, asked, month, unit), on=unit)
    return rows, sums


def _unit(asked: Asked) -> list[str]:
    return ["tenant", "workload"] if asked.way.each == "workload" else ["tenant"]


def weighed(rows: pl.DataFrame, rates: dict[str, Decimal]) -> pl.DataFrame:
    """The rows of workloads with a rate, ``value`` times it; without rates, all as they are."""
    if not rates:
        return rows
    exact = pl.DataFrame(
        {"workload": list(rates), "rate": [int(rate * 1000) for rate in rates.values()]},
        schema={"workload": pl.String, "rate": pl.Int64},
    )
    weighted = rows.join(exact, on="workload")
    return weighted.with_columns(value=pl.col("value") * pl.col("rate") // 1000).drop("rate")


def _other(facts: Facts, asked: Asked, month: date, unit: list[str]) -> pl.DataFrame:
    share_of = asked.way.share_of
    assert share_of is not None, "asked for a share"
    rows = facts.stated(share_of, month, month, asked.workloads)
    return (
        rows.group_by(unit)
        .agg(pl.col("level_micro").sum().alias("other"))
        .filter(pl.col("other") > 0)
    )


def _ratio(value: pl.Expr, share: Decimal | None, of: pl.Expr) -> pl.Expr:
    """Exactly ``value / of >= share``, in whole numbers."""
    assert share is not None, "a share has a size"
    top, bottom = share.as_integer_ratio()
    return value * bottom >= of * top
