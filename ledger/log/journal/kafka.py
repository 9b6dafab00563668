"""The journal of many machines: a Kafka topic decides, a replica in the node's own file follows it.

One record is one commit. The log order of the topic is the arbiter (DESIGN §2.2, §3): a commit was
accepted when, reading the topic from the old head on, it is the first that follows it. No ack is
believed. The table ``commits`` holds what was accepted, ``transport`` how far the topic was read.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from secrets import token_hex
from typing import ClassVar, NamedTuple

from ledger.errors import DamagedError, StorageError
from ledger.log.chain import Accepted, Head, Void, VoidReason, judge
from ledger.log.database import Database
from ledger.log.frame import Frame, frame_hash, parse
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.journal.topic import CommitTopic, Record
from ledger.log.journal.turns import Turns

_TABLE = """
CREATE TABLE IF NOT EXISTS transport (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  topic TEXT NOT NULL,
  next_offset INTEGER NOT NULL
)
"""

RECORDS_APPLIED = 500
"""At most so many records are applied in one transaction while catching up."""

LOOK_SECONDS = 0.25
"""How long one look at the topic waits for a record."""


def make_table(database: Database) -> None:
    """Make the table that says how far the topic was applied, where it is missing."""
    with database.errors():
        database.connection.execute(_TABLE)


def void_records(database: Database) -> int:
    """How many records of the topic did not count, as far as it was applied.

    Each record is a commit that was accepted, or void.
    """
    sql = "SELECT next_offset - (SELECT count(*) FROM commits) FROM transport"
    with database.errors():
        row = database.connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


class Patience(NamedTuple):
    """How long a node waits for the cluster; seconds on its own monotonic clock.

    ``give_way``: so long a rival that lost may be first, at least (``turns``).
    ``resend``: with no sign of a commit for so long, the same bytes are sent again. ``give_up``: so
    long after the first send the callers are told that it is not known whether they were heard.
    """

    give_way_seconds: float = 0.05
    resend_seconds: float = 2.0
    give_up_seconds: float = 30.0
    monotonic: Callable[[], float] = time.monotonic


class KafkaJournal:
    """Commits in a topic, with those accepted in the node's ``chain.db``.

    ``on_accepted`` is given the commits that others appended, inside the transaction that keeps it:
    the index is brought up there. ``on_unparsable`` is given each record that is no commit at all,
    and why; perhaps more than once. Raises ``DamagedError`` when replica and topic do not belong
    together: the topic was created anew, lost its end or its beginning, or tells another story.
    """

    shared: ClassVar[bool] = True

    def __init__(
        self,
        database: Database,
        topic: CommitTopic,
        on_accepted: Callable[[Sequence[Accepted]], None] = lambda _: None,
        patience: Patience = Patience(),  # noqa: B008  an immutable value
        on_unparsable: Callable[[Record, str], None] = lambda _record, _why: None,
    ) -> None:
        self.database = database
        self._on_unparsable = on_unparsable
        self._replica = SqliteJournal(database)
        self._topic = topic
        self._on_accepted = on_accepted
        self._patience = patience
        self._ahead = _Ahead(topic)
        self._unsettled: list[bytes] = []
        self._turns = Turns(token_hex(6).encode(), patience.give_way_seconds, patience.monotonic)
        self._tries_since = 0.0
        self._begin()

    def head(self) -> Head:
        """Where the accepted log ends: as the topic has it now, or had it when the group began."""
        return self._replica.head() if self._replica.in_group else self.catch_up()

    def catch_up(self, progress: Callable[[Head], None] | None = None) -> Head:
        """Apply everything up to the topic's end of this moment; the head then."""
        self._require_same_topic()
        self._settle_earlier()
        self._apply_up_to(self._end(), progress)
        return self._replica.head()

    def look(self, wait_seconds: float) -> bool:
        """Wait until the topic holds a record that was not applied here; whether one came."""
        self._ahead.rewind(self._applied_to())
        return self._ahead.peek(wait_seconds) is not None

    def _apply_up_to(self, end: int, progress: Callable[[Head], None] | None = None) -> None:
        while self._applied_to() < end:
            with self.database.transaction():
                self._apply_page(end)
            if progress is not None:
                progress(self._replica.head())

    @contextmanager
    def group(self) -> Iterator[None]:
        """One group, decided at the topic's end: what is appended within it stands when it ends.

        Where a rival has just lost, it gets a moment to win first: a node that is near the broker
        would else always be before one that is far.
        """
        self._give_way()
        self._tries_since = self._patience.monotonic()
        self.catch_up()
        with self._replica.group():
            self._ahead.rewind(self._applied_to())
            yield

    def append(
        self, commits: Sequence[bytes], sealed: Sequence[Accepted] = ()
    ) -> list[Accepted] | Void:
        """Send the commits and read back what became of them.

        All are accepted, or the first so many where a rival came between, or none: then the verdict
        on the first. Raises ``StorageError`` (``undecided``, or what failed) when that can't be
        known in time; the same bytes are then sent again before anything else is, until their
        position is taken.
        """
        del sealed  # what counts is what the log says
        if not self._replica.in_group:
            with self.group():
                return self.append(commits)
        void = _misfit(self._replica.head(), commits)
        if void is not None:
            return void
        self._unsettled = list(commits)  # until they are read back, whatever fails on the way
        self._topic.send(commits, self._turns.note())
        found = self._read_back(list(commits))
        self._unsettled = []
        self._turns.tried(self._patience.monotonic() - self._tries_since)
        return found

    def read(self, after: int = 0) -> Iterator[tuple[bytes, Accepted]]:
        """The accepted commits beyond ``after`` up to the topic's end of now, each judged again."""
        self.catch_up()
        return self._replica.read(after)

    def close(self) -> None:
        """Let the topic go; the file belongs to whoever opened it."""
        self._topic.close()

    # Reading

    def _read_back(self, sent: list[bytes]) -> list[Accepted] | Void:
        """The fate of commits that were sent: judged in the order of the topic, rivals included."""
        accepted: list[Accepted] = []
        waiting = _Waiting(self._topic, self._patience)
        head = self._replica.head()
        while len(accepted) < len(sent):
            record = self._ahead.peek(LOOK_SECONDS)
            if record is None:
                if waiting.over():
                    raise _undecided()
                self._require_heard(waiting)
                waiting.send_again_if_due(sent[len(accepted) :])
                continue
            verdict = judge(head, record.value)
            if isinstance(verdict, Accepted):
                if record.value != sent[len(accepted)]:
                    # A rival was first: it stays ahead, and is applied before anything else.
                    self._require_heard(waiting)
                    break
                accepted.append(verdict)
                self._turns.won(record.note)
                head = verdict.head
            else:
                self._note_void(record, verdict)
            self._ahead.passed()
        self._replica.keep(zip(sent, accepted, strict=False))
        self._advance()
        if accepted:
            return accepted
        position = head.position + 1
        return Void(VoidReason.POSITION_TAKEN, f"another node took position {position}")

    def _require_heard(self, waiting: _Waiting) -> None:
        """Raise what the cluster refuses for good, lest it be sent and decided for ever.

        Refused at once, it was never heard. Refused only when it was sent again, it may have been
        heard before: that stays open, as after a time-out.
        """
        try:
            waiting.lost = self._topic.undelivered()
        except StorageError:
            if not waiting.repeated:
                self._unsettled = []
            raise

    def _apply_page(self, end: int) -> None:
        """Apply records up to the end, at most a page of them; inside the open transaction."""
        self._ahead.rewind(self._applied_to())
        head, kept = self._replica.head(), []
        for _ in range(RECORDS_APPLIED):
            record = self._ahead.peek_before(end, self._patience.give_up_seconds)
            if record is None:
                break
            verdict = judge(head, record.value)
            if isinstance(verdict, Accepted):
                kept.append((record.value, verdict))
                head = verdict.head
                self._turns.won(record.note)
            else:
                self._note_void(record, verdict)
            self._ahead.passed()
        self._replica.keep(kept)
        self._on_accepted([verdict for _, verdict in kept])
        self._advance()

    def _note_void(self, record: Record, void: Void) -> None:
        """A void commit is of one who will try again."""
        if void.reason is VoidReason.UNPARSABLE:
            self._on_unparsable(record, void.detail)
        else:
            self._turns.lost(record.note)

    def _give_way(self) -> None:
        """Let those be first whose turn it is: until they were, or their time is over."""
        until = self._patience.monotonic() + self._turns.patience_seconds
        while (left := self._turns.wait_seconds()) and self._patience.monotonic() < until:
            self._ahead.rewind(self._applied_to())
            self._ahead.peek(left)
            self._apply_up_to(self._ahead.upto)

    def _settle_earlier(self) -> None:
        """Bytes whose fate was not known are sent again until their position is taken."""
        if not self._unsettled:
            return
        sent, waiting = self._unsettled, _Waiting(self._topic, self._patience)
        waiting.repeated = True
        self._topic.send(sent)
        while True:
            self._apply_up_to(self._topic.end())
            head = self._replica.head()
            if all(_first_position(data) <= head.position for data in sent):
                self._unsettled = []
                return
            if waiting.over():
                raise _undecided()
            self._require_heard(waiting)
            waiting.send_again_if_due(sent)
            self._ahead.peek(LOOK_SECONDS)

    # What the replica knows of the topic

    def _begin(self) -> None:
        make_table(self.database)
        identity = self._topic.identity()
        first = self._topic.beginning()
        if self._transport() is None:
            if first > 0:
                raise _forgot(first)
            with self.database.transaction() as connection:
                connection.execute("INSERT OR IGNORE INTO transport VALUES (1, ?, 0)", (identity,))
            return
        self._require_same_topic()
        self._end()
        self._require_same_story(first)

    def _require_same_topic(self) -> None:
        row, identity = self._transport(), self._topic.identity()
        if row is not None and row[0] != identity:
            raise DamagedError(
                f"The topic was deleted and created again: its id is {identity}, and this node"
                f" followed {row[0]} up to position {self._replica.head().position}.",
                hint="Restore the topic; nothing was changed. Another topic needs another node"
                " folder.",
                code="topic_recreated",
            )

    def _end(self) -> int:
        """The topic's end of now, which what was applied before the question can't lie beyond.

        Another process of the node may apply more while the answer is on its way.
        """
        applied = self._applied_to()
        end = self._topic.end()
        if end < applied:
            raise DamagedError(
                f"The topic ends at offset {end}, but this node has applied it up to {applied}"
                f" (position {self._replica.head().position}): the log lost its end.",
                hint="Restore the topic; nothing was changed.",
                code="log_truncated",
            )
        return end

    def _require_same_story(self, first: int) -> None:
        """The record that made the replica's head is still where it was.

        It is looked for in the stretch before the next offset; a longer stretch of void records
        there proves nothing.
        """
        with self.database.snapshot():  # another process of the node may go on at any moment
            next_offset, head = self._applied_to(), self._replica.head()
        if first > next_offset:
            raise _forgot(first)
        back = max(first, next_offset - RECORDS_APPLIED)
        if not head.position:
            return
        self._ahead.rewind(back)
        while record := self._ahead.peek_before(next_offset, self._patience.give_up_seconds):
            if frame_hash(record.value) == head.hash:
                return
            self._ahead.passed()
        if back == first:
            raise DamagedError(
                f"The commit of position {head.position} that this node applied is not in the topic"
                " any more: the log was forked.",
                hint="Find out who changed the topic; nothing was changed here.",
                code="log_forked",
            )

    def _transport(self) -> tuple[str, int] | None:
        with self.database.errors():
            row = self.database.connection.execute(
                "SELECT topic, next_offset FROM transport"
            ).fetchone()
        return row and (row[0], row[1])

    def _applied_to(self) -> int:
        row = self._transport()
        assert row is not None, "the replica knows its topic"
        return row[1]

    def _advance(self) -> None:
        with self.database.errors():
            self.database.connection.execute(
                "UPDATE transport SET next_offset = ?", (self._ahead.offset,)
            )


