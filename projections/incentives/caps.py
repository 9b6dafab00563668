"""Earning caps: at most so much in a period, in the order of months (domain.md §8.4).

Sources say that caps exist per lever, customer and period and since a claim's attachment, and
publish no number; a programme file of a user's own says them. A cap is of one partner
organisation [P], and lines of one month use it up in the order of their places [P].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ledger.rules.incentive_programmes.programme import NOT_PUBLISHED, Cap
from projections.incentives.lines import ZERO, CapUse, Line
from projections.incentives.months import period_start
from projections.incentives.reasons import Reason

FISCAL_YEAR_BEGINS = 7
"""Microsoft's fiscal year begins in July (domain.md §2)."""

Price = Callable[[Line], Line]
"""Gives a line its amount, where a rate is known."""

_Key = tuple[str, ...]


def capped(
    caps: Iterable[Cap],
    lines: Iterable[Line],
    price: Price = lambda line: line,
    begins: int = FISCAL_YEAR_BEGINS,
) -> list[Line]:
    """The lines, priced, each credited at most what its caps leave, with what is left after it.

    Caps of units are applied before the price, caps of amounts after it. ``lines`` stand in the
    order of months; ``begins`` is the month in which the fiscal year begins.
    """
    ordered = sorted(caps, key=lambda cap: cap.unit != "units")
    book = _Book(begins)
    return [book.enter(ordered, line, price) for line in lines]


class _Book:
    """What each cap has let through so far."""

    def __init__(self, begins: int) -> None:
        self._begins = begins
        self._used: dict[_Key, Decimal] = defaultdict(Decimal)

    def enter(self, caps: list[Cap], line: Line, price: Price) -> Line:
        units_before = line.units
        cuts: dict[str, Decimal] = {}
        for cap in caps:
            if cap.unit == "units":
                line, cuts[cap.id] = self._cut(cap, line)
        line = price(line)
        for cap in caps:
            if cap.unit == "amount":
                line, cuts[cap.id] = self._cut(cap, line)
        if not line.reasons and _used_up(line, units_before, cuts):
            name = next(cap for cap, cut in cuts.items() if cut)
            line = replace(
                line, reasons=(Reason("CAPREACHED", name),), units=ZERO, units_beside=ZERO
            )
        for cap in caps:
            self._used[_key(cap, line, self._begins)] += _measured(cap, line) or ZERO
        return replace(
            line, caps=tuple(CapUse(c.id, self._left(c, line), cuts[c.id]) for c in caps)
        )

    def _cut(self, cap: Cap, line: Line) -> tuple[Line, Decimal]:
        """The line within what the cap leaves, and what was cut off."""
        measured, left = _measured(cap, line), self._left(cap, line)
        if line.reasons or left is None or measured is None or measured <= left:
            return line, ZERO
        cut = replace(line, units=left) if cap.unit == "units" else replace(line, amount=left)
        return cut, measured - left

    def _left(self, cap: Cap, line: Line) -> Decimal | None:
        if cap.most == NOT_PUBLISHED or _measured(cap, line) is None:
            return None
        return max(ZERO, cap.most - self._used.get(_key(cap, line, self._begins), ZERO))


def _used_up(line: Line, units_before: Decimal, cuts: Mapping[str, Decimal]) -> bool:
    """Whether caps left nothing of a line that had something."""
    nothing = line.units == 0 or line.amount == 0
    return units_before > 0 and any(cuts.values()) and nothing


def _measured(cap: Cap, line: Line) -> Decimal | None:
    return line.units if cap.unit == "units" else line.amount


def _key(cap: Cap, line: Line, begins: int) -> _Key:
    of = {
        "customer": line.place.tenant,
        "workload": line.place.workload,
        "claim": line.tenure.claim or "",
    }
    whose = (cap.id, line.tenure.organisation, *(of[name] for name in cap.per))
    return (*whose, _period(cap, line.month, begins))


def _period(cap: Cap, month: date, begins: int) -> str:
    if cap.period in ("claim", "programme"):
        return ""
    return str(month if cap.period == "month" else period_start(month, cap.period, begins))
