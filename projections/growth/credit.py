"""Credited usage: for each key and month, to whom a credit rule gives it, pinned to a position.

This is what programmes, levels and statements are computed from. One row of the answer is one key
(metric, workload, tenant, subscription) in one month, as credited to one holder: what it grew, the
part of it across a gap, its opening and the level it reached. A key that several hold has a row for
each of them, with the same amounts; a key that nobody holds has one row with an empty holder.

    answer = credited(engine, wanted=Wanted(metrics=("m365.mau",), partners=("101",)), position=7)
    for row in answer.rows():            # CreditRow
        row.partner, row.metric, row.month, row.grown_micro, row.level_micro

The same question at the same position has the same answer for ever. Which associations reach which
usage is the rule's: `credit_rules.toml` names them, DESIGN §7 says what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from projections.growth.credit_rules import SLOT_HOLDER
from projections.growth.engine import AnalyticsEngine
from projections.growth.growth import Wanted, growth


class CreditRow(NamedTuple):
    """One key in one month as credited to one holder; amounts in millionths of the metric's unit.

    ``grown_micro`` includes ``across_gap_micro``; an opening is never growth. ``level_micro`` is
    what was stated for the month, None for a flow and where nothing is stated. ``gap_from`` is the
    last stated month before a gap. The holder's fields are empty when nobody holds.
    """

    metric: str
    month: date
    workload: str
    tenant: str
    subscription: str
    kind: str
    partner: str
    organisation: str
    grown_micro: int
    across_gap_micro: int
    opening_micro: int
    level_micro: int | None
    gap_from: date | None


@dataclass(frozen=True)
class Credited:
    """The answer of ``credited``: ``table`` has the columns of ``CreditRow``, month by month."""

    position: int
    rule: str
    table: pa.Table = field(repr=False)

    def rows(self) -> Iterator[CreditRow]:
        """The rows as plain values, month by month."""
        columns = [self.table[name].to_pylist() for name in CreditRow._fields]
        return map(CreditRow._make, zip(*columns, strict=True))


def credited(
    engine: AnalyticsEngine,
    *,
    rule: str = SLOT_HOLDER,
    wanted: Wanted | None = None,
    position: int | None = None,
) -> Credited:
    """Everything that ``wanted`` is about, as credited by ``rule``, as known at ``position``.

    ``wanted.partners`` and ``wanted.organisations`` leave only what these are credited for.
    Raises ``BadInputError`` for an unknown rule, a day that is not the first of its month, or a
    position that is not fed yet (``position`` defaults to the last one fed).
    """
    answer = growth(engine, by=_BY, wanted=wanted, position=position, rule=rule)
    table = answer.table
    told = {
        "grown_micro": _sum(table, "credited_micro", "uncredited_micro"),
        "across_gap_micro": _sum(table, "credited_across_gap_micro", "uncredited_across_gap_micro"),
    }
    columns = {name: told.get(name) or table[name] for name in CreditRow._fields}
    return Credited(answer.position, rule, pa.table(columns))


def _sum(table: pa.Table, *names: str) -> pa.Array:
    amounts = zip(*(table[name].to_pylist() for name in names), strict=True)
    return pa.array([sum(each) for each in amounts], pa.int64())


_BY = ("month", "metric", "workload", "tenant", "subscription", "kind", "partner", "organisation")
