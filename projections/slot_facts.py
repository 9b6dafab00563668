"""What was told about each place that nobody claims, so that it can be told again set right.

The rows of a slot follow from its facts in order of position. When one of them is corrected or
retracted (``schemas.corrections``) the slot is settled anew from those that are left.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from projections import timeline
from projections.timeline import Holding, Span
from projections.views import index_for_folds
from schemas.time import FOREVER_US

SET, STARTED, EMPTIED, CUT, EXTENDED = "set", "started", "emptied", "cut", "extended"
_INSERT = "INSERT INTO slot_facts VALUES (?, ?, ?, ?, ?, ?, ?)"
_OF_SLOT = (
    "SELECT what, effective_us, until_us, subscription, holdings FROM slot_facts"
    " WHERE slot = ? ORDER BY position, rowid"
)


class SlotFacts:
    """The facts of every slot, gathered until ``write``."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._views = views
        self._new: list[tuple[Any, ...]] = []

    def tell(
        self,
        slot: str,
        position: int,
        what: str,
        at_us: int,
        until_us: int = FOREVER_US,
        holdings: Sequence[Holding] = (),
    ) -> None:
        """Keep one fact; ``until_us`` is an end of its own, not that of a subscription."""
        subscription = holdings[0].subscription if holdings else None
        told = orjson.dumps([tuple(each) for each in holdings]).decode() if holdings else "[]"
        self._new.append((slot, position, what, at_us, until_us, subscription or "", told))

    def write(self) -> None:
        """Bring the gathered facts into the table."""
        if self._new:
            self._views.executemany(_INSERT, self._new)
            self._new = []

    def mend(self, position: int, at_us: int | None) -> list[str]:
        """Give the facts of a position another instant, or none (None); the slots concerned."""
        self.write()
        index_for_folds(self._views)
        sql = "SELECT DISTINCT slot FROM slot_facts WHERE position = ? ORDER BY slot"
        slots = [slot for (slot,) in self._views.execute(sql, (position,)).fetchall()]
        if at_us is None:
            self._views.execute("DELETE FROM slot_facts WHERE position = ?", (position,))
        else:
            mend = "UPDATE slot_facts SET effective_us = ? WHERE position = ?"
            self._views.execute(mend, (at_us, position))
        return slots

    def told(
        self, slot: str, subscription_end: Callable[[str], int]
    ) -> tuple[list[Span], list[int]]:
        """The spans that the slot's facts give in order, and the instants it was emptied at."""
        spans: list[Span] = []
        emptied: list[int] = []
        for what, at_us, until_us, subscription, told in self._views.execute(_OF_SLOT, (slot,)):
            holdings = [Holding(*each) for each in orjson.loads(told)]
            end_us = min(until_us, subscription_end(subscription) if subscription else until_us)
            spans, emptied = _after(what, at_us, end_us, holdings, spans, emptied)
        return spans, sorted(emptied)


def _after(
    what: str,
    at_us: int,
    end_us: int,
    holdings: Iterable[Holding],
    spans: list[Span],
    emptied: list[int],
) -> tuple[list[Span], list[int]]:
    """A slot after one more fact, as ``projections.placing`` makes it."""
    match what:
        case "set":
            found = timeline.started(spans, emptied, at_us, end_us, holdings)
            return found, [us for us in emptied if us != at_us]
        case "started":
            return timeline.started(spans, (), at_us, end_us, holdings), emptied
        case "emptied":
            turn = timeline.next_turn(spans, emptied, at_us)
            return timeline.without(spans, at_us, turn), [*{*emptied, at_us}]
        case "extended":  # a term that ended at that instant goes on to a later one
            return timeline.extended(spans, at_us, end_us), emptied
        case _:
            return timeline.without(spans, at_us, FOREVER_US), emptied
