"""All current-state folds together: accepted events in, rows of views.db out, one event at a time.

What an event does is independent of how events are cut into batches. A fold that failed halfway is
thrown away with its transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from ledger.errors import DamagedError
from projections.access import Access
from projections.associations import Associations
from projections.claims import Claims
from projections.corrections import Corrections
from projections.drafts import Drafts
from projections.ending_grants import EndingGrants
from projections.figures import Figures
from projections.gdap import Gdap
from projections.holdings import Holdings
from projections.pal import Pal
from projections.parties import Parties
from projections.record import Record
from projections.relocations import Relocations
from projections.slots import Slots
from projections.tracking import Tracking

_Handler = Callable[[Record], None]

_WITHOUT_EFFECT = (
    "usage.report.loaded.v1",
    "usage.report.withdrawn.v1",
    "usage.turn.reserved.v1",
    "person.erased.v1",
    "statement.issued.v1",
)
"""Known types that no current-state view shows: usage is in ``growth``, statements are computed."""


class Fold:
    """The folds over one views.db, with what they remember of it.

    ``fresh`` promises that the tables are empty, and allows that their indexes are missing.
    """

    def __init__(self, views: sqlite3.Connection, *, fresh: bool = False) -> None:
        self._parties = Parties(views)
        relocations = Relocations(views, self._parties)
        self._claims = Claims(views, fresh=fresh)
        self._drafts = Drafts(views, fresh=fresh)
        self._slots = Slots(views, relocations, fresh=fresh)
        # Relocations and parties first (ends and organisations are looked up), claims last
        # (holdings ask how a claim stood before).
        pal = Pal(views, self._slots, self._parties)
        tracking = Tracking(views, self._slots, self._parties)
        folds = (
            relocations,
            self._parties,
            Holdings(self._slots, self._claims, self._parties),
            Associations(views, self._slots, self._parties),
            pal,
            Gdap(views, self._slots, self._parties),
            tracking,
            Corrections(self._slots, self._parties, pal, tracking),
            self._claims,
            self._drafts,
            Access(views),
            EndingGrants(views),
            Figures(views),
        )
        self._handlers: dict[str, tuple[_Handler, ...]] = dict.fromkeys(_WITHOUT_EFFECT, ())
        for fold in folds:
            for name, handler in fold.handlers().items():
                self._handlers[name] = (*self._handlers.get(name, ()), handler)

    @property
    def types(self) -> frozenset[str]:
        """Every type of event that this fold knows."""
        return frozenset(self._handlers)

    def fold(self, records: Iterable[Record]) -> None:
        """Take events in, in order; what changes is gathered until ``write``."""
        handlers = self._handlers
        for record in records:
            found = handlers.get(record.type)
            if found is None:
                raise _unknown(record)
            for handler in found:
                handler(record)

    def write(self, *, whole: bool = True) -> None:
        """Bring what was gathered into the tables, inside the caller's transaction.

        Without ``whole`` some claims may wait, for speed, until it is called with it.
        """
        self._parties.write()
        self._claims.write(whole=whole)
        self._slots.write()


def _unknown(record: Record) -> DamagedError:
    return DamagedError(
        f"Position {record.position} holds an event of the type {record.type!r}, which this version"
        " does not know; the views stay where they are.",
        hint="Update the program, then go on.",
        code="type_unknown",
    )
