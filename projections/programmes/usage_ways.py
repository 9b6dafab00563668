"""The named ways in which usage becomes a figure, each a frame of holder, tenant and amounts.

Columns of every answer: holder, tenant, amount_micro, before_micro (null where nothing is grown
from) and across_gap_micro. A month no report covers raises ``Unreported``: what is not known is
never counted as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from ledger.rules.programmes.measuring import (
    CreditedGrowth,
    CreditedSum,
    Crossings,
    CustomerAdds,
    LevelGrowth,
    Services,
    SumGrowth,
    TenantsGained,
)
from ledger.rules.programmes.programme import AssociationType, Programme, TenantClass
from ledger.usage.reports.resource import split
from projections.programmes.conditions import Asked, fulfilling, members, weighed, workloads_of
from projections.programmes.facts import Facts, first_us
from projections.programmes.holder import MICRO, month_name, months_before, months_between
from projections.programmes.reach import PLACE, at_the_end, joined, on_the_first, spans
from projections.recognition.shared_credit import LOOK_BACK_MONTHS, Option, customer_adds
from schemas.time import from_us

ONE = int(MICRO)
_MANY = 3


class Unreported(Exception):  # noqa: N818  an answer, not an error
    """No report that counts covers a month that is needed."""

    def __init__(self, metric: str, months: Sequence[date]) -> None:
        named = ", ".join(map(month_name, months[:_MANY]))
        more = f" and {len(months) - _MANY} more months" if len(months) > _MANY else ""
        super().__init__(f"no report for {metric} in {named}{more}")


@dataclass(frozen=True)
class Question:
    """What is measured for whom: a programme's class, the types that count, the last month."""

    facts: Facts
    programme: Programme
    tenant_class: TenantClass
    types: tuple[AssociationType, ...]
    month: date

    def workloads(self, metric: str) -> tuple[str, ...]:
        """The workloads that count for a metric."""
        return workloads_of(self.programme, self.tenant_class, metric)

    def needs(self, metric: str, *months: date) -> None:
        """Raise ``Unreported`` unless a counted report covers each of the months."""
        lacking = sorted({one for one in months if not self.facts.reported(metric, one)})
        if lacking:
            raise Unreported(metric, lacking)

    def spans(self, family: str) -> pl.DataFrame:
        """Who reaches usage of a family, by any of the types."""
        key = ("spans", family, *(one.id for one in self.types))
        return self.facts.once(key, lambda: self._spans(family))

    def _spans(self, family: str) -> pl.DataFrame:
        found = [spans(self.facts, one, family) for one in self.types]
        return found[0] if len(found) == 1 else pl.concat(found).unique()

    def standing(self, family: str, month: date) -> pl.DataFrame:
        """The spans that stand at the end of a month."""
        key = ("standing", family, month, *(one.id for one in self.types))
        return self.facts.once(key, lambda: at_the_end(self.spans(family), month))

    def in_class(self, rows: pl.DataFrame, month: date) -> pl.DataFrame:
        """Only rows of tenants that are of the class in a month."""
        if self.tenant_class.metric is None:
            return rows
        self.needs(self.tenant_class.metric, month)
        found = members(self.facts, self.programme, self.tenant_class, month)
        return rows if found is None else rows.join(found, on="tenant", how="semi")


def span_of(month: date, count: int) -> list[date]:
    """The last ``count`` months up to a month."""
    return [months_before(month, n) for n in range(count - 1, -1, -1)]


def _figures(rows: pl.DataFrame, amount: pl.Expr, gap: pl.Expr | None = None) -> pl.DataFrame:
    """Sums by holder and tenant."""
    return rows.group_by("holder", "tenant").agg(
        amount.sum().alias("amount_micro"),
        pl.lit(None, dtype=pl.Int64).alias("before_micro"),
        (gap.sum() if gap is not None else pl.lit(0, dtype=pl.Int64)).alias("across_gap_micro"),
    )


def _each_once(rows: pl.DataFrame) -> pl.DataFrame:
    """How many rows there are by holder and tenant."""
    return _figures(rows.with_columns(one=pl.lit(ONE, dtype=pl.Int64)), pl.col("one"))


