"""The view keeper: keeps a node's index and views caught up, so that whoever asks need not wait.

Chain to index is the ledger's own work (``Ledger.catch_up``); index to views is a fold in batches.
Both are functions of the log: a keeper may be killed at any step, and any number may run beside the
commands of the node. An event of a type that this version does not know stops it (``type_unknown``,
exit 4): views that left it out would be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ledger.log.query import EVERYTHING, Query
from ledger.log.reader import Page
from projections.record import Head, Source
from projections.runner import Progress, Views, catch_up, rebuild
from projections.views import checkpoint

BUILD_ANEW = 20_000
"""Events from which on views that are still empty are built beside and put in place: faster."""

BATCH = 5_000
"""Events folded before the keeper says how far it is."""


class Log(Protocol):
    """The accepted log, to wait at."""

    def page_or_wait(self, query: Query, *, after: int, timeout_seconds: float, limit: int) -> Page:
        """The next events, at once when there are any; else those that come while waiting."""


class ViewKeeper:
    """Keeps ``views`` in step with ``source``. For one thread.

    ``catch_up_log`` brings the node's replica up to the log's end of now. ``reached`` is told the
    position of the views and the head after each batch, also amid a long way.
    """

    def __init__(
        self,
        log: Log,
        source: Source,
        views: Views,
        catch_up_log: Callable[[], object],
        reached: Progress = lambda _position, _head: None,
    ) -> None:
        self._log, self._source, self._views = log, source, views
        self._catch_up_log, self._reached = catch_up_log, reached
        self.at: Head = checkpoint(views.connection)

    def step(self, wait_seconds: float = 1.0) -> int:
        """Fold what is there, or comes while waiting; how many positions the views moved on."""
        before = self.at.position
        self._catch_up_log()
        if self._source.head().position == before and wait_seconds:
            # Another process of the node may bring events in, too: the log is watched, not asked.
            self._log.page_or_wait(EVERYTHING, after=before, timeout_seconds=wait_seconds, limit=1)
        if not before and self._source.head().position >= BUILD_ANEW:
            rebuild(self._source, self._views, progress=self._reached)
        self.at = catch_up(self._source, self._views, batch=BATCH, progress=self._reached)
        self._reached(self.at.position, max(self.at.position, self._source.head().position))
        return self.at.position - before
