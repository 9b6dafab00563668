"""What is awaited beside claims: a row per deadline and interval of knowledge, of any subject."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from projections.record import Record
from schemas.time import FOREVER_US

_OPEN = f"known_to = {FOREVER_US}"
_PROMISED = frozenset({"validation"})
"""Promised days: nothing happens by itself when they pass."""


class About(NamedTuple):
    """What a deadline is about: ``key`` finds its rows again, the rest is told."""

    key: str
    about: str
    relationship: str | None = None
    tenant: str | None = None
    partner: str | None = None
    organisation: str | None = None
    state: str | None = None


class Awaited:
    """The table ``awaited``; each event is written at once, as there are few."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._views = views

    def standing(self, key: str) -> dict[str, int]:
        """What is awaited of a subject now: instants by name of deadline."""
        sql = f"SELECT name, due_us FROM awaited WHERE subject = ? AND {_OPEN}"
        return dict(self._views.execute(sql, (key,)).fetchall())

    def only(self, record: Record, about: About, wanted: Mapping[str, int | None]) -> None:
        """Nothing but what is ``wanted`` is awaited of the subject from the record's position on.

        A deadline that had passed when it became known awaits nobody: the clock records it next.
        """
        due = {
            name: due_us
            for name, due_us in wanted.items()
            if due_us is not None and (name in _PROMISED or due_us > record.recorded_at_us)
        }
        for name, due_us in self.standing(about.key).items():
            if due.get(name) == due_us:
                del due[name]
                continue
            self._views.execute(
                f"UPDATE awaited SET known_to = ? WHERE subject = ? AND name = ? AND {_OPEN}",
                (record.position, about.key, name),
            )
        for name, due_us in due.items():
            row = (name, record.position, FOREVER_US, *about[1:], due_us, name not in _PROMISED)
            marks = ", ".join("?" * (len(row) + 1))
            self._views.execute(f"INSERT INTO awaited VALUES ({marks})", (about.key, *row))

    def again(self, record: Record, key: str, name: str, due_us: int) -> None:
        """What was awaited once is awaited again, as what had ended it never was."""
        if due_us <= record.recorded_at_us:
            return
        self._views.execute(
            "INSERT INTO awaited SELECT subject, name, ?, ?, about, relationship, tenant, partner,"
            " organisation, state, ?, effect FROM awaited WHERE subject = ? AND name = ?"
            " ORDER BY known_from DESC LIMIT 1",
            (record.position, FOREVER_US, due_us, key, name),
        )

    def no_more(self, record: Record, key: str, name: str) -> None:
        """What is awaited is awaited no more, as what it followed from never was."""
        self._views.execute(
            f"UPDATE awaited SET known_to = ? WHERE subject = ? AND name = ? AND {_OPEN}",
            (record.position, key, name),
        )
