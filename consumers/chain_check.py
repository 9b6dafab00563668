"""Checks events against the chain itself: for who trusts the log, and not whoever relayed it.

Reads `PREFIX.chain` from its beginning, by the chain's own rule, as far as the events reach; so the
reader needs the right to read that topic, and the first event waits until all before it are read.
"""

from __future__ import annotations

from ledger.cluster.partition import Inlet
from ledger.errors import DamagedError
from ledger.log.chain import START, Accepted, judge
from ledger.log.frame import EventBytes
from ledger.log.index import Stored

SILENCE_SECONDS = 5.0
"""How long records that are known to be there may take to come."""


class ChainCheck:
    """What the chain holds, for events that are asked for in order of position. For one thread."""

    def __init__(self, chain: Inlet) -> None:
        self._chain = chain
        self._head = START
        self._offset = chain.beginning()
        self._ahead: dict[int, tuple[EventBytes, bytes]] = {}

    def require(self, stored: Stored) -> None:
        """Raise ``DamagedError`` (``not_in_chain``) unless the chain holds exactly this event."""
        self._read_to(stored.position)
        found = self._ahead.pop(stored.position, None)
        told = (EventBytes(stored.attributes, stored.data), stored.commit_hash)
        if found != told:
            raise DamagedError(
                f"The event of position {stored.position} is not the one that the chain holds.",
                hint="Don't act on it: whoever relayed it changed it, or reads another log.",
                code="not_in_chain",
            )

    def close(self) -> None:
        """Let the connection go."""
        self._chain.close()

    def _read_to(self, position: int) -> None:
        """Read until the position is there, or the chain's end of now."""
        end = -1
        while self._head.position < position:
            if end < 0:
                end = self._chain.end()
            if self._offset >= end:
                return
            stretch = self._chain.read(self._offset, SILENCE_SECONDS)
            if stretch.upto == self._offset:
                raise self._chain.silent(self._offset)
            for record in stretch.records:
                verdict = judge(self._head, record.message.value or b"")
                if isinstance(verdict, Accepted):
                    self._take(verdict, position)
            self._offset = stretch.upto

    def _take(self, accepted: Accepted, position: int) -> None:
        frame, self._head = accepted
        if self._head.position < position:
            return  # nobody asks for those any more
        for at, event in enumerate(frame.events, frame.first):
            if at >= position:
                self._ahead[at] = (event, self._head.hash)
