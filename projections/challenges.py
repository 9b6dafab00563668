"""Fold of the answers that incumbents of arbitrations owe: a deadline of its own for each (§14.7).

In two times: a row is known from the event that told the incumbent until the one that ended it.
"""

from __future__ import annotations

import sqlite3

from projections.record import Record
from schemas.time import FOREVER_US

_OPEN = "SELECT challenger, claim_no FROM challenges WHERE known_to = ?"
_INSERT = "INSERT INTO challenges VALUES (?, ?, ?, ?, ?)"
_CLOSE = "UPDATE challenges SET known_to = ? WHERE challenger = ? AND claim_no = ? AND known_to = ?"


class Challenges:
    """The table ``challenges``; what is open is remembered, for it is little."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._views = views
        self._open = set(views.execute(_OPEN, (FOREVER_US,)))

    @property
    def none(self) -> bool:
        """Whether nothing is awaited of anybody."""
        return not self._open

    def open(self, challenger: str, claim_no: int, due_us: int, record: Record) -> None:
        """An incumbent (``claim_no``) may answer a challenger's claim until an instant."""
        self._views.execute(_INSERT, (claim_no, challenger, due_us, record.position, FOREVER_US))
        self._open.add((challenger, claim_no))

    def close(
        self, record: Record, *, challenger: str | None = None, claim_no: int | None = None
    ) -> None:
        """Nothing is awaited any more of those that fit."""
        if not self._open:
            return
        over = [
            one for one in self._open if challenger in (None, one[0]) and claim_no in (None, one[1])
        ]
        self._views.executemany(
            _CLOSE, [(record.position, *one, FOREVER_US) for one in sorted(over)]
        )
        self._open.difference_update(over)
