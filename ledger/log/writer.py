"""The one writer of a node: takes waiting callers as a group, seals it, answers each (DESIGN §3).

A caller's work runs within the journal's group, on the head of that moment. A work that raises has
appended nothing and gets its error back; the others go on. Nobody is answered before the group is
durable; when it can't be kept, everybody gets that error and the group never was.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from ledger.errors import BusyError, DamagedError, StorageError
from ledger.log.chain import START, Head, Void
from ledger.log.database import Database
from ledger.log.doorbell import Doorbell
from ledger.log.group import Group, Sealed, Work
from ledger.log.index import Index, entries
from ledger.log.journal.port import Journal

GROUP_WORKS = 1_000
"""At most so many works are decided in one group."""

ATTEMPTS = 200
"""How often a group is decided again because other nodes were first, before callers are told."""

GATHER_SECONDS = 0.002
"""At most so long a group waits for those to come back who were answered last."""

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


class _Waiting(NamedTuple):
    """One work of a caller that waits for its decision to be kept."""

    ticket: _Ticket
    place: int
    work: Work

    def decide(self, group: Group) -> int:
        """Run the work; the position of the group afterwards. Its error is the caller's."""
        self.ticket.errors[self.place] = None
        try:
            self.work(group)
        except Exception as error:  # noqa: BLE001  handed to its caller
            self.ticket.errors[self.place] = error
        return group.position


class OutrunError(Exception):
    """Another node was first: the transaction is rolled back, and all is decided again."""


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
        """Called when a group has events, before they are kept: make durable what they need.

        May raise ``OutrunError``: then nothing was sent, and all is decided again."""
        self.on_kept: list[Callable[[], None]] = []
        """Called when a group is durable."""
        self.on_forget: list[Callable[[], None]] = []
        """Called when the head is not the one last seen, or a group could not be kept."""
        self._warm = True
        self._waiting: deque[_Ticket] = deque()
        self._callers = 1
        self._gathered = threading.Lock()
        self._gathered.acquire()
        self._turn = threading.Lock()
        self.doorbell = Doorbell()

    @property
    def waiting(self) -> int:
        """How many callers wait for the next group."""
        return len(self._waiting)

    def submit(self, works: Sequence[Work]) -> list[BaseException | None]:
        """Run the works in order, in one group; each one's error, or None when it was kept.

        Raises what kept the whole group from being kept (busy, disk full, damaged).
        """
        self.database.require_own_process()
        ticket = _Ticket(works)
        self._waiting.append(ticket)
        if len(self._waiting) == self._callers > 1:
            with suppress(RuntimeError):  # nobody waits for it
                self._gathered.release()
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

    def look(self, wait_seconds: float) -> bool:
        """Wait at most so long for others' commits to apply; whether one came.

        Nobody of this process can write meanwhile.
        """
        with self._turn:
            return self.journal.look(wait_seconds)

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
            self._gather()
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
            self._callers = len(tickets) + len(self._waiting)
            self._gathered.acquire(blocking=False)
            for ticket in tickets:
                ticket.failure = failure
                ticket.done = True
                ticket.ring()

    def _gather(self) -> None:
        """Give those who were just answered a moment to ask again: one large group, not two halves.

        Whoever is alone never waits.
        """
        if 0 < len(self._waiting) < self._callers:
            self._gathered.acquire(timeout=GATHER_SECONDS)

    def _take(self, tickets: list[_Ticket]) -> None:
        count = sum(len(ticket.works) for ticket in tickets)
        while self._waiting and (not tickets or count + len(self._waiting[0].works) <= GROUP_WORKS):
            tickets.append(self._waiting.popleft())
            count += len(tickets[-1].works)

    def _joining(self, tickets: list[_Ticket]) -> list[_Waiting]:
        """What those want who came since ``tickets`` were taken; they are of them now."""
        known = len(tickets)
        self._take(tickets)
        return _works_of(tickets[known:])

    def _write(self, tickets: list[_Ticket]) -> None:
        waiting = _works_of(tickets)
        for _ in range(ATTEMPTS):
            waiting = self._attempt(waiting, tickets)
            if not waiting:
                return
        raise BusyError(
            f"Other nodes were first {ATTEMPTS} times; nothing of this group was kept.",
            hint="Repeat it under the same command ids.",
            code="contended",
        )

    def _attempt(self, waiting: list[_Waiting], tickets: list[_Ticket]) -> list[_Waiting]:
        """Decide the works at the head and keep what they append; those to be decided again.

        Whoever came while the node waited for its turn is decided with the others.
        Where a rival was first its commit counts, and what was decided without it does not.
        """
        kept: list[Sealed] = []
        try:
            with self.journal.group():
                waiting = waiting + self._joining(tickets)
                self._catch_up()
                group = Group(self.head, self.ledger)
                for prepare_works in self.before_group:
                    prepare_works([one.work for one in waiting])
                ends = [one.decide(group) for one in waiting]
                commits = group.seal()
                if commits:
                    for prepare in self.before_keep:
                        prepare()
                    kept = self._keep(commits)
        except OutrunError:
            self._forget()
            return waiting
        if not commits:
            return []
        self.head = kept[-1].verdict.head
        if len(kept) < len(commits):
            self._forget()
        else:
            for hook in self.on_kept:
                hook()
        self.doorbell.ring()
        return waiting[bisect_right(ends, self.head.position) :]

    def _keep(self, commits: list[Sealed]) -> list[Sealed]:
        """The commits that were kept: all, or the first so many where a rival came between."""
        verdict = self.journal.append(
            [commit.data for commit in commits], [commit.verdict for commit in commits]
        )
        if isinstance(verdict, Void):
            if self.journal.shared:
                raise OutrunError
            raise DamagedError(
                f"The log did not accept its own next commit: {verdict.reason} ({verdict.detail}).",
                hint="Run `attribution verify`.",
            )
        kept = commits[: len(verdict)]
        for commit in kept:
            self.index.apply(commit.entries)
        return kept

    def _catch_up(self) -> None:
        head = self.journal.head()
        if head != self.head or not self._warm:
            self._forget()
            self.head = head
            if self.journal.shared:
                self.doorbell.ring()  # others' commits: kept already, outside this group

    def _forget(self) -> None:
        self._warm = False
        self.index.refresh()
        for forget in self.on_forget:
            forget()
        self._warm = True


def _works_of(tickets: Sequence[_Ticket]) -> list[_Waiting]:
    return [
        _Waiting(ticket, place, work)
        for ticket in tickets
        for place, work in enumerate(ticket.works)
    ]


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
