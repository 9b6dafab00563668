"""The chain as a recorder of ``eventsourcing.dcb``: conditional appends for any application of it.

Over an *opaque* ledger: any type, any bytes, n events an append, which are kept together or not at
all. Positions run 1, 2, 3 without gap; an append is durable when it returns; a subscription wakes
as soon as a commit is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
    DCBSubscription,
)
from eventsourcing.persistence import IntegrityError, ProgrammingError

from ledger.clock import Clock, SystemClock
from ledger.errors import BadInputError
from ledger.log.chain import ledger_of
from ledger.log.database import Database
from ledger.log.group import Group, NewEvent
from ledger.log.index import Index, Stored
from ledger.log.journal.opening import open_journal
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.query import EVERYTHING, Query, QueryItem
from ledger.log.reader import Reader
from ledger.log.writer import Writer, rebuild_index
from schemas.envelope import Attributes

OPAQUE = "opaque"
"""The ledger id that the first commit of an opaque ledger names."""

_WAIT_SECONDS = 1.0


class ChainRecorder(DCBRecorder):
    """A ``DCBRecorder`` whose events stand in a chain: of one SQLite file, or of a topic.

    ``path`` is the file; with ``log``, the address of a log on Kafka, it is the replica of that
    log, and any number of processes on any number of machines append to it.
    """

    def __init__(self, path: Path, clock: Clock | None = None, *, log: str = "") -> None:
        self._clock = clock or SystemClock()
        with ExitStack() as opened:
            self._database = opened.enter_context(closing(Database(path)))
            self._index = Index(self._database)
            journal = open_journal(log, self._database, self._index)
            self._journal = opened.enter_context(closing(journal))
            head = journal.head()
            kept = SqliteJournal(self._database)
            _require_opaque(kept)
            if self._index.applied() < head.position:
                rebuild_index(self._database, kept, self._index)
            self._opened = opened.pop_all()
        self._writer = Writer(self._database, journal, self._index, OPAQUE)
        self._path = path
        self._local = threading.local()

    def reader(self) -> Reader:
        """A reader of this log, for one thread."""
        refresh = self._look_at_log if self._journal.shared else None
        return Reader(self._path, self._writer.doorbell, refresh)

    def _look_at_log(self, _wait_seconds: float) -> bool:
        self.catch_up()
        return False

    def catch_up(self) -> None:
        """Apply what others appended up to this moment."""
        self._writer.submit([])

    def append(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None
    ) -> int:
        """Append the events unless the condition's query matches something beyond ``after``.

        Returns the position of the last. Raises ``IntegrityError`` when the condition fails and
        ``ProgrammingError`` for no events; nothing is appended then.
        """
        if not events:
            raise ProgrammingError("Append at least one event.")
        new = [
            NewEvent(Attributes(event.type, tuple(event.tags)), bytes(event.data))
            for event in events
        ]
        positions: list[int] = []  # the last counts: a group that was outrun is decided again

        def work(group: Group) -> None:
            if condition is not None and self._matches(group, condition):
                raise IntegrityError(condition)
            now_us = max(self._clock.now_us(), group.recorded_at_us)
            positions.append(group.append(new, now_us))

        (error,) = self._writer.submit([work])
        if error is not None:
            raise error
        return positions[-1]

    def _matches(self, group: Group, condition: DCBAppendCondition) -> bool:
        query = _query(condition.fail_if_events_match)
        after = condition.after or 0
        if self._index.find(query, after=after, limit=1):
            return True
        return any(
            position > after and query.matches(event.attributes.type, event.attributes.tags)
            for position, event in group.pending()
        )

    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> DCBReadResponse:
        """The events that match, beyond ``after``, at most ``limit``; its head as the port says."""
        if self._journal.shared:
            self.catch_up()
        found = _query(query) if query else EVERYTHING
        return _Response(self._readers_own(), found, after or 0, limit)

    def _readers_own(self) -> Reader:
        """This thread's reader: opening the file for each read would cost more than reading."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = self.reader()
        return reader

    def subscribe(
        self, query: DCBQuery | None = None, *, after: int | None = None
    ) -> DCBSubscription[ChainRecorder]:
        """Every matching event beyond ``after``, those to come included."""
        return ChainSubscription(self, query=query, after=after)

    def close(self) -> None:
        """Let the file and the topic go."""
        self._opened.close()


def _require_opaque(kept: SqliteJournal) -> None:
    """Refuse a log that begins as a ledger of its own: its events are no application's to add."""
    first = next(iter(kept.read()), None)
    named = OPAQUE if first is None else ledger_of(first[0])
    if named != OPAQUE:
        raise BadInputError(
            f"The log belongs to the ledger {named}, not to an application.",
            hint="Name another log.",
            code="foreign_log",
        )


class _Response(DCBReadResponse):
    """Events read page by page up to the head of the moment the read began."""

    def __init__(self, reader: Reader, query: Query, after: int, limit: int | None) -> None:
        head = reader.head().position
        self._events: Iterator[DCBSequencedEvent] = map(
            _sequenced, reader.read(query, after=after, upto=head, limit=limit)
        )
        if limit is None:
            self._head: int | None = head or None
        else:
            found = list(self._events)
            self._events = iter(found)
            self._head = found[-1].position if found else None

    @property
    def head(self) -> int | None:
        """The log's last position, or the last event's when a limit was given."""
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        """The next event."""
        return next(self._events)


class ChainSubscription(DCBSubscription[ChainRecorder]):
    """Waits at the end of the log and wakes when a commit is kept."""

    def __init__(
        self, recorder: ChainRecorder, query: DCBQuery | None = None, after: int | None = None
    ) -> None:
        super().__init__(recorder, query=query, after=after)
        self._reader = recorder.reader()
        self._wanted = _query(query) if query else EVERYTHING
        self._page: list[Stored] = []

    def __next__(self) -> DCBSequencedEvent:
        """The next matching event; waits for it, and ends when ``stop`` was called."""
        while not self._has_been_stopped:
            if self._page:
                return _sequenced(self._page.pop(0))
            page = self._reader.page_or_wait(
                self._wanted, after=self._last_position, timeout_seconds=_WAIT_SECONDS
            )
            self._page, self._last_position = list(page.events), page.upto
        raise StopIteration


def _query(query: DCBQuery) -> Query:
    return Query(tuple(QueryItem(tuple(i.types), tuple(i.tags)) for i in query.items))


def _sequenced(stored: Stored) -> DCBSequencedEvent:
    attributes = Attributes.from_bytes(stored.attributes)
    event = DCBEvent(type=stored.type, data=stored.data, tags=list(attributes.tags))
    return DCBSequencedEvent(event=event, position=stored.position)
