"""The peer: the library's ``ProjectionRunner`` feeding a view of holdings in SQLite.

The events and the rows are like ours: a claim is submitted, taken up, approved and consented to;
the view keeps claims, their history and who holds what. One transaction an event, as the library
does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteTrackingRecorder

from bench.blocks import Pace, pace

EVENTS_A_CLAIM = 4


class HeldClaim(Aggregate):
    """A claim with the four events that most claims have."""

    def __init__(self, claim: str, tenant: str, location: str, slot: str) -> None:
        self.claim, self.tenant, self.location, self.slot = claim, tenant, location, slot

    @event("ReviewStarted")
    def start_review(self, claim: str) -> None:
        """Taken up."""
        self.state = f"{claim} under review"

    @event("Approved")
    def approve(self, claim: str, tenant: str, location: str, slot: str) -> None:
        """The partner holds the slot."""
        self.state = f"{claim} approved"
        self.held = (tenant, location, slot)

    @event("Passed")
    def consent(self, claim: str) -> None:
        """The customer was silent."""
        self.state = f"{claim} consented"


class HeldClaims(Application[UUID]):
    """Claims in memory, the only recorder of the library that a runner here can subscribe to.

    Its SQLite recorder has no subscriptions; reading from memory favours the library.
    """

    name = "claims"
    claims = 0

    def __init__(self, env: Any = None) -> None:
        super().__init__(env)
        for n in range(self.claims):
            place = {"claim": f"C-{n}", "tenant": f"tenant-{n // 5}", "location": f"{n % 200}1"}
            claim = HeldClaim(**place, slot=f"cpor:m365:tenant-{n // 5}:{n % 5}")
            claim.start_review(claim=f"C-{n}")
            claim.approve(**place, slot=f"cpor:m365:tenant-{n // 5}:{n % 5}")
            claim.consent(claim=f"C-{n}")
            self.save(claim)


_TABLES = (
    "CREATE TABLE claims (claim TEXT PRIMARY KEY, tenant TEXT, partner TEXT, state TEXT)",
    "CREATE TABLE history (row_id INTEGER PRIMARY KEY, claim TEXT, what TEXT)",
    """CREATE TABLE holdings (row_id INTEGER PRIMARY KEY, slot TEXT, tenant TEXT, partner TEXT,
       claim TEXT, known_from INTEGER)""",
    "CREATE INDEX holdings_by_slot ON holdings (slot)",
)


class HoldingsView(SQLiteTrackingRecorder):
    """Claims, history and holdings as tables, written with the tracking in one transaction."""

    def construct_create_table_statements(self) -> list[str]:
        """The tables, beside the library's own."""
        return [*super().construct_create_table_statements(), *_TABLES]

    def write(self, statements: Sequence[tuple[str, tuple[Any, ...]]], tracking: Tracking) -> None:
        """Run the statements and move the tracking, together."""
        with self.datastore.transaction(commit=True) as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)
            self._insert_tracking(cursor, tracking)


_NOTE = "INSERT INTO history (claim, what) VALUES (?, ?)"
_STATE = "UPDATE claims SET state = ? WHERE claim = ?"


class HoldingsProjection(Projection[HoldingsView]):
    """What each event does to the view."""

    name = "holdings"
    last = 0
    done = Event()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Write one event's rows."""
        kind = type(domain_event).__name__
        claim = domain_event.claim
        statements: list[tuple[str, tuple[Any, ...]]] = [(_NOTE, (claim, kind))]
        if kind == "Created":
            row = (claim, domain_event.tenant, domain_event.location, "submitted")
            statements.append(("INSERT INTO claims VALUES (?, ?, ?, ?)", row))
        else:
            statements.append((_STATE, (kind, claim)))
        if kind == "Approved":
            held = (domain_event.slot, domain_event.tenant, domain_event.location, claim)
            insert = (
                "INSERT INTO holdings (slot, tenant, partner, claim, known_from)"
                " VALUES (?, ?, ?, ?, ?)"
            )
            statements.append((insert, (*held, tracking.notification_id)))
        self.view.write(statements, tracking)
        if tracking.notification_id == self.last:
            self.done.set()


class LibraryProjection:
    """Runs the library's projection over and over, each time into a new file."""

    def __init__(self, folder: Path, events: int) -> None:
        folder.mkdir()
        self._folder, self._runs = folder, 0
        HeldClaims.claims = max(1, events // EVENTS_A_CLAIM)
        _Filled.filled = HeldClaims()

    def block(self) -> Pace:
        """Project every event once, from the first; at which pace."""
        self._runs += 1
        return pace(HeldClaims.claims * EVENTS_A_CLAIM, self._run)

    def _run(self) -> None:
        HoldingsProjection.last = HeldClaims.claims * EVENTS_A_CLAIM
        HoldingsProjection.done.clear()
        env = {
            "HOLDINGS_PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "HOLDINGS_SQLITE_DBNAME": str(self._folder / f"view-{self._runs}.db"),
        }
        with ProjectionRunner(
            application_class=_Filled,
            projection_class=HoldingsProjection,
            view_class=HoldingsView,
            env=env,
        ):
            assert HoldingsProjection.done.wait(600), "the library did not come to the end"


class _Filled(Application[UUID]):
    """An application over events that are there already."""

    name = "claims"
    filled: HeldClaims

    def construct_recorder(self) -> Any:
        return self.filled.recorder
