"""Two states of knowledge compared: each change with the event that made it, from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, Protocol

from ledger.collecting import seldom_collected
from projections import diff_claims, diff_holdings
from projections.claim_sentences import told as sentence
from projections.diff_holdings import Between
from projections.record import Record
from schemas.catalogue import MODELS

_OBJECTS = 10_000_000
"""More objects than the longest comparison makes; all but few are in its answer."""

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


def changes(
    views: sqlite3.Connection, log: Log, asked: Between
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What changed between the two positions: holdings in the order of the log, and claims.

    Each change, and each step of a claim, with its event; the log is read once for all.
    """
    with seldom_collected(_OBJECTS):
        held = diff_holdings.known_between(views, asked)
        found = diff_claims.known_between(views, asked) if _claims_asked(asked) else []
        positions = {change.position for change in held}
        positions.update(step["position"] for row in found for step in row["steps"])
        events = _events(log, positions, asked)
        rows = [_with_event(diff_holdings.told(change), events) for change in held]
        return rows, [_claim(row, events) for row in found]


def _claims_asked(asked: Between) -> bool:
    return asked.kind is None or asked.kind.startswith("CPOR")


def effective(
    views: sqlite3.Connection, log: Log, asked: Between, from_us: int, to_us: int
) -> list[dict[str, Any]]:
    """What changed about holdings between two instants, as known at ``asked.after``."""
    found = diff_holdings.effective_between(views, asked, from_us, to_us)
    events = _events(log, {change.position for change in found}, None)
    return [_with_event(diff_holdings.told(change), events) for change in found]


def _claim(row: dict[str, Any], events: dict[int, Record]) -> dict[str, Any]:
    change = "submitted" if row["before"] is None else "changed"
    if row["before"] == row["after"]:
        change = "noted"  # a newer proof, a late objection: the claim stands as it stood
    steps = [_step(step, events[step["position"]]) for step in row["steps"]]
    return {"change": change, **row, "steps": steps}


def _step(step: dict[str, Any], event: Record) -> dict[str, Any]:
    slots = step["slots"]
    what, why = sentence(step["step"], event.data, slots.split() if slots else ())
    told = _event(event)
    told["what"], told["why"] = what, why
    return told


def _with_event(row: dict[str, Any], events: dict[int, Record]) -> dict[str, Any]:
    row.update(_caused(events[row["position"]], row["rule"]))
    return row


def _caused(event: Record, rule: str) -> dict[str, Any]:
    given = event.data.get("reason") or event.data.get("comment") or ""
    said = _said_by(event.type)
    why = f"{said} {given}".strip() if said else rule
    told = _event(event)
    told["why"] = why
    return told


@cache
def _said_by(type_name: str) -> str:
    """What events of a type say, in the words of their own model."""
    model = MODELS.get(type_name)
    doc = model.__doc__ if model else None
    return " ".join((doc or "").split("\n\n")[0].split()).replace("``", "")


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
