"""The peer: an aggregate of the ``eventsourcing`` library, on its own SQLite module."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.blocks import Pace, pace

EVENTS = 10
"""Events an aggregate has before the command that is measured."""


class Claim(Aggregate):
    """A claim as the library's manual would write it."""

    def __init__(self, title: str, tenant: str, location: str) -> None:
        self.title, self.tenant, self.location = title, tenant, location
        self.notes = 0

    @event("Noted")
    def note(self, text: str, workload: str) -> None:
        """One more event."""
        self.last, self.workload = text, workload
        self.notes += 1


class Claims(Application[UUID]):
    """Commands on such claims."""

    def submit(self, number: int) -> UUID:
        """A new claim with ``EVENTS`` events."""
        claim = Claim(title=f"Claim {number}", tenant=f"tenant-{number}", location="101")
        for n in range(EVENTS - 1):
            claim.note(text=f"Note {n} of the reviewer about the proof.", workload="exchange")
        self.save(claim)
        return claim.id

    def note(self, claim: UUID) -> None:
        """The command: load the claim, let it decide one event, save."""
        found: Claim = self.repository.get(claim)
        found.note(text="The proof is complete.", workload="exchange")
        self.save(found)


class AggregateCommands:
    """The library's application in a file of its own: write-ahead log, ``synchronous=FULL``.

    These are SQLite's defaults for the library too; it sets the first and leaves the second.
    """

    def __init__(self, folder: Path) -> None:
        self._claims = Claims(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(folder / "library.db"),
            }
        )
        self._number = 0

    def block(self, commands: int) -> Pace:
        """Decide one event on each of ``commands`` aggregates of ten; at which pace."""
        fresh = [self._claims.submit(self._number + n) for n in range(commands)]
        self._number += commands

        def work() -> None:
            for claim in fresh:
                self._claims.note(claim)

        return pace(commands, work)

    def close(self) -> None:
        """Let go of the file."""
        self._claims.close()
