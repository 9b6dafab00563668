"""Where counted reports disagree, and where something is missing."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ledger.usage.questions import CONFLICT_SCHEMA, GAP_SCHEMA, conflicts, gaps
from tests.ledger.usage.builders import ACR, MAU, MICRO, T1, T2, loads, mau, month, report


def test_reports_that_disagree_are_listed_with_the_one_that_stands(tmp_path: Path) -> None:
    """One row a report, the oldest statement first; months on which all agree are not listed."""
    usage = loads(tmp_path)
    late = usage.load(mau("late", {month(8): 150, month(9): 7}), exported_us=11).report
    early = usage.load(
        mau("early", {month(8): 120, month(9): 7, month(7): 1}), exported_us=9
    ).report
    found = conflicts(usage.log, usage.decisions.picture())
    assert found.schema == CONFLICT_SCHEMA
    assert found.select("metric", "tenant", "month", "report", "value_micro", "stands").rows() == [
        (MAU, T1, month(8), early, 120 * MICRO, False),
        (MAU, T1, month(8), late, 150 * MICRO, True),
    ]


def test_a_withdrawn_report_disagrees_with_nobody(tmp_path: Path) -> None:
    """Only counted reports are compared."""
    usage = loads(tmp_path)
    name = usage.load(mau("one", {month(8): 150}), exported_us=1).report
    usage.load(mau("two", {month(8): 120}), exported_us=2)
    usage.withdraw(name, reason="wrong")
    assert conflicts(usage.log, usage.decisions.picture()).is_empty()


def test_gaps_and_stale_keys_are_listed(tmp_path: Path) -> None:
    """June and July lack between May and August; the other tenant ends in June."""
    usage = loads(tmp_path)
    usage.load(mau("one", {month(5): 1, month(8): 1, month(9): 0}), exported_us=1)
    usage.load(mau("two", {month(5): 1, month(6): 1}, tenant=T2), exported_us=1)
    found = gaps(usage.log, usage.decisions.picture())
    assert found.schema == GAP_SCHEMA
    assert found.select("tenant", "missing", "from_month", "to_month", "months").rows() == [
        (T1, "gap", month(5), month(8), 2),
        (T2, "stale", month(6), month(9), 3),
    ]


def test_a_flow_has_no_gaps(tmp_path: Path) -> None:
    """A month without consumption is no missing level."""
    usage = loads(tmp_path)
    key = (T1, "s", "vm")
    usage.load(report("acr", (ACR, {(key, month(1)): 1, (key, month(4)): 1})), exported_us=1)
    assert gaps(usage.log, usage.decisions.picture()).is_empty()


def test_an_empty_ledger_has_neither(tmp_path: Path) -> None:
    """The answers have their columns all the same."""
    usage = loads(tmp_path)
    picture = usage.decisions.picture()
    assert conflicts(usage.log, picture).schema == CONFLICT_SCHEMA
    assert gaps(usage.log, picture).schema == pl.Schema(GAP_SCHEMA)