class _Ahead:
    """Records of the topic that were read but perhaps not applied, so that none is fetched twice.

    A transaction that is rolled back goes back to an earlier offset: the records are still here.
    """

    def __init__(self, topic: CommitTopic) -> None:
        self._topic = topic
        self._records: list[Record] = []
        self._place = 0
        self._from = 0
        self._upto = 0

    @property
    def offset(self) -> int:
        """The offset to read on from: everything before it was passed."""
        return self._records[self._place].offset if self._place < len(self._records) else self._upto

    @property
    def upto(self) -> int:
        """The offset up to which records were read."""
        return self._upto

    def rewind(self, offset: int) -> None:
        """Stand at an offset again; what lies before it was applied for good."""
        if self._from <= offset <= self._upto:
            gone = bisect_left(self._records, offset, key=lambda record: record.offset)
            del self._records[:gone]
        else:
            self._records.clear()
            self._upto = offset
        self._from, self._place = offset, 0

    def peek(self, wait_seconds: float) -> Record | None:
        """The next record; None when none came in that time."""
        if self._place == len(self._records):
            read = self._topic.read(self._upto, wait_seconds)
            self._records += read.records
            self._upto = max(self._upto, read.upto)
        return self._records[self._place] if self._place < len(self._records) else None

    def peek_before(self, end: int, wait_seconds: float) -> Record | None:
        """The next record below an offset that the topic is known to reach; None: no more there."""
        while self._place == len(self._records) and self._upto < end:
            reached = self._upto
            self.peek(wait_seconds)
            if self._upto == reached:
                raise _silent(reached)
        found = self.peek(0) if self._place < len(self._records) else None
        return found if found is not None and found.offset < end else None

    def passed(self) -> None:
        """The next record was looked at."""
        self._place += 1


