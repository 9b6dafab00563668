"""A log in memory, as the views are fed from: events in, plain records out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import orjson

from projections import claim_queries, holder_queries
from projections.record import START, Head, Record
from projections.runner import Views, catch_up
from schemas.catalogue import decode_plain, encode
from schemas.event import Event
from schemas.time import from_iso
from schemas.values import Document, Proof, Sealed

IN_MEMORY = Path(":memory:")
"""Views without a file, for tests that need none: a busy disk makes a thousand files slow."""

DAY_US = 86_400_000_000
BIRTH_US = from_iso("2021-01-01T00:00:00Z")
TENANT = "00000000-0000-4000-8000-0000000000c1"
OTHER_TENANT = "00000000-0000-4000-8000-0000000000c2"
SEALED = Sealed(key="key-1", box="QUJD")
PROOF = Proof(documents=(Document(title="Statement of work", sha256="0" * 64),), elements=())


def day(number: float) -> int:
    """The instant ``number`` days after the birth of the log, in microseconds UTC."""
    return BIRTH_US + round(number * DAY_US)


Made = TypeVar("Made", bound=Event)


def made(model: type[Made], **fields: Any) -> Made:
    """An event from plain fields, checked as if it had been read."""
    return model.model_validate(fields)


class MemoryLog:
    """Accepted events in order; each is a commit of its own. A ``Source`` of views."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def add(self, event: Event, *, on: float | None = None, recorded: float = 0.0) -> int:
        """Append an event, true from day ``on`` and recorded on day ``recorded``; its position."""
        position = len(self.records) + 1
        before = self.records[-1].recorded_at_us if self.records else 0
        recorded_at_us = max(before, day(recorded))
        name, data = decode_plain(event.TYPE, encode(event))
        effective_at_us = recorded_at_us if on is None else day(on)
        last = self.records[-1].commit_hash if self.records else ""
        told = orjson.dumps([last, name, data, effective_at_us])
        self.records.append(
            Record(
                position,
                name,
                data,
                effective_at_us,
                recorded_at_us,
                "someone",
                hashlib.sha256(told).hexdigest(),
            )
        )
        return position

    def head(self) -> Head:
        """The last event."""
        if not self.records:
            return START
        last = self.records[-1]
        return Head(last.position, last.commit_hash, last.recorded_at_us)

    def after(self, position: int, limit: int) -> Sequence[Record]:
        """Events that follow."""
        return self.records[position : position + limit]

    def event_at(self, position: int) -> Record:
        """The event at a position."""
        return self.records[position - 1]

    def recorded_at_us(self, position: int) -> int:
        """When a position was recorded."""
        return self.records[position - 1].recorded_at_us

    def upto(self, position: int) -> MemoryLog:
        """This log as it was when it ended at a position."""
        shorter = MemoryLog()
        shorter.records = self.records[:position]
        return shorter


class Told:
    """A log with views that are always caught up: the bench of a test."""

    def __init__(self, folder: Path) -> None:
        self.log = MemoryLog()
        self.views = Views(folder / "views.db")

    def add(self, event: Event, *, on: float | None = None, recorded: float = 0.0) -> int:
        """Append an event and fold it."""
        position = self.log.add(event, on=on, recorded=recorded)
        catch_up(self.log, self.views)
        return position

    def held(
        self, on: float, known: int | None = None, **filters: Any
    ) -> set[tuple[str, str, str | None]]:
        """Who holds on a day, as known at a position (now): kind, partner and claim or role."""
        rows = holder_queries.holders(
            self.views.connection,
            effective_us=day(on),
            known=self.log.head().position if known is None else known,
            **filters,
        )
        return {(row["kind"], row["partner"], row["claim"] or row["role"]) for row in rows}

    def history(self, claim: str, known: int | None = None) -> list[dict[str, Any]]:
        """What happened to a claim, as known at a position (now)."""
        views = self.views.connection
        return claim_queries.claim_history(views, claim, self.log.event_at, known=known)

    def ask(self, question: Callable[..., Any], *values: Any, **filters: Any) -> Any:
        """The answer of a query to the views."""
        return question(self.views.connection, *values, **filters)
