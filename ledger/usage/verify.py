"""Checks the usage log against the chain: every row that counts is there, and is that one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ledger.errors import DamagedError
from ledger.usage.decisions import Picture
from ledger.usage.log import UsageLog, verify

Progress = Callable[[int], None]
"""Told how many decisions were checked."""


class UsageReport(NamedTuple):
    """What was checked: usage decisions, the rows their cuts name, what never counted.

    What never counted is told in rows, on a topic in records.
    """

    decisions: int
    rows: int
    uncounted: int


def verify_usage(
    log: UsageLog, picture: Picture, progress: Progress = lambda _: None
) -> UsageReport:
    """Check the rows of every cut that a decision names, by digest.

    Rows that no decision names are left of attempts that were outrun or killed; they mean nothing.
    Raises ``DamagedUsageError`` for the first cut that is not what was counted, ``DamagedError``
    where two decisions name the same rows.
    """
    log.hold(picture.decided)
    _require_attempts_once(picture)
    ends: dict[int, int] = {}
    rows = 0
    cuts = sorted(
        ((cut, entry.position) for entry in picture.decided for cut in entry.decision.cut),
        key=lambda found: (found[0].partition, found[0].first_offset),
    )
    for checked, (cut, position) in enumerate(cuts, start=1):
        if log.dense and cut.first_offset < ends.get(cut.partition, 0):
            raise DamagedError(
                f"Position {position} counts usage rows from {cut.first_offset} on, which another"
                f" decision counts up to {ends[cut.partition]}.",
                hint="Restore chain.db and usage.db from one copy; nothing was mended.",
                code="usage_counted_twice",
            )
        verify(log, cut)
        ends[cut.partition] = cut.end_offset
        rows += cut.count
        progress(checked)
    return UsageReport(len(picture.decided), rows, log.left_over(picture.decided))


def _require_attempts_once(picture: Picture) -> None:
    """An attempt's rows count from one position on; raises ``DamagedError`` where there are two."""
    decided: dict[str, int] = {}
    for entry in picture.decided:
        if not entry.decision.cut:
            continue
        first = decided.setdefault(entry.decision.attempt, entry.position)
        if first != entry.position:
            raise DamagedError(
                f"Position {entry.position} counts the attempt {entry.decision.attempt}, which"
                f" position {first} counts already.",
                hint="Find out who decided twice; nothing was mended.",
                code="usage_counted_twice",
            )