def credited_growth(asked: Question, way: CreditedGrowth, first: date) -> pl.DataFrame:
    """What usage grew from ``first`` on while held on the first of the month (§7.3, §15 S12)."""
    asked.needs(way.metric, asked.month)
    rows = asked.facts.grown(way.metric, first, asked.month, asked.workloads(way.metric))
    rows = on_the_first(rows, asked.spans(way.products))
    rows = asked.in_class(rows, asked.month)
    return _figures(rows, pl.col("grown_micro"), pl.col("across_gap_micro"))


def credited_since(
    asked: Question, way: CreditedGrowth, first: date, starts: Mapping[str, date]
) -> pl.DataFrame:
    """As ``credited_growth``, for each holder from a month of its own on (else from ``first``)."""
    asked.needs(way.metric, asked.month)
    begin = min([first, *starts.values()])
    rows = asked.facts.grown(way.metric, begin, asked.month, asked.workloads(way.metric))
    rows = on_the_first(rows, asked.spans(way.products))
    own = pl.DataFrame(
        {"holder": list(starts), "start": list(starts.values())},
        schema={"holder": pl.String, "start": pl.Date},
    )
    rows = rows.join(own, on="holder", how="left")
    rows = rows.filter(pl.col("month") >= pl.col("start").fill_null(first))
    rows = asked.in_class(rows, asked.month)
    return _figures(rows, pl.col("grown_micro"), pl.col("across_gap_micro"))


def credited_sum(asked: Question, way: CreditedSum) -> pl.DataFrame:
    """What was billed or consumed in the months on what was held on the first of each."""
    months = span_of(asked.month, way.months)
    asked.needs(way.metric, *months)
    rows = asked.facts.grown(way.metric, months[0], months[-1], asked.workloads(way.metric))
    rows = _as_sold(asked.facts, rows, way) if way.channels or way.agreement_months else rows
    rows = on_the_first(rows, asked.spans(way.products))
    return _figures(asked.in_class(rows, asked.month), pl.col("grown_micro"))


def _as_sold(facts: Facts, rows: pl.DataFrame, way: CreditedSum) -> pl.DataFrame:
    """Only what was sold through the channels; of an agreement, only in its first months (§8.2)."""
    sold = rows.join(facts.sales, on="subscription", how="left")
    if way.channels:
        sold = sold.filter(pl.col("channel").is_in(list(way.channels)))
    if way.agreement_months:
        agreed = pl.from_epoch("agreed_us", time_unit="us").dt.date().dt.month_start()
        until = agreed.dt.offset_by(f"{way.agreement_months}mo")
        free = (pl.col("channel") != "ea") | pl.col("agreed_us").is_null()
        sold = sold.filter(free | (pl.col("month") < until))
    return sold.select(rows.columns)


def sum_growth(asked: Question, way: SumGrowth) -> pl.DataFrame:
    """Consumption of the months, and of as many before them, on what was held then."""
    months = span_of(asked.month, 2 * way.months)
    asked.needs(way.metric, *months)
    rows = asked.facts.grown(way.metric, months[0], months[-1], asked.workloads(way.metric))
    rows = on_the_first(rows, asked.spans(way.products))
    rows = asked.in_class(rows, asked.month)
    now = pl.col("month") >= months[way.months]
    return rows.group_by("holder", "tenant").agg(
        pl.col("grown_micro").filter(now).sum().alias("amount_micro"),
        pl.col("grown_micro").filter(~now).sum().alias("before_micro"),
        pl.lit(0, dtype=pl.Int64).alias("across_gap_micro"),
    )


def level_growth(asked: Question, way: LevelGrowth) -> pl.DataFrame:
    """Levels now and before, of the customers associated at the end of each of the two months.

    ``credited``: what is grown from is the level before of every customer of the two, and what is
    added to it is only what grew while associated (§7.3).
    """
    then = months_before(asked.month, way.months)
    asked.needs(way.metric, asked.month, then)
    found = asked.spans(way.products)
    now, before = _levels(asked, way, asked.month), _levels(asked, way, then)
    if way.credited:
        ends = [asked.standing(way.products, month) for month in (asked.month, then)]
        before = _by_holder(before, pl.concat(ends))
        added = _grown(asked, way, found)
        now = pl.concat([before, added]).group_by("holder", "tenant").agg(pl.col("value").sum())
    else:
        now = _by_holder(now, asked.standing(way.products, asked.month))
        before = _by_holder(before, asked.standing(way.products, then))
    both = now.join(
        before.rename({"value": "before"}), on=["holder", "tenant"], how="full", coalesce=True
    )
    return both.select(
        "holder",
        "tenant",
        pl.col("value").fill_null(0).alias("amount_micro"),
        pl.col("before").fill_null(0).alias("before_micro"),
        pl.lit(0, dtype=pl.Int64).alias("across_gap_micro"),
    )


