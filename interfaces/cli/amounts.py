"""Amounts as people read them: millionths back into units, exact."""

from __future__ import annotations

from decimal import Decimal

MICRO = 1_000_000


def units(amount_micro: int | None) -> str | None:
    """The amount in units, no digit lost and none added; None for no amount.

    >>> units(1_500_000), units(-3_000_000), units(10)
    ('1.5', '-3', '0.00001')
    """
    if amount_micro is None:
        return None
    text = f"{Decimal(amount_micro) / MICRO:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
