"""A statement: every line of a partner's month in one canonical text, the same for ever.

Its bytes are JSON with sorted keys and no spaces; numbers with fractions are text, exactly as they
were reckoned. ``FORM`` numbers the way it is written: another way gets another number, and an old
statement is always written in its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from projections.incentives.lines import Line
from projections.incentives.rule_book import RuleBook

FORM = 1


@dataclass(frozen=True)
class Statement:
    """What a partner earned in a month, as known at a position, by which rules.

    ``location`` is None for the organisation with all its locations.
    """

    organisation: str
    location: str | None
    month: date
    position: int
    book: RuleBook
    lines: tuple[Line, ...]

    def whole(self) -> dict[str, Any]:
        """The statement as plain values, in the form its bytes are made of."""
        return {
            "form": FORM,
            "organisation": self.organisation,
            "location": self.location,
            "month": str(self.month),
            "position": self.position,
            "rules": [
                {
                    "sort": one.sort,
                    "name": one.name,
                    "sha256": one.sha256,
                    "adopted_at": one.adopted_at,
                }
                for one in sorted(self.book.rules, key=lambda one: (one.sort, one.name))
            ],
            "lines": [told(line) for line in self.lines],
            "totals": totals(self.lines),
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return orjson.dumps(self.whole(), option=orjson.OPT_SORT_KEYS)

    @property
    def sha256(self) -> str:
        """The hash of the canonical bytes, hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def credited(self) -> int:
        """How many lines are credited."""
        return sum(line.status == "credited" for line in self.lines)


def told(line: Line) -> dict[str, Any]:
    """A line as plain values: each unit with rule, inputs and reason code."""
    return {
        "programme": line.programme,
        "lever": line.lever,
        "month": str(line.month),
        "tenant": line.place.tenant,
        "workload": line.place.workload or None,
        "subscription": line.place.subscription or None,
        "partner": line.tenure.partner,
        "claim": line.tenure.claim,
        "association": line.tenure.association,
        "because": line.tenure.because,
        "status": line.status,
        "reason": line.reason and line.reason.code,
        "reasons": [{"code": one.code, "found": one.found} for one in line.reasons],
        "quantity": number(line.quantity),
        "quantity_type": line.quantity_type,
        "beside": number(line.beside),
        "beside_type": line.beside_type,
        "hwm": number(line.mark),
        "hwm_after": number(line.mark_after),
        "hwm_beside": number(line.mark_beside),
        "units": number(line.units),
        "units_beside": number(line.units_beside),
        "uncapped": number(line.uncapped),
        "milestone": line.milestone,
        "milestone_share": line.milestone_share,
        "bucket": line.bucket,
        "caps": [
            {"cap": one.cap, "left": number(one.left), "cut": number(one.cut)} for one in line.caps
        ],
        "amount": number(line.amount),
        "currency": line.currency,
        "rate": line.rate,
        "accelerator": line.accelerator,
        "reports": list(line.reports),
        "rule": line.rule,
        "source": line.source,
    }


MONEY = ("amount", "currency", "rate", "accelerator")
"""What only those may see who may see revenue (domain.md §14.2)."""


def totals(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Credited units of each programme and, by currency, amounts."""
    units: dict[tuple[str, str | None], tuple[Decimal, Decimal | None]] = {}
    for line in lines:
        if line.status == "credited":
            key = (line.programme, line.currency)
            before, money = units.get(key, (Decimal(0), None))
            amount = money if line.amount is None else (money or Decimal(0)) + line.amount
            units[key] = (before + line.units, amount)
    return [
        {"programme": name, "currency": currency, "units": number(n), "amount": number(amount)}
        for (name, currency), (n, amount) in sorted(units.items(), key=lambda one: str(one[0]))
    ]


def number(value: Decimal | None) -> str | None:
    """A number in one spelling: no exponent, no zeros at the end.

    >>> number(Decimal("1E+2")), number(Decimal("2.50")), number(Decimal("-0.0"))
    ('100', '2.5', '0')
    """
    if value is None:
        return None
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


class Change(NamedTuple):
    """A line that one event changed: as it stood before it and after; None: no such line."""

    position: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


Told = Mapping[tuple[str, ...], Mapping[str, Any]]
"""Lines as plain values, by what makes them the same line."""


def by_key(lines: Sequence[Line]) -> dict[tuple[str, ...], dict[str, Any]]:
    """The lines as plain values, by what makes them the same line."""
    return {line.key: told(line) for line in lines}


def changes(at: Any, before: int, after: int) -> list[Change]:
    """Every change of a line between two positions, each with the position that made it.

    ``at(position)`` gives the lines by key. Spans in which nothing changed in the end are passed
    over whole, so that a few hundred questions suffice for a log of any length; the changes told
    lead, one after another, from the lines of ``before`` to those of ``after``.
    """
    found: list[Change] = []
    _between(at, (before, at(before)), (after, at(after)), found)
    return found


def _between(at: Any, low: tuple[int, Told], high: tuple[int, Told], found: list[Change]) -> None:
    if low[1] == high[1]:
        return
    if high[0] - low[0] == 1:
        found += [
            Change(high[0], low[1].get(key), high[1].get(key))
            for key in sorted(low[1].keys() | high[1].keys())
            if low[1].get(key) != high[1].get(key)
        ]
        return
    middle = (low[0] + high[0]) // 2
    between = (middle, at(middle))
    _between(at, low, between, found)
    _between(at, between, high, found)
