"""The relay: accepted events of a node's replica to `PREFIX.events`, one record each, in order.

Any number may run. What the topic holds is the only memory: a relay reads the topic by the same
rule as everybody (``consumers.accepted``), sends what follows, and goes on when it has read that
back. So it may be killed at any step; a record that was lost is sent again, with all after it.

Each record says in a header of the relay how far its sender had read the topic back before; from
the last such header a relay that starts finds its place without reading the whole topic.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, Protocol

from consumers.accepted import (
    START,
    Mark,
    commit_of,
    position_of,
    unreadable,
    why_passed_over,
)
from ledger.cluster.partition import Message, Placed, Stretch
from ledger.cluster.quarantine import Keep
from ledger.errors import DamagedError
from ledger.log.index import Stored
from ledger.log.query import EVERYTHING
from ledger.log.reader import Reader
from schemas.asyncapi import RELAY_HEADER
from schemas.cloud_event import cloud_event
from schemas.cloud_event_kafka import headers, key
from schemas.envelope import Attributes

PAGE = 500
"""Events sent before what was sent is read back."""

READ_BACK = RELAY_HEADER
"""The relay's own header: its name, and the mark up to which it had read the topic back."""

_FURTHEST_BACK = 100_000


class Patience(NamedTuple):
    """How long a relay waits, in seconds.

    ``resend``: with no sign of what was sent for so long it is sent again; ``give_up``: so long
    after the first time that is an error. ``stand_by``: so long another relay, which sent the last
    record, may send the next one first.
    """

    resend_seconds: float = 3.0
    give_up_seconds: float = 20.0
    stand_by_seconds: float = 0.5
    monotonic: Callable[[], float] = time.monotonic


class Topic(Protocol):
    """The public topic, to read."""

    @property
    def name(self) -> str:
        """What it is called."""

    def beginning(self) -> int:
        """The first offset that is kept."""

    def end(self) -> int:
        """The offset after the last record."""

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """Records from an offset on."""

    def silent(self, offset: int) -> Exception:
        """The error of a topic that does not answer."""


class Sends(Protocol):
    """The public topic, to send to."""

    def send(self, messages: list[Message]) -> None:
        """Hand messages over, in order."""

    def lost(self) -> bool:
        """Whether one was given up."""


