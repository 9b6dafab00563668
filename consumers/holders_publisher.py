"""The holders publisher: who holds each slot now, as the compacted topic `PREFIX.holders`.

What the topic says, once published up to a position, is what `attribution holders` says for that
position and the instant at which it was recorded; ``schemas.holders_topic`` has the records. The
value of a slot is a function of the log, so any number of publishers may run: each reads the topic
back, and sends again whatever is not as its views have it. Two rules keep them from undoing each
other's work, however late a record comes:

- The log is caught up *after* the topic was read. So whoever judges a record knows at least as much
  as whoever wrote it, and puts right only what is older or wrong.
- A record that came in since is judged in the next round.

A publisher may be killed at any step: what it remembers (``consumers.holders_state``) is no more
than what topic and log say.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import orjson

from consumers.accepted import unreadable
from consumers.holders_state import GONE, Held, HoldersState
from consumers.relay import Patience, Sends, Topic
from ledger.cluster.partition import Message, Placed
from ledger.cluster.quarantine import Keep
from projections.record import Head
from projections.runner import Views
from projections.slot_states import SlotState, changed, states
from projections.views import checkpoint, snapshot
from schemas.holders_topic import MOST_HOLDERS, PUBLISHER_HEADER, REACH_KEY
from schemas.time import iso

PAGE = 400
"""Slots compared, and sent, at a time."""

REACH_SECONDS = 1.0
"""So often at most the topic is told how far it is."""

_REACH = REACH_KEY.encode()


class Node(NamedTuple):
    """What a publisher asks of its node.

    ``catch_up`` brings log and views up to the log's end of now; ``wait`` waits for what follows a
    position, at most so many seconds.
    """

    views: Views
    catch_up: Callable[[], object]
    wait: Callable[[int, float], object]


class HoldersPublisher:
    """Makes the topic say what the node's views say. For one thread.

    Raises ``StorageError`` when the cluster does not answer; the same step may be tried again.
    ``keep`` is given records that no publisher has sent; they are then put right like any other.
    """

    def __init__(
        self,
        node: Node,
        topic: Topic,
        outlet: Sends,
        state: HoldersState,
        patience: Patience = Patience(),  # noqa: B008  an immutable value
        keep: Keep = lambda _: None,
    ) -> None:
        self.sent = 0
        """Records sent since it began, repeats included."""
        self.passed_over: Counter[str] = Counter()
        """Records of the topic that were no publisher's."""
        self.at = Head(0, "", 0)
        """How far the views were in the last round."""
        self.whole = False
        """Whether the topic said everything up to there when the round ended."""
        self._node, self._topic, self._outlet = node, topic, outlet
        self._state, self._patience, self._keep = state, patience, keep
        self._name = secrets.token_hex(4)
        self._round = 0
        self._back: set[bytes] = set()
        self._other_leads = False
        self._reach_at = float("-inf")

    def step(self, wait_seconds: float = 1.0) -> int:
        """One round: compare, send, read back; how many records were sent.

        Waits first for something to do, where the last round left nothing.
        """
        if self.whole and wait_seconds:
            self._node.wait(self.at.position, wait_seconds)
        self._round += 1
        before = self.sent
        self._read_on(self._topic.end())
        known_to = self._state.offset
        self._node.catch_up()
        with snapshot(self._node.views.connection) as views:
            self.at = checkpoint(views)
            new = self._note_changes(views)
            if new and self._other_leads:
                self._stand_by()
            self._put_right(views, known_to)
            self.whole = not self._state.unsure(b"", 1)
            if self.whole:
                self._tell_reach(known_to, now=not wait_seconds)
        return self.sent - before

    def _note_changes(self, views: sqlite3.Connection) -> bool:
        noted = self._state.position
        if self.at.position == noted:
            return False
        # Views that were made anew from a shorter log are compared from the beginning.
        since = noted if noted <= self.at.position else 0
        with self._state.transaction():
            self._state.doubt(slot.encode() for slot in changed(views, since))
            self._state.doubt_due(self.at.recorded_at_us)
            self._state.noted_to(self.at.position)
        return bool(self._state.unsure(b"", 1))

    def _stand_by(self) -> None:
        """Leave it to the publisher that sent the last record, while it does."""
        begun = seen_at = self._patience.monotonic()
        while True:
            came = self._follow(0.1)
            now = self._patience.monotonic()
            if came:
                seen_at = now
            quiet = now - seen_at > self._patience.stand_by_seconds
            if quiet or now - begun > self._patience.resend_seconds:
                return

    # Comparing

    def _put_right(self, views: sqlite3.Connection, known_to: int) -> None:
        after = b""
        while slots := self._state.unsure(after, PAGE):
            after = slots[-1]
            wrong = self._compare(views, slots, known_to)
            if wrong:
                self._send(wrong)

    def _compare(
        self, views: sqlite3.Connection, slots: list[bytes], known_to: int
    ) -> list[tuple[bytes, bytes | None]]:
        """The slots of which the topic says another thing than the views, with what it should."""
        told = states(views, [text for slot in slots if (text := _text(slot))], self.at)
        held = self._state.held(slots)
        right: list[tuple[bytes, int | None]] = []
        wrong = []
        for slot in slots:
            state = told.get(_text(slot) or "")
            value = slot_value(slot.decode(), state) if state else None
            have = held.get(slot, Held(GONE, -1))
            if have.digest == digest(value):
                right.append((slot, state.due_us if state else None))
            elif have.offset < known_to:
                wrong.append((slot, value))
        gone = [slot for slot, _ in right if held.get(slot, Held(b"-", 0)).digest == GONE]
        with self._state.transaction():
            self._state.settle(right, gone)
        return wrong

    def _tell_reach(self, known_to: int, *, now: bool) -> None:
        """Say in the topic how far it is, when that is not what it says."""
        value = reach_value(self.at)
        have = self._state.held([_REACH]).get(_REACH, Held(GONE, -1))
        moment = self._patience.monotonic()
        due = now or moment - self._reach_at >= REACH_SECONDS
        if value and have.digest != digest(value) and have.offset < known_to and due:
            self._reach_at = moment
            self._send([(_REACH, value)])

    # Sending

    def _send(self, records: list[tuple[bytes, bytes | None]]) -> None:
        """Send until every record was read back, in whatever order among those of others."""
        begun = sent_at = self._patience.monotonic()
        self._back = set()
        self._hand_over(records)
        wanted = {slot for slot, _ in records}
        while not wanted <= self._back:
            self._follow(0.25)
            now = self._patience.monotonic()
            if now - begun > self._patience.give_up_seconds:
                raise self._topic.silent(self._state.offset)
            if self._outlet.lost() or now - sent_at > self._patience.resend_seconds:
                self._hand_over([one for one in records if one[0] not in self._back])
                sent_at = now

    def _hand_over(self, records: list[tuple[bytes, bytes | None]]) -> None:
        told = f"{self._name} {self.at.position} {self._round}".encode()
        headers = [("content-type", b"application/json"), (PUBLISHER_HEADER, told)]
        self._outlet.send([Message(slot, value, headers) for slot, value in records])
        self.sent += len(records)

    # Reading the topic back

    def _read_on(self, end: int) -> None:
        while (reached := self._state.offset) < end:
            self._follow(5.0)
            if self._state.offset == reached:
                raise self._topic.silent(reached)

    def _follow(self, wait_seconds: float) -> int:
        """Take in what came; how many records."""
        stretch = self._topic.read(self._state.offset, wait_seconds)
        heard: dict[bytes, Held] = {}
        for one in stretch.records:
            slot = one.message.key or b""
            heard[slot] = Held(digest(one.message.value), one.offset)
            self._note_sender(one, slot)
        if stretch.upto != self._state.offset:
            with self._state.transaction():
                self._state.hear(heard.items())
                self._state.doubt(slot for slot in heard if slot != _REACH)
                self._state.read_to(stretch.upto)
        return len(stretch.records)

    def _note_sender(self, record: Placed, slot: bytes) -> None:
        sender = _sender(record)
        if not sender:
            self.passed_over["stranger"] += 1
            topic = self._topic.name
            self._keep(unreadable("publisher", topic, record, "stranger"))
            return
        own = sender[0] == self._name
        self._other_leads = not own
        if own and sender[2:] == [str(self._round)]:
            self._back.add(slot)


