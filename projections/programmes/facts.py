"""What measuring reads: usage, associations and parties, all as known at a position.

Whole columns, in ``polars`` frames: the same questions serve one partner and all of them. For one
partner everything is limited to the customers that it is or was associated with.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, cached_property
from importlib.resources import files

import polars as pl

from ledger.usage.reports.kinds import table as report_kinds
from projections.growth.engine import AnalyticsEngine
from projections.growth.literals import Parameter, asked
from projections.programmes.holder import Holder, months_before
from schemas.time import to_us

_NOBODY = "nobody"

_About = tuple[str, str, tuple[str, ...]]
_Months = tuple[date, date, pl.DataFrame]


@dataclass
class Facts:
    """The facts at ``position`` about associations of ``kinds``: one holder's, or everybody's.

    ``views`` are the current-state views; ``margin`` is how many months before those asked for are
    fetched with them, for questions about several months in a row.
    """

    engine: AnalyticsEngine
    views: sqlite3.Connection
    position: int
    kinds: tuple[str, ...]
    holder: Holder | None = None
    margin: int = 0
    _kept: dict[tuple[object, ...], pl.DataFrame] = field(
        default_factory=dict, init=False, repr=False
    )
    _months: dict[_About, _Months] = field(default_factory=dict, init=False, repr=False)

    def once(self, key: tuple[object, ...], made: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """What ``made`` makes, made once for a key: facts at a position do not change."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = made()
        return found

    @property
    def who(self) -> str:
        """The column that says whose an association is."""
        return "partner" if self.holder and self.holder.scope == "location" else "organisation"

    def held(self, kinds: Sequence[str]) -> pl.DataFrame:
        """Every association of these kinds with the customers concerned, whoever holds it.

        Columns: kind, activity, tenant, subscription, workload, role, partner, organisation,
        from_us, to_us and holder.
        """
        return self._held.filter(pl.col("kind").is_in(list(kinds)))

    @cached_property
    def _held(self) -> pl.DataFrame:
        wanted = {"tenants": self.tenants} if self.holder else {}
        named = pl.when(pl.col(self.who) == "").then("partner").otherwise(self.who)
        return self._ask_held(**wanted).with_columns(holder=named)

    @cached_property
    def tenants(self) -> list[str]:
        """The customers that the holder is or was associated with; empty for everybody's."""
        if self.holder is None:
            return []
        column = "partners" if self.holder.scope == "location" else "organisations"
        mine = self._ask_held(**{column: [self.holder.id]})
        return mine["tenant"].unique().sort().to_list() or [_NOBODY]

    def _ask_held(self, **wanted: Sequence[str]) -> pl.DataFrame:
        every: dict[str, Parameter] = {"tenants": (), "partners": (), "organisations": ()}
        params = {**every, **wanted, "kinds": self.kinds, "position": self.position}
        return self._frame("held", params)

    def stated(
        self, metric: str, first: date, last: date, workloads: Collection[str]
    ) -> pl.DataFrame:
        """The levels stated of a metric in these months.

        Columns: tenant, subscription, workload, month, level_micro; no row where nothing is stated.
        """
        return self._told("stated", metric, first, last, workloads)

    def grown(
        self, metric: str, first: date, last: date, workloads: Collection[str]
    ) -> pl.DataFrame:
        """What a metric grew in these months; of a flow, the months' own sums.

        Columns: tenant, subscription, workload, month, grown_micro, across_gap_micro.
        """
        return self._told("grown", metric, first, last, workloads)

    def _told(
        self, question: str, metric: str, first: date, last: date, workloads: Collection[str]
    ) -> pl.DataFrame:
        about = (question, metric, tuple(sorted(workloads)))
        key = (*about, first, last)
        if key not in self._kept:
            known = self._months.get(about)
            if known is None or known[0] > first or known[1] < last:
                known = self._months[about] = self._fetched(about, known, first, last)
            within = pl.col("month").is_between(first, last)
            self._kept[key] = known[2].filter(within)
        return self._kept[key]

    def _fetched(self, about: _About, known: _Months | None, first: date, last: date) -> _Months:
        """More months of one holder are fetched with those known; of all, just what is asked."""
        begin, end = months_before(first, self.margin), last
        if known and self.holder:
            begin, end = min(begin, known[0]), max(end, known[1])
        question, metric, workloads = about
        params: dict[str, Parameter] = {
            "metric": metric,
            "from_month": begin,
            "to_month": end,
            "workloads": workloads,
            "tenants": self.tenants,
            "position": self.position,
        }
        return begin, end, self._frame(question, params)

    def consumed(self, metric: str, month: date) -> pl.DataFrame:
        """The resources consumed in a month: tenant, subscription, resource."""
        params: dict[str, Parameter] = {
            "metric": metric,
            "month": month,
            "tenants": self.tenants,
            "position": self.position,
        }
        return self._frame("consumed", params)

    def reported(self, metric: str, month: date) -> bool:
        """Whether any counted report that states the metric covers the month."""
        return any(
            kind in report_kinds()
            and metric in report_kinds()[kind].metrics
            and first <= month <= last
            for kind, first, last in self._reports
        )

    @cached_property
    def _reports(self) -> list[tuple[str, date, date]]:
        found = self._frame("reports", {"position": self.position})
        return [(kind, first, last) for kind, first, last in found.iter_rows() if first and last]

    @cached_property
    def families(self) -> pl.DataFrame:
        """Subscriptions: subscription, the family of metrics of its product, and whether ``paid``.

        Paid is all but what was bought for no seat, as where users are credited [P].
        """
        found = self._frame("products", {"position": self.position})
        family = pl.col("product").replace_strict(_families(), default="", return_dtype=pl.String)
        return found.select("subscription", family.alias("family"), pl.col("paid").cast(pl.Boolean))

    @cached_property
    def sales(self) -> pl.DataFrame:
        """Subscriptions as sold: subscription, channel, agreed_us (of its agreement, or null)."""
        sql = (
            "SELECT s.subscription, s.channel, a.signed_us FROM subscriptions s"
            " LEFT JOIN agreements a ON a.agreement = s.agreement AND a.position <= :known"
            " WHERE s.position <= :known"
        )
        names = {"subscription": pl.String, "channel": pl.String}
        return self._rows(sql, {**names, "agreed_us": pl.Int64})

    @cached_property
    def customers(self) -> pl.DataFrame:
        """Customers: tenant, country."""
        sql = "SELECT tenant, country FROM customers WHERE position <= :known"
        return self._rows(sql, {"tenant": pl.String, "country": pl.String})

    @cached_property
    def countries(self) -> dict[str, str]:
        """The country of every partner organisation and location (§13.12 is about others)."""
        sql = (
            "SELECT organisation, country FROM organisations WHERE position <= :known"
            " UNION ALL SELECT location, country FROM locations WHERE position <= :known"
        )
        return dict(self.views.execute(sql, {"known": self.position}))

    def _rows(self, sql: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        rows = self.views.execute(sql, {"known": self.position}).fetchall()
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _frame(self, name: str, params: dict[str, Parameter]) -> pl.DataFrame:
        found = pl.from_arrow(self.engine.query(asked(_sql(name), params), params))
        assert isinstance(found, pl.DataFrame), "an answer has columns"
        return found


@cache
def _sql(name: str) -> str:
    return (files(__package__) / "questions" / f"{name}.sql").read_text("utf-8")


@cache
def _families() -> dict[str, str]:
    """Product of a subscription -> the first part of the names of its metrics."""
    text = (files("projections.growth") / "reach.toml").read_text("utf-8")
    families: dict[str, str] = tomllib.loads(text)["product_families"]
    return families


def first_us(month: date) -> int:
    """The first microsecond of a month, UTC."""
    return to_us(datetime(month.year, month.month, 1, tzinfo=UTC))


def last_us(month: date) -> int:
    """The last microsecond of a month, UTC."""
    return first_us(months_before(month, -1)) - 1
