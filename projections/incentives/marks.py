"""High-water marks: the units above the highest level before (domain.md §8.4, §13.13, §15 S10)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from ledger.rules.incentive_programmes.programme import HighWaterMark, Minimum
from projections.incentives.reasons import Reason

ZERO = Decimal(0)


class Level(NamedTuple):
    """A level as stated for a month; ``opened`` where nothing shows what stood before it.

    ``position`` is that of the decision that makes the statement count.
    """

    value: Decimal
    opened: bool
    report: str
    position: int


class Marks(NamedTuple):
    """The marks of a tenant and workload at a month's start; None before any level is known."""

    paying: Decimal | None = None
    beside: Decimal | None = None


class Month(NamedTuple):
    """What a month gives, whoever holds: units above the mark, or why there are none."""

    before: Marks
    after: Marks
    units: Decimal
    units_beside: Decimal
    reasons: tuple[Reason, ...]


def month_of(
    marks: Marks,
    stated: Mapping[str, Level],
    rule: HighWaterMark,
    minimum: Minimum | None,
    *,
    held: bool = True,
    earns: bool = True,
) -> Month:
    """The units of a month and the marks after it.

    ``stated`` are the levels of the month by metric. A mark that moves with what was earned alone
    stays where somebody holds (``held``) and is not paid (``earns``). A month without a report
    leaves the mark; the first level ever, with nothing to show what was before, becomes it.
    """
    paid, beside = stated.get(rule.pays), stated.get(rule.beside)
    if paid is None:
        return Month(marks, marks, ZERO, ZERO, (Reason("NOREPORT", rule.pays),))
    start = Marks(_start(marks.paying, paid), _start(marks.beside, beside))
    reasons = (*_too_few(stated, minimum), *_not_above(start.paying, stated, rule))
    units = ZERO if reasons or start.paying is None else paid.value - start.paying
    always = rule.mark_moves == "every_level" or start.paying is None or not held
    moves = always or (earns and units > 0)
    after = Marks(
        _highest(start.paying, paid) if moves else start.paying, _highest(start.beside, beside)
    )
    above = ZERO if beside is None or start.beside is None else beside.value - start.beside
    return Month(start, after, units, max(ZERO, above), reasons)


def _start(mark: Decimal | None, level: Level | None) -> Decimal | None:
    """The mark before the level: 0 where a first level follows evidence that nothing was used."""
    return ZERO if mark is None and level is not None and not level.opened else mark


def _highest(mark: Decimal | None, level: Level | None) -> Decimal | None:
    if level is None or mark is None:
        return mark if level is None else level.value
    return max(mark, level.value)


def _too_few(stated: Mapping[str, Level], minimum: Minimum | None) -> tuple[Reason, ...]:
    if minimum is None:
        return ()
    level = stated.get(minimum.metric)
    if level is None:
        return (Reason("NOREPORT", minimum.metric),)
    if level.value >= minimum.units:
        return ()
    return (Reason(minimum.reason, f"{level.value} of at least {minimum.units}"),)


def _not_above(
    mark: Decimal | None, stated: Mapping[str, Level], rule: HighWaterMark
) -> tuple[Reason, ...]:
    if mark is None:
        return (Reason("OPENING", f"{stated[rule.pays].value} is the first level stated"),)
    found = []
    for metric in rule.above_mark:
        level = stated.get(metric)
        if level is None:
            found.append(Reason("NOREPORT", metric))
        elif level.value <= mark:
            code = "PAULWPHWM" if metric == rule.pays else "MAULWPHWM"
            found.append(Reason(code, f"{level.value} is not above the mark {mark}"))
    return tuple(found)