class _Waiting:
    """Waits for what was sent to appear: when to send it again, and when to say that it is open."""

    def __init__(self, topic: CommitTopic, patience: Patience) -> None:
        self._topic, self._patience = topic, patience
        self._begun = self._sent = patience.monotonic()
        self.repeated = self.lost = False
        """Whether it was sent more than once; whether the client gave it up since the last time."""

    def over(self) -> bool:
        """Whether the callers have waited long enough."""
        return self._patience.monotonic() - self._begun >= self._patience.give_up_seconds

    def send_again_if_due(self, values: Sequence[bytes]) -> None:
        """Send the same bytes again when the client gave them up, or nothing was seen for long."""
        now = self._patience.monotonic()
        if self.lost or now - self._sent >= self._patience.resend_seconds:
            self._topic.send(values)
            self._sent, self.repeated, self.lost = now, True, False


def _misfit(head: Head, commits: Sequence[bytes]) -> Void | None:
    """The verdict on the first commit that does not follow, were all appended to ``head``."""
    for data in commits:
        verdict = judge(head, data)
        if isinstance(verdict, Void):
            return verdict
        head = verdict.head
    return None


def _first_position(data: bytes) -> int:
    frame = parse(data)
    assert isinstance(frame, Frame), "only what follows the head was sent"
    return frame.first


def _undecided() -> StorageError:
    return StorageError(
        "Kafka did not answer in time: whether the commands were heard is not known.",
        hint="Repeat them under the same command ids: what was kept is found again.",
        code="undecided",
    )


def _silent(offset: int) -> StorageError:
    return StorageError(
        f"Kafka has records beyond offset {offset} of the chain's topic but gives none.",
        hint="Check the brokers, then repeat.",
        code="log_silent",
    )


def _forgot(first: int) -> DamagedError:
    return DamagedError(
        f"The topic begins at offset {first}: it has forgotten the beginning of the log.",
        hint="Restore the topic, and set retention.ms=-1 and retention.bytes=-1.",
        code="log_beginning_lost",
    )
