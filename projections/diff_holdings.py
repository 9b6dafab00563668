"""What changed about holdings between two states of knowledge, or between two instants.

A holding *began* or *ended*; it *moved* where one partner's end in a slot is another's beginning;
it was *corrected* where the ledger learned another interval for what it knew already; it was
*annulled* where the ledger learned that it never was.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from projections.filters import Row, rows, where
from projections.slot_states import rows_known_by
from schemas.time import FOREVER_US

_MOST = 100_000
_SAME = ("kind", "slot", "partner", "claim", "scope", "role")
_KNOWLEDGE = ("row_id", "known_from", "known_to", "recorded_from", "recorded_to")
_TELLING = ("kind", "slot", "tenant", "subscription", "workload", "activity", "scope", "role")
_SHOWN = ("partner", "organisation", "claim", "effective_from", "effective_to")


class Between(NamedTuple):
    """Two positions, the earlier first, and what is asked about; None: everything."""

    before: int
    after: int
    tenant: str | None = None
    partner: str | None = None
    kind: str | None = None
    slot: str | None = None

    @property
    def filters(self) -> dict[str, str | None]:
        """Conditions on a row of holdings, the most telling first; only that one is sought by."""
        asked = {"slot": self.slot, "tenant": self.tenant, "partner": self.partner}
        asked["kind"] = self.kind
        given = [(name, value) for name, value in asked.items() if value is not None]
        return {f"{'+' if n else ''}{name} = ?": value for n, (name, value) in enumerate(given)}

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves few rows, whatever lies between the positions."""
        return any((self.slot, self.tenant, self.partner))


class Change(NamedTuple):
    """One change: what it is, the row before and after (None: there is none), and its event."""

    change: str
    before: Row | None
    after: Row | None
    position: int


def known_between(views: sqlite3.Connection, asked: Between) -> list[Change]:
    """The changes that a reader sees who knew the holdings at ``before`` and now at ``after``.

    What came and went in between is not seen. At most ``_MOST`` rows are read of either kind.
    """
    opened = _rows(views, asked, {**_opened(views, asked), "known_to > ?": asked.after})
    closed = _rows(views, asked, {**_closed(asked), "known_from <= ?": asked.before})
    changes = []
    for came, went in _by_slot(opened, closed):
        changes += _slot_changes(came, went, asked)
    return sorted(changes, key=_order)


def effective_between(
    views: sqlite3.Connection, asked: Between, from_us: int, to_us: int
) -> list[Change]:
    """Who holds at ``to_us`` and did not at ``from_us``, and the reverse, as known at ``after``.

    Holdings that began and ended in between are not seen.
    """
    known = {"known_from <= ? AND known_to > ?": (asked.after, asked.after)}
    begun = {"effective_from > ? AND effective_from <= ?": (from_us, to_us)}
    ended = {"effective_to > ? AND effective_to <= ?": (from_us, to_us)}
    came = _rows(views, asked, {**known, **begun, "effective_to > ?": to_us})
    went = _rows(views, asked, {**known, **ended, "effective_from <= ?": from_us})
    changes = []
    for new, old in _by_slot(came, went):
        changes += _turns(new, old)
    return sorted(changes, key=_order)


def _rows(views: sqlite3.Connection, asked: Between, more: dict[str, Any]) -> list[Row]:
    conditions, values = where({**asked.filters, **more})
    sql = f"SELECT * FROM holdings{conditions} ORDER BY row_id LIMIT ?"
    return rows(views, sql, [*values, _MOST])


def _opened(views: sqlite3.Connection, asked: Between) -> dict[str, Any]:
    learned = {"known_from > ? AND known_from <= ?": (asked.before, asked.after)}
    if asked.narrowed:
        return learned
    # row_id and known_from rise together, so the rows learned between lie side by side.
    between = (rows_known_by(views, asked.before), rows_known_by(views, asked.after))
    return {"row_id > ? AND row_id <= ?": between}