def _levels(asked: Question, way: LevelGrowth, month: date) -> pl.DataFrame:
    rows = asked.facts.stated(way.metric, month, month, asked.workloads(way.metric))
    return weighed(rows.select(*PLACE, pl.col("level_micro").alias("value")), way.rates)


def _grown(asked: Question, way: LevelGrowth, found: pl.DataFrame) -> pl.DataFrame:
    first = months_before(asked.month, way.months - 1)
    rows = asked.facts.grown(way.metric, first, asked.month, asked.workloads(way.metric))
    rows = weighed(rows.select(*PLACE, "month", pl.col("grown_micro").alias("value")), way.rates)
    rows = on_the_first(rows, found)
    return rows.group_by("holder", "tenant").agg(pl.col("value").sum())


def _by_holder(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Sums of ``value`` by holder and tenant, each place of a holder once."""
    mine = joined(rows, found).select("holder", *PLACE, "value").unique()
    return mine.group_by("holder", "tenant").agg(pl.col("value").sum())


def tenants_gained(asked: Question, way: TenantsGained, size: Decimal | None) -> pl.DataFrame:
    """Customers that fulfil the condition and are associated, now minus some months before."""
    return tenants_gained_together([(asked, way)], size)


def tenants_gained_together(
    by: Sequence[tuple[Question, TenantsGained]], size: Decimal | None
) -> pl.DataFrame:
    """Customers that count in any of several ways, now minus before: in each, a customer once.

    Who counted in one way then and in another now is no new customer. Source: domain.md §7.3, adds
    are de-duplicated per customer over association types.
    """
    now, before = [], []
    for asked, way in by:
        then = months_before(asked.month, way.months)
        needed = [one for month in (asked.month, then) for one in span_of(month, way.over_months)]
        for metric in (way.metric, *([way.share_of] if way.share_of else [])):
            asked.needs(metric, *needed)
        now.append(_counted(asked, way, size, asked.month, leave_out=way.left_out_months))
        before.append(_counted(asked, way, size, then, leave_out=0))
    change = pl.concat(
        [
            pl.concat(now).unique().with_columns(change=pl.lit(ONE, dtype=pl.Int64)),
            pl.concat(before).unique().with_columns(change=pl.lit(-ONE, dtype=pl.Int64)),
        ]
    )
    return _figures(change, pl.col("change"))


def _counted(
    asked: Question, way: TenantsGained, size: Decimal | None, month: date, *, leave_out: int
) -> pl.DataFrame:
    """Holder and tenant, once each, that count in a month."""
    found = asked.standing(way.products, month)
    size = size if size is not None else way.at_least
    if size is None:  # the class is the condition
        eligible = asked.workloads(way.metric)
        told = (pl.col("workload") == "") | pl.col("workload").is_in(list(eligible))
        rows = asked.in_class(found.filter(told) if eligible else found, month)
        return rows.select("holder", "tenant").unique()
    condition = Asked(way, size, asked.workloads(way.metric))
    rows = joined(fulfilling(asked.facts, condition, month), found)
    if leave_out:
        rows = _not_there_when_claimed(asked, condition, rows, month, leave_out)
    return asked.in_class(rows, month).select("holder", "tenant").unique()


def _not_there_when_claimed(
    asked: Question, condition: Asked, rows: pl.DataFrame, month: date, leave_out: int
) -> pl.DataFrame:
    """Without places that fulfilled the condition already when the association began (§7.3).

    As stated for the last month before that began; where none is, for the month itself [P].
    """
    begun = pl.from_epoch("from_us", time_unit="us").dt.date().dt.month_start()
    rows = rows.with_columns(begun=begun)
    for (start,) in rows.select("begun").unique().iter_rows():
        if months_between(start, month) >= leave_out:
            continue
        before = months_before(start, 1)
        seen = before if asked.facts.reported(condition.way.metric, before) else start
        unit = ["tenant", "workload"] if condition.way.each == "workload" else ["tenant"]
        there = fulfilling(asked.facts, condition, seen).select(unit).unique()
        there = there.with_columns(begun=pl.lit(start))
        rows = rows.join(there, on=[*unit, "begun"], how="anti")
    return rows


def crossings(asked: Question, way: Crossings, size: Decimal) -> pl.DataFrame:
    """Places below a size twelve months ago that reached it at least once since (§8.2).

    Seen from the month in which the figures of ``month`` are out, twelve months ago is the first
    of twelve months, and the following eleven end with ``month`` [P].
    """
    months = span_of(asked.month, way.months)
    asked.needs(way.metric, *months)
    rows = asked.facts.stated(way.metric, months[0], months[-1], asked.workloads(way.metric))
    unit = ["tenant", "subscription"] if way.each == "subscription" else ["tenant"]
    levels = rows.group_by(*unit, "month").agg(pl.col("level_micro").sum())
    first = pl.col("month") == months[0]
    least = int(size * MICRO)
    crossed = (
        levels.group_by(unit)
        .agg(
            pl.col("level_micro").filter(first).sum().alias("base"),
            pl.col("level_micro").filter(~first).max().fill_null(0).alias("most"),
        )
        .filter((pl.col("base") < least) & (pl.col("most") >= least))
    )
    blank = {name: pl.lit("") for name in PLACE if name not in unit}
    places = crossed.select(unit).with_columns(**blank).select(PLACE)
    found = asked.standing(way.products, asked.month)
    if way.each == "tenant":
        found = found.with_columns(subscription=pl.lit(""), workload=pl.lit("")).unique()
    counted = joined(places, found).select("holder", *PLACE).unique()
    return _each_once(counted)


def adds(asked: Question, way: CustomerAdds) -> pl.DataFrame:
    """Customers won minus lost in the months, by who was associated when (§7.2)."""
    months = span_of(asked.month, way.months + 1)
    asked.needs(way.metric, *months)
    first = months_before(months[0], LOOK_BACK_MONTHS)
    rows = asked.facts.stated(way.metric, first, asked.month, ())
    family = asked.facts.families.filter(pl.col("family") == way.products)
    rows = rows.join(family, on="subscription", how="semi")
    seats = rows.group_by("tenant", "month").agg(pl.col("level_micro").sum())
    held = asked.spans(way.products).select("holder", "tenant", "from_us", "to_us").unique()
    option: Option = "smb" if way.losers == "associated" else "cloud_business_applications"
    told: dict[str, list[str | int]] = {"holder": [], "tenant": [], "change": []}
    holders = {key[0]: part for key, part in held.group_by("tenant")}
    for (tenant,), levels in seats.group_by("tenant"):
        if tenant not in holders:
            continue
        by_month = {
            _number(m): level // ONE
            for m, level in levels.select("month", "level_micro").iter_rows()
        }
        about = _associated(holders[tenant], first, asked.month)
        for credit in customer_adds(by_month, about, option):
            if _number(months[1]) <= credit.month <= _number(asked.month):
                for name, value in zip(
                    told, (credit.partner, tenant, credit.change * ONE), strict=True
                ):
                    told[name].append(value)
    schema = {"holder": pl.String, "tenant": pl.String, "change": pl.Int64}
    return _figures(pl.DataFrame(told, schema=schema), pl.col("change"))


def _number(month: date) -> int:
    return month.year * 12 + month.month


def _associated(held: pl.DataFrame, first: date, last: date) -> dict[int, set[str]]:
    """Who was associated at any time of each month."""
    found: dict[int, set[str]] = {}
    for holder, begin_us, end_us in held.select("holder", "from_us", "to_us").iter_rows():
        month = max(first, _month_of(begin_us))
        while month <= last and first_us(month) < end_us:
            found.setdefault(_number(month), set()).add(holder)
            month = months_before(month, -1)
    return found


def _month_of(instant_us: int) -> date:
    """The month an instant lies in, UTC."""
    return from_us(instant_us).date().replace(day=1)


def services(asked: Question, way: Services) -> pl.DataFrame:
    """Different services that the associated customers consume in the month, each once."""
    asked.needs(way.metric, asked.month)
    rows = asked.facts.consumed(way.metric, asked.month)
    names = {one: split(one, way.level)[way.level - 1] for one in rows["resource"].unique()}
    rows = rows.with_columns(
        service=pl.col("resource").replace_strict(names, return_dtype=pl.String),
        workload=pl.lit(""),
    ).filter(pl.col("service") != "")
    found = asked.standing(way.products, asked.month)
    mine = joined(rows, found).select("holder", "tenant", "service")
    first = mine.sort("tenant").unique(["holder", "service"], keep="first", maintain_order=True)
    return _each_once(first)
