"""Two states of knowledge compared: each change with the event that made it, from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

from projections import diff_claims, diff_holdings
from projections.claim_sentences import told as sentence
from projections.diff_holdings import Between
from projections.record import Record
from schemas.catalogue import MODELS

_SIDE_BY_SIDE = 8
"""An event read on its own costs as much as so many read in a row."""


class Log(Protocol):
    """The log, as far as a comparison reads it."""

    def after(self, position: int, limit: int) -> Sequence[Record]:
        """Events that follow a position."""
        ...

    def event_at(self, position: int) -> Record:
        """The event at a position."""
        ...


def holdings(views: sqlite3.Connection, log: Log, asked: Between) -> list[dict[str, Any]]:
    """What changed about holdings between the two positions, in the order of the log."""
    changes = diff_holdings.known_between(views, asked)
    return _with_events([diff_holdings.told(change) for change in changes], log, asked)


def effective(
    views: sqlite3.Connection, log: Log, asked: Between, from_us: int, to_us: int
) -> list[dict[str, Any]]:
    """What changed about holdings between two instants, as known at ``asked.after``."""
    changes = diff_holdings.effective_between(views, asked, from_us, to_us)
    return _with_events([diff_holdings.told(change) for change in changes], log, None)


def claims(views: sqlite3.Connection, log: Log, asked: Between) -> list[dict[str, Any]]:
    """What changed about claims between the two positions, each step with its event."""
    found = diff_claims.known_between(views, asked)
    events = _events(log, {step["position"] for row in found for step in row["steps"]}, asked)
    return [_claim(row, events) for row in found]


def _claim(row: dict[str, Any], events: dict[int, Record]) -> dict[str, Any]:
    change = "submitted" if row["before"] is None else "changed"
    if row["before"] == row["after"]:
        change = "noted"  # a newer proof, a late objection: the claim stands as it stood
    steps = [_step(step, events[step["position"]]) for step in row["steps"]]
    return {"change": change, **row, "steps": steps}


def _step(step: dict[str, Any], event: Record) -> dict[str, Any]:
    what, why = sentence(step["step"], event.data, (step["slots"] or "").split())
    return {**_event(event), "what": what, "why": why}


def _with_events(
    changes: list[dict[str, Any]], log: Log, asked: Between | None
) -> list[dict[str, Any]]:
    events = _events(log, {change["position"] for change in changes}, asked)
    return [{**row, **_caused(events[row["position"]], row["rule"])} for row in changes]


def _caused(event: Record, rule: str) -> dict[str, Any]:
    given = next((event.data[name] for name in ("reason", "comment") if event.data.get(name)), "")
    doc = " ".join((MODELS[event.type].__doc__ or "").split("\n\n")[0].split()).replace("``", "")
    why = f"{doc} {given}".strip() if event.type in MODELS else rule
    return {**_event(event), "why": why}


def _event(event: Record) -> dict[str, Any]:
    return {
        "position": event.position,
        "type": event.type,
        "actor": event.actor,
        "recorded_at_us": event.recorded_at_us,
    }


def _events(log: Log, positions: Collection[int], asked: Between | None) -> dict[int, Record]:
    """The events at the positions: read in a row where they lie close, else each on its own."""
    if asked is None or len(positions) * _SIDE_BY_SIDE < asked.after - asked.before:
        return {position: log.event_at(position) for position in positions}
    found = {record.position: record for record in _between(log, asked)}
    # A holding may rest on an event from before.
    return {at: found.get(at) or log.event_at(at) for at in positions}


def _between(log: Log, asked: Between) -> Iterator[Record]:
    position = asked.before
    while position < asked.after:
        page = log.after(position, min(5_000, asked.after - position))
        yield from page
        position = page[-1].position
