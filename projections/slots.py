"""The rows of the holdings view as the ledger knows them now, slot by slot, and what changes.

Owns the second time, of knowledge: a slot is settled to new spans by closing the rows that no
longer hold and adding those that do; rows that stay are not touched.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from projections.record import Record
from projections.relocations import Relocations
from projections.remembered import Remembered
from projections.slot_facts import SlotFacts
from projections.timeline import Holding, Span, joined_up
from projections.views import index_for_folds
from schemas.time import FOREVER_US

_LIMIT = 50_000
_HASHES = 1 << 24
_SETTLED, _EMPTIED = 1, 2
_NOW = """
SELECT row_id, effective_from, effective_to, kind, slot, tenant, subscription, workload, activity,
       scope, role, partner, organisation, claim, because, rule
FROM holdings WHERE slot = ? AND known_to = 9223372036854775807 ORDER BY row_id
"""
_OF_PARTNER = """
SELECT DISTINCT slot FROM holdings
WHERE partner = ? AND known_to = 9223372036854775807 AND effective_to > ? ORDER BY slot
"""
_WITHOUT_TURNS = ("CPOR", "PAL")
# '' stands for nothing: the driver binds text several times faster than None.
_MAYBE = "NULLIF(?, '')"
_INSERT = f"""
INSERT INTO holdings VALUES (?, ?, ?, ?, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, {_MAYBE}, ?, ?,
                             {_MAYBE}, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_KNOWN_TO, _RECORDED_TO = 15, 17

_FEW = 8

Row = tuple[int, Span]
"""A row that stands now: its ``row_id`` and what it says."""

Part = tuple[str | None, str | None]
"""Scope and role: what a link measures by one of many roles is settled without the others."""


class Slots:
    """The current rows of every slot, with changes gathered until ``write``.

    ``fresh`` promises an empty table: then slots that were never settled are not looked up, and
    nothing is indexed before one that was settled and forgotten is.
    """

    def __init__(
        self, views: sqlite3.Connection, relocations: Relocations, *, fresh: bool = False
    ) -> None:
        self._views, self._relocations = views, relocations
        self.facts = SlotFacts(views)
        # One byte per hash: settled, emptied. A collision costs one look-up; not for views that
        # were there before.
        self._seen = bytearray(_HASHES) if fresh else None
        self._indexed = not fresh
        last = views.execute("SELECT coalesce(max(row_id), 0) FROM holdings").fetchone()[0]
        self._next = self._first_new = last + 1
        self._rows: Remembered[str, Sequence[Row]] = Remembered(_LIMIT)
        self._parts: Remembered[str, dict[Part, list[Row]]] = Remembered(_LIMIT)
        self._new: list[list[Any]] = []
        self._closed: list[tuple[int, int, int]] = []

    def spans(self, slot: str) -> list[Span]:
        """What stands for the slot now: each holding whole, under the location it began with."""
        rows = self._current(slot)
        spans = [span for _, span in rows] if rows else []
        return spans if len(spans) < 2 or self._relocations.none else joined_up(spans)

    def settle(self, slot: str, spans: Sequence[Span], record: Record) -> None:
        """Make ``spans`` what is known of the slot from the record's position on.

        Each is cut where its location changed (``projections.relocations``).
        """
        if not self._relocations.none:
            spans = [piece for span in spans for piece in self._placed(span)]
        current = self._current(slot)
        if current:
            rows, spans = self._kept(current, spans, record)
        else:
            rows = []
            if self._seen is not None:
                self._seen[hash(slot) % _HASHES] |= _SETTLED
        for span in spans:
            rows.append(self._open(span, record))
        self._rows[slot] = rows

    def changed(self, location: str) -> bool:
        """Whether a location ever changed, so that what it holds is cut into pieces."""
        return self._relocations.changed(location)

    def part(self, slot: str, part: Part) -> list[Span]:
        """What stands for one scope and role of the slot now."""
        return [span for _, span in self._by_part(slot).get(part, ())]

    def settle_part(self, slot: str, part: Part, spans: Sequence[Span], record: Record) -> None:
        """As ``settle``, of one scope and role: the cost does not grow with the others.

        Only for spans of locations that never changed.
        """
        parts = self._by_part(slot)
        rows, new = self._kept(parts.get(part, ()), spans, record)
        parts[part] = [*rows, *(self._open(span, record) for span in new)]
        if self._seen is not None:
            self._seen[hash(slot) % _HASHES] |= _SETTLED

    def _by_part(self, slot: str) -> dict[Part, list[Row]]:
        parts = self._parts.get(slot)
        if parts is None:
            parts = {}
            for row in self._current(slot):
                parts.setdefault((row[1].holding.scope, row[1].holding.role), []).append(row)
            self._rows.pop(slot, None)
            self._parts[slot] = parts
        return parts

    def _placed(self, span: Span) -> list[Span]:
        pieces = self._relocations.placed(span)
        if not pieces and span.holding.kind not in _WITHOUT_TURNS:
            # Deleted by its start, it holds nothing, and its turn is known all the same.
            self.mark_emptied(span.holding.slot, span.start_us)
        return pieces

    def _kept(
        self, current: Sequence[Row], spans: Sequence[Span], record: Record
    ) -> tuple[list[Row], list[Span]]:
        """The rows that stay, and the spans that have none yet; closes the other rows."""
        if len(current) > _FEW:  # a link with many roles: comparing each with each would tell
            known = Counter(span for _, span in current)
            new = [span for span in spans if not _taken(known, span)]
            wanted = Counter(spans)
            rows = [row for row in current if _taken(wanted, row[1])]
            kept = {row_id for row_id, _ in rows}
            for row_id, _ in current:
                if row_id not in kept:
                    self._close(row_id, record)
            return rows, new
        left = list(spans)
        rows = []
        for row in current:
            if row[1] in left:
                left.remove(row[1])
                rows.append(row)
            else:
                self._close(row[0], record)
        return rows, left

    def settle_anew(self, location: str, record: Record) -> None:
        """Settle every slot that a location has: the record changed the location."""
        self.write()
        index_for_folds(self._views)
        asked = (location, record.effective_at_us)
        for (slot,) in self._views.execute(_OF_PARTNER, asked).fetchall():
            self.settle(slot, [span for _, span in self._current(slot)], record)

    def emptied(self, slot: str) -> list[int]:
        """The instants at which the slot was emptied, as known now."""
        if self._never(slot, _EMPTIED):
            return []
        sql = "SELECT effective_us FROM emptied WHERE slot = ? ORDER BY effective_us"
        return [us for (us,) in self._views.execute(sql, (slot,))]

    def mark_emptied(self, slot: str, at_us: int) -> None:
        """Keep that the slot was emptied at an instant."""
        self._views.execute("INSERT OR IGNORE INTO emptied VALUES (?, ?)", (slot, at_us))
        if self._seen is not None:
            self._seen[hash(slot) % _HASHES] |= _EMPTIED

    def unmark_emptied(self, slot: str, at_us: int) -> None:
        """A later fact fills the slot at that very instant."""
        self._views.execute(
            "DELETE FROM emptied WHERE slot = ? AND effective_us = ?", (slot, at_us)
        )

    def empty_only(self, slot: str, instants: Sequence[int]) -> None:
        """Make these the instants at which the slot was emptied."""
        self._views.execute("DELETE FROM emptied WHERE slot = ?", (slot,))
        for at_us in instants:
            self.mark_emptied(slot, at_us)

    def write(self) -> None:
        """Bring the gathered changes into the table."""
        self.facts.write()
        self._views.executemany(_INSERT, self._new)
        closing = "UPDATE holdings SET known_to = ?, recorded_to = ? WHERE row_id = ?"
        self._views.executemany(closing, self._closed)
        self._new, self._closed, self._first_new = [], [], self._next
        self._rows.forget()
        self._parts.forget()

    def _current(self, slot: str) -> Sequence[Row]:
        rows = self._rows.get(slot)
        if rows is None and slot in self._parts:
            parts = self._parts.pop(slot)
            rows = self._rows[slot] = sorted(row for each in parts.values() for row in each)
        if rows is None:
            if self._never(slot, _SETTLED):
                return ()
            if not self._indexed:
                index_for_folds(self._views)
                self._indexed = True
            found = self._views.execute(_NOW, (slot,)).fetchall()
            rows = [(row[0], Span(Holding(*row[3:]), row[1], row[2])) for row in found]
            self._rows[slot] = rows
        return rows

    def _never(self, slot: str, what: int) -> bool:
        return self._seen is not None and not self._seen[hash(slot) % _HASHES] & what

    def _open(self, span: Span, record: Record) -> Row:
        row_id = self._next
        self._next += 1
        (
            (
                kind,
                slot,
                tenant,
                subscription,
                workload,
                activity,
                scope,
                role,
                partner,
                organisation,
                claim,
                because,
                rule,
            ),
            start_us,
            end_us,
        ) = span
        self._new.append(
            [
                row_id,
                kind,
                slot,
                tenant,
                subscription or "",
                workload or "",
                activity or "",
                scope or "",
                role or "",
                partner,
                organisation,
                claim or "",
                start_us,
                end_us,
                record.position,
                FOREVER_US,
                record.recorded_at_us,
                FOREVER_US,
                because,
                rule,
            ]
        )
        return row_id, span

    def _close(self, row_id: int, record: Record) -> None:
        if row_id < self._first_new:
            self._closed.append((record.position, record.recorded_at_us, row_id))
            return
        row = self._new[row_id - self._first_new]
        row[_KNOWN_TO], row[_RECORDED_TO] = record.position, record.recorded_at_us


def _taken(left: Counter[Span], span: Span) -> bool:
    """Take the span out of those left; False when it is not among them."""
    if not left[span]:
        return False
    left[span] -= 1
    return True