def slot_value(slot: str, state: SlotState) -> bytes | None:
    """The value of a slot's record; None, a tombstone, where nobody holds it."""
    if not state.holders:
        return None
    listed = state.holders[:MOST_HOLDERS]
    told = {"slot": slot, "position": state.position, "holders": listed}
    if len(listed) < len(state.holders):
        told["more"] = len(state.holders) - len(listed)
    return orjson.dumps(told)


def reach_value(at: Head) -> bytes | None:
    """The value of the record that says how far the topic is; None before the first event."""
    if not at.position:
        return None
    told = {"position": at.position, "commit": at.commit_hash}
    return orjson.dumps(told | {"recorded_at": iso(at.recorded_at_us)})


def digest(value: bytes | None) -> bytes:
    """What is remembered of a value."""
    return GONE if value is None else hashlib.sha256(value).digest()[:16]


def current(records: Iterable[Message]) -> dict[str, bytes]:
    """What a topic says when all of its records were read: the last value of each key."""
    found: dict[str, bytes] = {}
    for key, value, _ in records:
        slot = (key or b"").decode("utf-8", "replace")
        if value is None:
            found.pop(slot, None)
        else:
            found[slot] = value
    return found


def _sender(record: Placed) -> list[str]:
    """Who sent a record, as of which position, in which round; empty for a stranger."""
    found = next((text for name, text in record.message.headers if name == PUBLISHER_HEADER), b"")
    words = found.decode("ascii", "replace").split()
    return words if len(words) == 3 and words[1].isdigit() and words[2].isdigit() else []


def _text(slot: bytes) -> str | None:
    """The slot that a key names; None for bytes that are no text."""
    try:
        return slot.decode()
    except UnicodeDecodeError:
        return None
