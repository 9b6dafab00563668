"""Sends the records of an attempt to the usage topic, and reads them back: what arrived is known.

No ack is believed. A record counts as arrived when reading the topic by the rule finds it, byte for
byte; what was given up, or is not seen for long, is sent again from the first missing number on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.cluster.bulk import BulkTopic, Page
from ledger.errors import StorageError
from ledger.usage.log import Cut, DamagedUsageError
from ledger.usage.staging import Spool, StagedCut, Staging
from ledger.usage.topic_records import Sent
from ledger.usage.topic_rule import Rule

WINDOW_RECORDS = 60_000
"""Records on their way, at most: sent, and not read back."""

LOOK_SECONDS = 0.25


class Patience(NamedTuple):
    """How long a node waits for the topic; seconds on its own monotonic clock.

    ``resend``: with no sign of what was sent for so long it is sent again; ``give_up``: with none
    for so long, the attempt is given up.
    """

    resend_seconds: float = 2.0
    give_up_seconds: float = 30.0
    monotonic: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class _Lane:
    """One partition: what was sent and not seen yet, and what was seen."""

    partition: int
    offset: int
    rule: Rule
    staging: Staging
    unseen: deque[Sent] = field(default_factory=deque)
    seen: int = 0
    first_offset: int = -1
    end_offset: int = -1

    def waiting(self) -> int:
        """How many records are not seen yet."""
        last = self.unseen[-1] if self.unseen else None
        return last.first_number + len(last.values) - self.seen if last else 0


class Sending:
    """One attempt on its way onto the topic of ledger ``source``. For one thread."""

    def __init__(
        self, topic: BulkTopic, source: bytes, attempt: str, spool: Spool, patience: Patience
    ) -> None:
        self._topic, self._attempt, self._patience = topic, attempt, patience
        self._lanes = [
            _Lane(number, end, Rule(source, number, {attempt}), Staging(spool))
            for number, end in enumerate(topic.ends())
        ]
        self._moved = self._sent = patience.monotonic()

    def put(self, sent: Sent) -> None:
        """Send records; reads back while too many are on their way.

        Raises ``StorageError`` where the topic does not take them in time: nothing counts then.
        """
        lane = self._lanes[sent.partition]
        if not any(it.unseen for it in self._lanes):
            self._moved = self._sent = self._patience.monotonic()
        lane.staging.take(sent.record, sent.rows)
        lane.unseen.append(sent)
        self._topic.send(sent.partition, sent.keys, sent.values, sent.headers)
        while self._waiting() > WINDOW_RECORDS:
            self._look()

    def finish(self) -> list[StagedCut]:
        """Read back all that is on its way; the cuts, with the rows of each."""
        while self._waiting():
            self._look()
        return [self._cut(lane) for lane in self._lanes if lane.seen]

    def _waiting(self) -> int:
        return sum(lane.waiting() for lane in self._lanes)

    def _look(self) -> None:
        """Read once; send again what is missing for too long."""
        wanted = {lane.partition: lane.offset for lane in self._lanes if lane.unseen}
        before = self._waiting()
        for page in self._topic.read(wanted, LOOK_SECONDS):
            self._see(self._lanes[page.partition], page)
        now = self._patience.monotonic()
        if self._waiting() < before:
            self._moved = self._sent = now
        elif now - self._moved >= self._patience.give_up_seconds:
            raise not_taken(self._waiting(), "nothing of this attempt counts.")
        elif self._topic.lost() or now - self._sent >= self._patience.resend_seconds:
            self._send_again()
            self._sent = now

    def _see(self, lane: _Lane, page: Page) -> None:
        """Note what of a page is the attempt's: mostly just what comes next, and all of it."""
        begin = self._see_expected(lane, page)
        for kept in lane.rule.take(page.headers[begin:]):
            for place in (begin + it for it in kept.places):
                sent = lane.unseen[0] if lane.unseen else None
                at = lane.seen - sent.first_number if sent else 0
                if sent is None or (page.values[place], kept.record) != (
                    sent.values[at],
                    sent.record,
                ):
                    raise _forged(lane.partition, page.offsets[place])
                self._note(lane, page, place, 1)
        lane.offset = page.upto

    def _see_expected(self, lane: _Lane, page: Page) -> int:
        """How many records at the beginning of a page are the next ones, byte for byte."""
        begin = 0
        while lane.unseen and begin < len(page.values):
            sent = lane.unseen[0]
            at = lane.seen - sent.first_number
            count = min(len(sent.values) - at, len(page.values) - begin)
            here, there = slice(begin, begin + count), slice(at, at + count)
            if page.values[here] != sent.values[there] or page.headers[here] != sent.headers[there]:
                break
            lane.rule.skip(self._attempt, count)
            self._note(lane, page, begin, count)
            begin += count
        return begin

    def _note(self, lane: _Lane, page: Page, place: int, count: int) -> None:
        """Records from a place on are seen."""
        if not lane.seen:
            lane.first_offset = page.offsets[place]
        lane.seen += count
        lane.end_offset = page.offsets[place + count - 1] + 1
        sent = lane.unseen[0]
        if lane.seen == sent.first_number + len(sent.values):
            lane.unseen.popleft()

    def _send_again(self) -> None:
        for lane in self._lanes:
            for sent in lane.unseen:
                skip = max(0, lane.seen - sent.first_number)
                self._topic.send(
                    lane.partition, sent.keys[skip:], sent.values[skip:], sent.headers[skip:]
                )

    def _cut(self, lane: _Lane) -> StagedCut:
        lane.staging.flush()
        digest = lane.staging.digest
        cut = Cut(lane.partition, lane.first_offset, lane.end_offset, digest.count, digest.hex())
        return StagedCut(cut, lane.seen, lane.staging.laid)


def cuts(staged: Sequence[StagedCut]) -> list[Cut]:
    """What a decision states of them."""
    return [it.cut for it in staged]


def not_taken(missing: int, after: str) -> StorageError:
    """The error of a topic that takes no records; ``after`` says what is so when it is repeated."""
    return StorageError(
        f"Kafka has not taken {missing} records of usage in time.",
        hint=f"Check the brokers, then repeat; {after}",
        code="usage_not_taken",
    )


def _forged(partition: int, offset: int) -> DamagedUsageError:
    return DamagedUsageError(
        f"The record at offset {offset} of partition {partition} of the usage topic has the name"
        " of one that this node sent, and is another.",
        hint="Find out who writes to the topic; nothing of this attempt counts.",
        code="usage_forged",
    )
