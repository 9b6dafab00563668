"""Turns: who of the nodes that append to one log goes first, so that one far away wins, too.

Whoever lost waits in a queue, in the order of the log, which every node reads alike; those before
it are let first. A turn ends when its holder has won, or is over in time: it may be dead, or want
nothing any more. What is said here decides nothing: a commit counts for its place in the log alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

WAITING = 16
"""At most so many rivals are waited for."""

FORGOTTEN_AFTER = 8
"""A rival is waited for no more when so many others have won since it lost: it is long gone."""

TIMES_NEEDED = 3
"""A turn lasts so many times as long as its holder says that a try takes it.

One try may be under way in vain when the turn begins, the next one wins.
"""

LONGEST = 8
"""No turn lasts longer than so many moments, whatever is said."""

PATIENT = 20
"""Nobody waits longer than so many moments in a row, whoever is before it."""

_NOTE = re.compile(rb"([0-9a-f]{12}) (\d{1,9})")
"""What a node says beside its commits: its name of this run, and how many ms one try takes it."""


@dataclass(slots=True)
class _Loser:
    """A node that lost and has not won since."""

    name: bytes
    lasts: float
    """How long its turn is, in seconds."""
    overtaken: int = 0
    until: float | None = None
    """When its turn is over; None before it began."""


class Turns:
    """The queue as one node sees it. ``moment_seconds`` is the shortest turn; 0 is no turns."""

    def __init__(self, name: bytes, moment_seconds: float, monotonic: Callable[[], float]) -> None:
        self._name = name
        self._moment = moment_seconds
        self._monotonic = monotonic
        self._queue: list[_Loser] = []
        self._needs = 0.0

    def note(self) -> bytes:
        """What to say beside a commit of this node."""
        return b"%s %d" % (self._name, min(self._needs * 1000, 999_999))

    def tried(self, seconds: float) -> None:
        """This node needed so long from reading the log's end to learning what came of a try."""
        self._needs = max(seconds, (self._needs + seconds) / 2)

    def lost(self, note: bytes) -> None:
        """A commit with this note was read that came too late."""
        found = _NOTE.fullmatch(note)
        if found is None:
            return  # nobody who would know its turn
        needs = int(found[2]) / 1000
        lasts = max(self._moment, min(TIMES_NEEDED * needs, LONGEST * self._moment))
        known = next((one for one in self._queue if one.name == found[1]), None)
        if known is not None:
            known.lasts = lasts  # a turn that has begun is not prolonged: who only loses has no end
        elif len(self._queue) < WAITING:
            self._queue.append(_Loser(found[1], lasts))

    def won(self, note: bytes) -> None:
        """A commit with this note was accepted."""
        winner = note.partition(b" ")[0]
        for one in self._queue:
            one.overtaken += 1
        self._queue = [
            one for one in self._queue if one.name != winner and one.overtaken < FORGOTTEN_AFTER
        ]

    def wait_seconds(self) -> float:
        """How long this node lets another be first, from now on, if nothing else is read."""
        now = self._monotonic()
        while self._queue and self._queue[0].name != self._name:
            first = self._queue[0]
            if first.until is None:
                first.until = now + first.lasts
            if first.until > now:
                return first.until - now
            del self._queue[0]
        return 0.0

    @property
    def patience_seconds(self) -> float:
        """How long this node waits at most, in a row."""
        return PATIENT * self._moment
