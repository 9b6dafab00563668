"""Reads the accepted log beside the writer: pages of events, the head, and a wait for more.

A reader has its own connection, sees whole groups only, and never blocks the writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ledger.log.chain import Accepted, Head
from ledger.log.database import Database
from ledger.log.doorbell import Doorbell
from ledger.log.index import PAGE, Index, Stored
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.query import EVERYTHING, Query

CACHE_KIB = 8_192
"""Pages a reader keeps: it mostly reads on, and there may be many of them."""

LOOK_AGAIN_SECONDS = 0.05
"""How long another process' commit may stay unseen by somebody who waits."""


class Page(NamedTuple):
    """Events that were asked for, and the position up to which the log was read for them."""

    events: list[Stored]
    upto: int


class Reader:
    """One thread's view of the accepted log in ``chain.db``.

    ``refresh`` brings the file up to a log that lies elsewhere; ``latest`` and waiting call it
    with how long it may wait there itself; it answers whether it did. 0 is: to the end of now.
    """

    def __init__(
        self,
        path: Path,
        doorbell: Doorbell | None = None,
        refresh: Callable[[float], bool] | None = None,
    ) -> None:
        self._database = Database(path, cache_kib=CACHE_KIB)
        self._journal = SqliteJournal(self._database)
        self._index = Index(self._database)
        self._doorbell = doorbell or Doorbell()
        self._refresh = refresh

    def head(self) -> Head:
        """Where the accepted log ends now."""
        return self._journal.head()

    def latest(self) -> Head:
        """Where the accepted log ends now, with what others appended to one that lies elsewhere."""
        if self._refresh is not None:
            self._refresh(0)
        return self.head()

    def find(
        self,
        query: Query = EVERYTHING,
        *,
        after: int = 0,
        limit: int = PAGE,
        upto: int | None = None,
    ) -> list[Stored]:
        """The first ``limit`` events beyond ``after`` that are asked for, in order."""
        with self._database.snapshot():
            self._index.refresh()
            return self._index.find(query, after=after, limit=limit, upto=upto)

    def read(
        self,
        query: Query = EVERYTHING,
        *,
        after: int = 0,
        upto: int | None = None,
        limit: int | None = None,
    ) -> Iterator[Stored]:
        """Every event asked for beyond ``after``, in order, at most ``limit``, page by page."""
        left = limit
        while left is None or left > 0:
            page = self.find(query, after=after, upto=upto, limit=min(PAGE, left or PAGE))
            yield from page
            if len(page) < min(PAGE, left or PAGE):
                return
            after = page[-1].position
            left = None if left is None else left - len(page)

    def commits(self, after: int = 0) -> Iterator[tuple[bytes, Accepted]]:
        """Every accepted commit that holds a position beyond ``after``, judged again."""
        return self._journal.read(after)

    def page_or_wait(
        self, query: Query, *, after: int, timeout_seconds: float, limit: int = PAGE
    ) -> Page:
        """The next events, at once when there are any; else those that come while waiting.

        ``upto`` moves on with the log even when nothing of it was asked for, so that a sparse
        query never reads the same stretch twice.
        """
        remaining = timeout_seconds
        while True:
            rings = self._doorbell.rings
            page = self._page(query, after, limit)
            if page.events or page.upto > after or remaining <= 0:
                return page
            patience = min(remaining, LOOK_AGAIN_SECONDS)
            waited = self._refresh is not None and self._refresh(patience)
            if not waited:
                self._doorbell.wait(rings, patience)
            remaining -= LOOK_AGAIN_SECONDS

    def _page(self, query: Query, after: int, limit: int) -> Page:
        with self._database.snapshot():
            self._index.refresh()
            upto = max(self._journal.head().position, after)
            events = self._index.find(query, after=after, limit=limit) if upto > after else []
        return Page(events, events[-1].position if len(events) == limit else upto)

    def position_at(self, instant_us: int) -> int:
        """The last position recorded at or before an instant, 0 when there is none."""
        with self._database.errors():
            row = self._database.connection.execute(
                "SELECT max(last) FROM commits WHERE recorded_at_us <= ?", (instant_us,)
            ).fetchone()
        return row[0] or 0

    def close(self) -> None:
        """Let the file go."""
        self._database.close()
