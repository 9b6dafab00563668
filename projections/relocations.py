"""Fold of what became of partner locations, and where a holding is in which interval (§7.5).

A location is re-pointed to a sister, moves or merges with its organisation to another, is deleted;
each from an effective instant on. A holding keeps the location it began with; ``placed`` says whose
it is when. Few locations ever change, so all changes are remembered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

from projections.parties import Parties
from projections.record import Record
from projections.timeline import Span

_EVER_US = -(2**62)


class Change(NamedTuple):
    """What a location became at an instant: ``what`` is organisation, repointed or deleted.

    ``target`` is the organisation, or the location re-pointed to, or ``''``.
    """

    at_us: int
    what: str
    target: str


class Relocations:
    """The changes of every location, and the pieces that they cut a holding into."""

    def __init__(self, views: sqlite3.Connection, parties: Parties) -> None:
        self._views, self._parties = views, parties
        self._changes: dict[str, list[Change]] = {}
        sql = "SELECT location, effective_us, what, target FROM location_changes ORDER BY position"
        for location, *change in views.execute(sql):
            self._changes.setdefault(location, []).append(Change(*change))

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event, before the parties fold does its part."""
        return {
            "organisation.merged.v1": self._merged,
            "location.moved.v1": self._moved,
            "location.repointed.v1": self._repointed,
            "location.deleted.v1": self._deleted,
        }

    @property
    def none(self) -> bool:
        """Whether no location ever changed."""
        return not self._changes

    def changed(self, location: str) -> bool:
        """Whether this location ever changed."""
        return location in self._changes

    def placed(self, span: Span) -> list[Span]:
        """The span cut where its location changed, each piece with its partner of that time."""
        if span.holding.partner not in self._changes:
            return [span]
        pieces = self._pieces(span.holding.partner, span.start_us, span.end_us)
        return [
            Span(span.holding._replace(partner=partner, organisation=organisation), start, end)
            for start, end, partner, organisation in pieces
            if start < end
        ]

    def _pieces(
        self, location: str, start_us: int, end_us: int
    ) -> Iterator[tuple[int, int, str, str]]:
        changes = self._changes.get(location)
        if changes is None:
            yield start_us, end_us, location, self._parties.organisation_of(location)
            return
        organisation = ""
        for change in changes:
            if change.at_us > start_us:
                yield start_us, min(change.at_us, end_us), location, organisation
                start_us = change.at_us
            if start_us >= end_us or change.what == "deleted":
                return
            if change.what == "repointed":
                yield from self._pieces(change.target, start_us, end_us)
                return
            organisation = change.target
        yield start_us, end_us, location, organisation

    def _merged(self, record: Record) -> None:
        for location in record.data.get("locations", ()):
            self._learn(location, "organisation", record.data["into"], record)

    def _moved(self, record: Record) -> None:
        data = record.data
        self._learn(data["location"], "organisation", data["organisation"], record)

    def _repointed(self, record: Record) -> None:
        self._learn(record.data["location"], "repointed", record.data["to"], record)

    def _deleted(self, record: Record) -> None:
        self._learn(record.data["location"], "deleted", "", record)

    def _learn(self, location: str, what: str, target: str, record: Record) -> None:
        known = self._changes.setdefault(location, [])
        if not known:
            first = Change(_EVER_US, "organisation", self._parties.organisation_of(location))
            self._write(location, first, 0)
            known.append(first)
        # A location's changes come in the order of their instants: the commands see to that.
        known.append(Change(record.effective_at_us, what, target))
        self._write(location, known[-1], record.position)

    def _write(self, location: str, change: Change, position: int) -> None:
        sql = "INSERT INTO location_changes VALUES (?, ?, ?, ?, ?)"
        self._views.execute(sql, (location, position, *change))


def changed_locations(record: Record) -> list[str]:
    """The locations whose holdings an event about parties concerns."""
    if record.type == "organisation.merged.v1":
        return list(record.data.get("locations", ()))
    return [record.data["location"]]