class Relay:
    """Hands on what ``reader`` has. For one thread.

    Records of strangers do not count; ``keep`` is given them. Raises ``DamagedError``
    (``events_forked``) when the topic carries another story than the log.
    """

    def __init__(
        self,
        reader: Reader,
        ledger: str,
        topic: Topic,
        outlet: Sends,
        patience: Patience = Patience(),  # noqa: B008  an immutable value
        keep: Keep = lambda _: None,
    ) -> None:
        self.sent = 0
        """Records sent since the relay began, repeats included."""
        self.passed_over: Counter[str] = Counter()
        """Records of the topic that did not count, by reason."""
        self.recorded_at_us = 0
        """When the last event that it handed on had been recorded; microseconds UTC."""
        self._keep = keep
        self._reader, self._ledger = reader, ledger
        self._topic, self._outlet = topic, outlet
        self._patience = patience
        self._name = secrets.token_hex(4)
        self._other_leads = False
        self._last = Placed(-1, Message(None, None))
        self.mark = self._find_mark()
        self._read_on(self._topic.end())

    def step(self, wait_seconds: float = 1.0) -> int:
        """Hand on the next page, at once when there is one; how many records are new since."""
        before = self.mark.position
        events = self._reader.page_or_wait(
            EVERYTHING, after=before, timeout_seconds=wait_seconds, limit=PAGE
        ).events
        if events and self._other_leads:
            self._stand_by(events[-1].position)
        self._read_on(self._topic.end())
        self._require_same_story()
        ahead = [stored for stored in events if stored.position > self.mark.position]
        if ahead:
            self._send(ahead)
        return self.mark.position - before

    def _stand_by(self, wanted: int) -> None:
        """Leave it to the relay that sent the last record, while it does."""
        seen, seen_at = self.mark.position, self._patience.monotonic()
        while self.mark.position < wanted:
            self._follow(0.1)
            now = self._patience.monotonic()
            if self.mark.position > seen:
                seen, seen_at = self.mark.position, now
            elif now - seen_at > self._patience.stand_by_seconds:
                return

    def _send(self, events: list[Stored]) -> None:
        """Send until all was read back."""
        begun = sent_at = self._patience.monotonic()
        self._hand_over(events)
        while self.mark.position < events[-1].position:
            self._follow(0.25)
            now = self._patience.monotonic()
            if now - begun > self._patience.give_up_seconds:
                raise self._topic.silent(self.mark.offset)
            if self._outlet.lost() or now - sent_at > self._patience.resend_seconds:
                self._hand_over(events)
                sent_at = now

    def _hand_over(self, events: list[Stored]) -> None:
        left = [stored for stored in events if stored.position > self.mark.position]
        self.recorded_at_us = events[-1].recorded_at_us
        self._outlet.send([self._message(stored) for stored in left])
        self.sent += len(left)

    def _message(self, stored: Stored) -> Message:
        attributes = Attributes.from_bytes(stored.attributes)
        envelope = cloud_event(
            attributes,
            stored.data,
            ledger=self._ledger,
            position=stored.position,
            commit_hash=stored.commit_hash,
            prev_hash=stored.prev_hash,
            recorded_at_us=stored.recorded_at_us,
        )
        told = f"{self._name} {self.mark.position} {self.mark.offset}"
        carried = [*headers(envelope), (READ_BACK, told.encode())]
        return Message(key(attributes.tags), stored.data, carried)

    # What the topic holds already

    def _find_mark(self) -> Mark:
        """The mark that the last record of a relay states; the start when there is none."""
        first, end = self._topic.beginning(), self._topic.end()
        if first:
            raise DamagedError(
                f"The topic of events begins at offset {first}: it has forgotten its beginning.",
                hint="Delete it, make it again (attribution topics create) and relay anew.",
                code="events_forgotten",
            )
        back = 1
        while end and back <= _FURTHEST_BACK:
            stretch = self._records(max(0, end - back), end)
            marks = [mark for one in stretch if (mark := _mark(one)) is not None]
            if marks:
                return marks[-1]
            if back >= end:
                break
            back *= 10
        return START

    def _records(self, offset: int, end: int) -> list[Placed]:
        found: list[Placed] = []
        while offset < end:
            stretch = self._topic.read(offset, 5.0)
            if stretch.upto == offset:
                raise self._topic.silent(offset)
            found += stretch.records
            offset = stretch.upto
        return found

    def _read_on(self, end: int) -> None:
        while self.mark.offset < end:
            reached = self.mark.offset
            self._follow(5.0)
            if self.mark.offset == reached:
                raise self._topic.silent(reached)

    def _follow(self, wait_seconds: float) -> None:
        """Count what came, as every reader of the topic does."""
        stretch = self._topic.read(self.mark.offset, wait_seconds)
        position = self.mark.position
        for one in stretch.records:
            if position_of(one.message) == position + 1:
                position += 1
                self._last = one
                self._other_leads = not _is_of(one, self._name)
            else:
                self._pass_over(one, position)
        self.mark = Mark(position, stretch.upto)

    def _pass_over(self, record: Placed, position: int) -> None:
        why = why_passed_over(record.message, position)
        self.passed_over[why] += 1
        if why == "stranger":
            self._keep(unreadable("relay", self._topic.name, record, "stranger"))

    def _require_same_story(self) -> None:
        """The last record that counted carries the hash of our own commit at its position."""
        position = position_of(self._last.message)
        found = position and self._reader.find(after=position - 1, limit=1)
        if found and found[0].commit_hash != commit_of(self._last.message):
            raise DamagedError(
                f"The topic of events has another event at position {position} than the log: one of"
                " them was restored or changed.",
                hint="If the log is right, delete the topic, make it again (attribution topics"
                " create) and relay anew.",
                code="events_forked",
            )


def _mark(record: Placed) -> Mark | None:
    """The mark that a record states; None for none, and for one that can't be."""
    words = next((text for name, text in record.message.headers if name == READ_BACK), b"").split()
    if len(words) != 3 or not (words[1].isdigit() and words[2].isdigit()):
        return None
    mark = Mark(int(words[1]), int(words[2]))
    return mark if mark.position <= mark.offset <= record.offset else None


def _is_of(record: Placed, name: str) -> bool:
    told = next((text for header, text in record.message.headers if header == READ_BACK), b"")
    return told.startswith(name.encode() + b" ")