def _closed(asked: Between) -> dict[str, Any]:
    sought = "+known_to" if asked.narrowed else "known_to"
    learned = f"{sought} > ? AND {sought} <= ? AND known_to < {FOREVER_US}"
    return {learned: (asked.before, asked.after)}


def _by_slot(came: Iterable[Row], went: Iterable[Row]) -> list[tuple[list[Row], list[Row]]]:
    slots: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, found in enumerate((came, went)):
        for row in found:
            slots[row["slot"]][side].append(row)
    return list(slots.values())


def _slot_changes(came: list[Row], went: list[Row], asked: Between) -> list[Change]:
    """What the rows that came and went in one slot mean together."""
    changes, begun, ended = [], [], []
    came, went = _unlike(came, went), _unlike(went, came)
    for row in came:
        twin = _twin(row, went)
        if twin is None:
            begun.append(row)
            continue
        went = [other for other in went if other is not twin]
        if _ends(twin, row):
            ended.append((twin, row))
        else:
            changes.append(Change("corrected", twin, row, row["known_from"]))
    for row in begun:
        moved = next((pair for pair in ended if _hands_over(pair[1], row)), None)
        giver = moved[1] if moved else next((one for one in begun if _hands_over(one, row)), None)
        if moved is not None:
            ended.remove(moved)
        what = "moved" if giver else "began"
        changes.append(Change(what, giver, row, _event_of(row, asked)))
    changes += [Change("ended", *pair, pair[1]["known_from"]) for pair in ended]
    changes += [Change("annulled", row, None, row["known_to"]) for row in went]
    return changes


def _unlike(rows: list[Row], others: list[Row]) -> list[Row]:
    """The rows that none of the others says word for word: what was taken back is no change."""
    if not (rows and others):  # as nearly everywhere
        return rows
    said = [_content(other) for other in others]
    return [row for row in rows if _content(row) not in said]


def _content(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _KNOWLEDGE}


def _twin(row: Row, went: list[Row]) -> Row | None:
    """The row that said the same of another interval; the nearest where several did."""
    if not went:
        return None
    same = [other for other in went if all(other[name] == row[name] for name in _SAME)]
    return min(same, key=lambda other: _apart(row, other), default=None)


def _apart(row: Row, other: Row) -> tuple[bool, int]:
    starts = abs(row["effective_from"] - other["effective_from"])
    return row["because"] != other["because"], starts


def _ends(before: Row, after: Row) -> bool:
    """Whether all that was learned is that the holding ended."""
    same_start = before["effective_from"] == after["effective_from"]
    return bool(same_start and before["effective_to"] == FOREVER_US != after["effective_to"])


def _hands_over(ended: Row, begun: Row) -> bool:
    same_instant = ended["effective_to"] == begun["effective_from"]
    return bool(same_instant and ended["partner"] != begun["partner"])


def _event_of(row: Row, asked: Between) -> int:
    """The event by which the partner holds, unless that was known before; then the latest."""
    return int(row["because"] if row["because"] > asked.before else row["known_from"])


def _turns(came: list[Row], went: list[Row]) -> list[Change]:
    changes = []
    for row in came:
        before = next((other for other in went if other["partner"] != row["partner"]), None)
        if before is not None and len(came) == len(went) == 1:
            went = []
            changes.append(Change("moved", before, row, row["because"]))
        else:
            changes.append(Change("began", None, row, row["because"]))
    changes += [Change("ended", row, None, row["known_from"]) for row in went]
    return changes


def _order(change: Change) -> tuple[Any, ...]:
    row = change.after or change.before or {}
    return (change.position, row["slot"], row["row_id"])


def told(change: Change) -> Row:
    """The change as one row: what it is about, and both sides where there are two."""
    row = change.after or change.before or {}
    return {
        "change": change.change,
        **{name: row[name] for name in _TELLING},
        "before": _side(change.before),
        "after": _side(change.after),
        "rule": row["rule"],
        "position": change.position,
    }


def _side(row: Row | None) -> Row | None:
    return row and {name: row[name] for name in _SHOWN}
