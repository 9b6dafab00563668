"""When a decision is true in the world: the effective instant of a command, checked."""

from __future__ import annotations

from datetime import datetime

from ledger.decision import Context
from ledger.refusal import Refused
from schemas.time import iso, to_us


def effective_us(
    context: Context,
    command: str,
    given: datetime | None,
    *,
    not_before_us: int = 0,
    because: str = "",
) -> int:
    """The effective instant in microseconds UTC: the one given, or now.

    Refused as ``effective_in_future`` when it lies after now, and as ``effective_too_early`` when
    it lies before ``not_before_us``, the instant that ``because`` tells (``"its start"``).
    """
    at_us = context.now_us if given is None else to_us(given)
    if at_us > context.now_us:
        raise Refused(
            "effective_in_future", value=iso(at_us), now=iso(context.now_us), command=command
        )
    if at_us < not_before_us:
        raise Refused(
            "effective_too_early", value=iso(at_us), earliest=iso(not_before_us), because=because
        )
    return at_us


def check_until(given: datetime | None, from_us: int) -> None:
    """Refuse, as ``until_not_after``, an end that does not lie after the start."""
    if given is not None and to_us(given) <= from_us:
        raise Refused("until_not_after", until=iso(to_us(given)), start=iso(from_us))
