"""Who may be first on a log that several append to: a rival that lost again has its turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ledger.log.chain import START, Head, seal
from ledger.log.database import Database
from ledger.log.frame import EventBytes
from ledger.log.journal.kafka import KafkaJournal, Patience
from ledger.log.journal.topic import Record, Stretch

RIVAL, OTHER = b"aaaaaaaaaaaa", b"bbbbbbbbbbbb"
SHORT = 0.05


class Played:
    """A topic on a clock of its own, with records that come at their moments."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lying: list[Record] = []
        self.coming: list[tuple[float, bytes, bytes]] = []

    def identity(self) -> str:
        """Always the same."""
        return "played"

    def beginning(self) -> int:
        """Nothing is forgotten."""
        return 0

    def end(self) -> int:
        """What lies there now."""
        self._come()
        return len(self.lying)

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """What lies there, or what comes in that time."""
        until = self.now + wait_seconds
        while self.end() <= offset and self.now < until:
            self.now = min([until, *(moment for moment, _, _ in self.coming)])
        return Stretch(self.lying[offset:], len(self.lying))

    def send(self, values: Sequence[bytes], note: bytes = b"") -> None:
        """It lies there at once."""
        self.lying += [Record(len(self.lying) + n, one, note) for n, one in enumerate(values)]

    def undelivered(self) -> bool:
        """Nothing is ever lost."""
        return False

    def close(self) -> None:
        """Nothing to let go of."""

    def _come(self) -> None:
        for one in sorted(it for it in self.coming if it[0] <= self.now):
            self.coming.remove(one)
            self.send([one[1]], one[2])


@pytest.fixture
def topic() -> Played:
    """A topic that is played."""
    return Played()


@pytest.fixture
def journal(topic: Played) -> Iterator[KafkaJournal]:
    """A node's journal on it, with one commit."""
    database = Database(Path(":memory:"), durable=False)
    node = KafkaJournal(database, topic, patience=Patience(SHORT, monotonic=lambda: topic.now))
    assert isinstance(node.append([commit(START, "first")[0]]), list)
    yield node
    database.close()


def commit(head: Head, name: str) -> tuple[bytes, Head]:
    """A commit of one event."""
    event = EventBytes(b'{"type":"told"}', b'{"name":"%s"}' % name.encode())
    return seal(head, head.recorded_at_us + 1, [event], "l-1")


@pytest.mark.parametrize(
    "losses,until",
    [
        pytest.param(0, 0.02, id="it lost once: whoever comes first ends its turn"),
        pytest.param(1, 0.09, id="it lost twice: its turn ends when it has won"),
    ],
)
def test_a_rival_that_lost_is_let_first(
    topic: Played, journal: KafkaJournal, losses: int, until: float
) -> None:
    """Its void record says how often it had lost before; another's commit comes meanwhile."""
    topic.send([commit(START, "void")[0]], b"%s %d" % (RIVAL, losses))
    head = journal.head()
    theirs, after = commit(head, "another's")
    topic.coming = [
        (0.02, theirs, b"%s 0" % OTHER),
        (0.09, commit(after, "its own")[0], b"%s %d" % (RIVAL, losses + 1)),
    ]
    with journal.group():
        assert topic.now == until


def test_a_turn_that_nobody_takes_is_over_in_time(topic: Played, journal: KafkaJournal) -> None:
    """The rival may be dead; a turn of four moments is all that it gets."""
    topic.send([commit(START, "void")[0]], RIVAL + b" 7")
    journal.head()
    with journal.group():
        assert topic.now == pytest.approx(4 * SHORT)
    with journal.group():
        assert topic.now == pytest.approx(4 * SHORT), "once for each loss"


def test_who_lost_oftenest_waits_for_nobody(topic: Played, journal: KafkaJournal) -> None:
    """Neither for a rival that lost less, nor for itself."""
    for number in range(4):
        head = journal.head()
        with journal.group():
            # A rival's commit is there before ours.
            topic.send([commit(head, f"{number}")[0]], OTHER + b" 0")
            journal.append([commit(head, "ours")[0]])
    topic.send([commit(START, "void")[0]], RIVAL + b" 1")
    journal.head()
    with journal.group():
        assert topic.now == 0.0
