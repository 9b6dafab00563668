"""The one writer of a node: takes waiting callers as a group, seals it, answers each (DESIGN §3).

A caller's work runs within the journal's group, on the head of that moment. A work that raises has
appended nothing and gets its error back; the others go on. Nobody is answered before the group is
durable; when it can't be kept, everybody gets that error and the group never was.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from ledger.errors import DamagedError, StorageError
from ledger.log.chain import START, Head, Void
from ledger.log.database import Database
from ledger.log.doorbell import Doorbell
from ledger.log.group import Group, Sealed, Work
from ledger.log.index import Index, entries
from ledger.log.journal.port import Journal

GROUP_WORKS = 1_000
"""At most so many works are decided in one group."""

_LEAD_AGAIN_SECONDS = 1.0


class _Ticket:
    """A caller that waits: its works, the error of each, and a bell that rings when done."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.works = works
        self.errors: list[BaseException | None] = [None] * len(works)
        self.failure: BaseException | None = None
        self.done = False
        self.bell = threading.Lock()
        self.bell.acquire()

    def ring(self) -> None:
        # Two may ring at once: who led before, and who has kept it. Once is enough.
        with suppress(RuntimeError):
            self.bell.release()


class Writer:
    """Appends what callers decide. Any number of threads may call ``submit`` at once."""

    def __init__(self, database: Database, journal: Journal, index: Index, ledger: str) -> None:
        self.database = database
        self.journal = journal
        self.index = index
        self.ledger = ledger
        self.head = journal.head()
        self.before_group: list[Callable[[Sequence[Work]], None]] = []
        """Called with all works of a group before the first is run."""
        self.before_keep: list[Callable[[], None]] = []
        """Called when a group has events, before they are kept: make durable what they need."""
        self.on_kept: list[Callable[[], None]] = []
        """Called when a group is durable."""
        self.on_forget: list[Callable[[], None]] = []
        """Called when the head is not the one last seen, or a group could not be kept."""
        self._warm = True
        self._waiting: deque[_Ticket] = deque()
        self._turn = threading.Lock()
        self.doorbell = Doorbell()

    def submit(self, works: Sequence[Work]) -> list[BaseException | None]:
        """Run the works in order, in one group; each one's error, or None when it was kept.

        Raises what kept the whole group from being kept (busy, disk full, damaged).
        """
        self.database.require_own_process()
        ticket = _Ticket(works)
        self._waiting.append(ticket)
        while not ticket.done:
            if self._turn.acquire(blocking=False):
                try:
                    self._write_next()
                finally:
                    self._turn.release()
                self._call_next()
            else:
                ticket.bell.acquire(timeout=_LEAD_AGAIN_SECONDS)
        if ticket.failure is not None:
            raise ticket.failure
        return ticket.errors

    def _call_next(self) -> None:
        try:
            self._waiting[0].ring()
        except IndexError:
            return

    def _write_next(self) -> None:
        tickets: list[_Ticket] = []
        # Nobody is told "kept" but by the end of ``_write``, whatever interrupts this thread.
        failure: BaseException | None = _interrupted()
        try:
            self._take(tickets)
            if tickets:
                self._write(tickets)
            failure = None
        except BaseException as error:
            failure = error
            self._forget()
            if not isinstance(error, Exception):
                raise
        finally:
            for ticket in tickets:
                ticket.failure = failure
                ticket.done = True
                ticket.ring()

    def _take(self, tickets: list[_Ticket]) -> None:
        count = 0
        while self._waiting and (not tickets or count + len(self._waiting[0].works) <= GROUP_WORKS):
            tickets.append(self._waiting.popleft())
            count += len(tickets[-1].works)

    def _write(self, tickets: list[_Ticket]) -> None:
        with self.journal.group():
            self._catch_up()
            group = Group(self.head, self.ledger)
            for prepare_works in self.before_group:
                prepare_works([work for ticket in tickets for work in ticket.works])
            for ticket in tickets:
                for n, work in enumerate(ticket.works):
                    try:
                        work(group)
                    except Exception as error:  # noqa: BLE001  handed to its caller, below
                        ticket.errors[n] = error
            commits = group.seal()
            if commits:
                for prepare in self.before_keep:
                    prepare()
                self._keep(commits)
        if commits:
            self.head = commits[-1].head
            for kept in self.on_kept:
                kept()
            self.doorbell.ring()

    def _keep(self, commits: list[Sealed]) -> None:
        verdict = self.journal.append([commit.data for commit in commits])
        if isinstance(verdict, Void):
            raise DamagedError(
                f"The log did not accept its own next commit: {verdict.reason} ({verdict.detail}).",
                hint="Run `attribution verify`.",
            )
        for commit in commits:
            self.index.apply(commit.entries)

    def _catch_up(self) -> None:
        head = self.journal.head()
        if head != self.head or not self._warm:
            self._forget()
            self.head = head

    def _forget(self) -> None:
        self._warm = False
        self.index.refresh()
        for forget in self.on_forget:
            forget()
        self._warm = True


def _interrupted() -> StorageError:
    return StorageError(
        "The group was interrupted; whether it was kept is not known.",
        hint="Repeat it under the same command ids: what was kept is found again.",
        code="interrupted",
    )


def rebuild_index(
    database: Database,
    journal: Journal,
    index: Index,
    progress: Callable[[Head], None] | None = None,
) -> Head:
    """Make the index again from the journal, in one transaction; the head it then stands at."""
    head = START
    try:
        with database.transaction():
            index.clear()
            for _, accepted in journal.read():
                index.apply(entries(accepted))
                head = accepted.head
                if progress is not None:
                    progress(head)
    finally:
        index.refresh()
    return head
