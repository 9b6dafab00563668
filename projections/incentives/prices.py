"""Amounts: units by a user's own rate, with the programme's lever and a region's accelerator.

Amounts are told to a hundredth of the currency, a half away from zero [P].
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ledger.rules.incentive_programmes.programme import (
    Accelerator,
    ActiveUsers,
    DailyRole,
    IncentiveProgramme,
)
from ledger.rules.rates import Asked, RateCard, find
from projections.incentives.caps import Price
from projections.incentives.lines import Line

CENT = Decimal("0.01")
ONE, HUNDRED = Decimal(1), Decimal(100)

Countries = Callable[[Line], tuple[str, str]]
"""The country of a line's customer, and of its partner organisation."""


def pricing(
    programme: IncentiveProgramme, cards: Sequence[RateCard], countries: Countries
) -> Price:
    """What gives a line its amount; without a rate that fits, it has none."""

    def price(line: Line) -> Line:
        customer, partner = countries(line)
        asked = Asked(
            programme.id,
            line.month,
            line.place.workload,
            line.bucket or "",
            line.milestone,
            customer,
        )
        found = find(cards, asked)
        if found is None:
            return line
        card, rate = found
        faster = accelerator(programme, line, customer, partner)
        amount = line.units * rate.per_unit * _lever(programme, line)
        amount *= faster.multiplier if faster else ONE
        return replace(
            line,
            amount=amount.quantize(CENT, ROUND_HALF_UP),
            currency=card.currency,
            rate=f"{rate.per_unit.normalize():f} ({card.rates}: {rate.source})",
            accelerator=f"{faster.id} x {faster.multiplier.normalize():f}" if faster else None,
        )

    return price


def accelerator(
    programme: IncentiveProgramme, line: Line, customer: str, partner: str
) -> Accelerator | None:
    """The highest multiplier of those that fit; they are not multiplied with each other [P]."""
    fitting = [
        one
        for one in programme.accelerators
        if one.fits(
            line.place.workload, customer if one.region == "customer" else partner, line.month
        )
    ]
    return max(fitting, key=lambda one: one.multiplier, default=None)


def _lever(programme: IncentiveProgramme, line: Line) -> Decimal:
    """What a rate is multiplied by, beside the units (domain.md §8.4).

    The lever of a fee on active users. Partner earned credit is a part of what was consumed: of
    each day the same part [P], so the units, days, are days of the month's consumption.
    """
    formula = programme.formula
    if isinstance(formula, ActiveUsers):
        return formula.lever_percent / HUNDRED
    if isinstance(formula, DailyRole):
        days = monthrange(line.month.year, line.month.month)[1]
        return (line.quantity or Decimal(0)) / days
    return ONE
