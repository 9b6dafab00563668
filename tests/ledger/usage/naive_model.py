"""The rules of partner_center_files.md §2 once more, in lists and dicts, for one metric at a time.

Slow, obvious, and without a line of the code it checks. A key is ``(tenant, workload)`` or any
tuple; a month is a ``date``. A report is ``(exported, loaded, {(key, month): value})``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

Key = Hashable
Statements = Mapping[Any, int]


class Report(NamedTuple):
    """A counted report; the greater ``(exported, loaded)``, the newer."""

    exported: int
    loaded: int
    statements: Statements


class Month(NamedTuple):
    """What counts of one key and month: the amount of each mark that has one, level and gap."""

    amounts: frozenset[tuple[str, int]]
    level: int | None
    gap_from: date | None


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def newest(reports: Iterable[Report]) -> dict[tuple[Key, date], int]:
    """The statement that stands for each key and month."""
    standing: dict[tuple[Key, date], int] = {}
    for report in sorted(reports, key=lambda it: (it.exported, it.loaded)):
        standing.update(report.statements)
    return standing


def stock(reports: Iterable[Report], births: Mapping[Key, date]) -> dict[tuple[Key, date], Month]:
    """What loading the counted statements of a stock once, in order of month, gives."""
    months: dict[Key, list[tuple[date, int]]] = defaultdict(list)
    for (key, month), value in newest(reports).items():
        months[key].append((month, value))
    told = {}
    for key, levels in months.items():
        before: tuple[date, int] | None = None
        for month, value in sorted(levels):
            told[key, month] = _level(before, month, value, births.get(key))
            before = month, value
    return told


def _level(before: tuple[date, int] | None, month: date, value: int, born: date | None) -> Month:
    if before is None:
        return _month("growth" if born == month else "opening", value, value, None)
    last_month, last_value = before
    if next_month(last_month) == month:
        return _month("growth", value - last_value, value, None)
    return _month("gap", value - last_value, value, last_month)


def _month(mark: str, amount: int, level: int, gap_from: date | None) -> Month:
    amounts = frozenset({(mark, amount)}) if amount else frozenset()
    return Month(amounts, level, gap_from)


def flow(reports: Iterable[Report]) -> dict[tuple[Key, date], Month]:
    """What loading the counted statements of a flow gives; a flow of 0 leaves nothing."""
    return {
        place: Month(frozenset({("growth", value)}), None, None)
        for place, value in newest(reports).items()
        if value
    }


class Row(NamedTuple):
    """One counted increment."""

    key: Key
    month: date
    mark: str
    delta: int
    level: int | None
    gap_from: date | None


def counted(rows: Iterable[Row]) -> dict[tuple[Key, date], Month]:
    """What counted increments say, in the order in which they came to count."""
    sums: dict[tuple[Key, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    last: dict[tuple[Key, date], tuple[int | None, date | None]] = {}
    for row in rows:
        sums[row.key, row.month][row.mark] += row.delta
        last[row.key, row.month] = row.level, row.gap_from
    told = {}
    for place, marks in sums.items():
        amounts = frozenset((mark, amount) for mark, amount in marks.items() if amount)
        if amounts or last[place][0] is not None:
            told[place] = Month(amounts, *last[place])
    return told
