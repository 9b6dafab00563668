"""Who may be first on a log that several append to: those who lost, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ledger.log.chain import START, Head, Void, seal
from ledger.log.database import Database
from ledger.log.frame import EventBytes
from ledger.log.journal.kafka import KafkaJournal, Patience
from ledger.log.journal.topic import Record, Stretch
from ledger.log.journal.turns import FORGOTTEN_AFTER, LONGEST, PATIENT, TIMES_NEEDED

RIVAL, OTHER = b"aaaaaaaaaaaa", b"bbbbbbbbbbbb"
NEAR, FAR, NEVER = b" 4", b" 100", b" 99999"
"""How many ms a try takes a rival, as it says itself."""
MOMENT = 0.05


class Played:
    """A topic on a clock of its own, with records that come at their moments."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lying: list[Record] = []
        self.coming: list[tuple[float, bytes, bytes]] = []
        self.away = 0.0

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
        """It lies there at once, but for those who are away."""
        if self.away:
            self.coming += [(self.now + self.away, one, note) for one in values]
            return
        self.lying += [Record(len(self.lying) + n, one, note) for n, one in enumerate(values)]

    def undelivered(self) -> bool:
        """Nothing is ever lost."""
        return False

    def close(self) -> None:
        """Nothing to let go of."""

    def _come(self) -> None:
        for one in sorted(it for it in self.coming if it[0] <= self.now):
            self.coming.remove(one)
            self.lying.append(Record(len(self.lying), one[1], one[2]))


@pytest.fixture
def topic() -> Played:
    """A topic that is played."""
    return Played()


@pytest.fixture
def journal(topic: Played) -> Iterator[KafkaJournal]:
    """A node's journal on it, with one commit."""
    database = Database(Path(":memory:"), durable=False)
    node = KafkaJournal(database, topic, patience=Patience(MOMENT, monotonic=lambda: topic.now))
    assert isinstance(node.append([commit(START, "first")[0]]), list)
    yield node
    database.close()


def commit(head: Head, name: str) -> tuple[bytes, Head]:
    """A commit of one event."""
    event = EventBytes(b'{"type":"told"}', b'{"name":"%s"}' % name.encode())
    return seal(head, head.recorded_at_us + 1, [event], "l-1")


def lose(topic: Played, note: bytes) -> None:
    """A commit with this note comes too late."""
    topic.send([commit(START, "void")[0]], note)


def test_a_rival_that_lost_is_let_first(topic: Played, journal: KafkaJournal) -> None:
    """Its turn ends when it has won, not when another has, who came between."""
    lose(topic, RIVAL + FAR)
    head = journal.head()
    others, after = commit(head, "another's")
    topic.coming = [
        (0.02, others, OTHER + NEAR),
        (0.09, commit(after, "its own")[0], RIVAL + FAR),
    ]
    with journal.group():
        assert topic.now == 0.09


@pytest.mark.parametrize(
    "needs,moments",
    [
        pytest.param(NEAR, 1, id="one that is near: a moment"),
        pytest.param(FAR, TIMES_NEEDED * 0.1 / MOMENT, id="one that is far: as long as it needs"),
        pytest.param(NEVER, LONGEST, id="whatever it says, no longer than the longest"),
    ],
)
def test_a_turn_that_nobody_takes_is_over_in_time(
    topic: Played, journal: KafkaJournal, needs: bytes, moments: float
) -> None:
    """The rival may be dead, or want nothing any more; it is waited for once."""
    lose(topic, RIVAL + needs)
    journal.head()
    for _ in range(2):
        with journal.group():
            assert topic.now == pytest.approx(moments * MOMENT)


def test_turns_are_taken_in_the_order_of_the_log(topic: Played, journal: KafkaJournal) -> None:
    """A node waits for those who lost before it did, and not for those after."""
    head = journal.head()
    with journal.group():
        topic.send([commit(head, "another's")[0]], OTHER + NEAR)
        lose(topic, RIVAL + NEAR)
        assert isinstance(journal.append([commit(head, "ours")[0]]), Void)
        lose(topic, OTHER + NEVER)
    head = journal.head()
    topic.coming = [(0.03, commit(head, "the first's")[0], RIVAL + NEAR)]
    with journal.group():
        assert topic.now == 0.03
        assert isinstance(journal.append([commit(journal.head(), "ours now")[0]]), list)
    with journal.group():
        assert topic.now == pytest.approx(0.03 + LONGEST * MOMENT), "it is the other's turn now"


def test_who_loses_again_does_not_begin_its_turn_anew(topic: Played, journal: KafkaJournal) -> None:
    """A node that can only lose would be waited for without end."""
    lose(topic, RIVAL + NEAR)
    journal.head()
    void = commit(START, "void")[0]
    topic.coming = [(n * MOMENT / 4, void, RIVAL + NEAR) for n in range(1, 4)]
    with journal.group():
        assert topic.now == pytest.approx(MOMENT)


def test_a_rival_that_many_overtook_is_forgotten(topic: Played, journal: KafkaJournal) -> None:
    """As is one of long ago, when a node reads what it has missed."""
    lose(topic, RIVAL + NEVER)
    head = journal.head()
    for number in range(FORGOTTEN_AFTER):
        data, head = commit(head, f"{number}")
        topic.send([data], OTHER + NEAR)
    with journal.group():
        assert topic.now == 0.0


def test_nobody_waits_for_ever_in_a_row(topic: Played, journal: KafkaJournal) -> None:
    """Whoever stands before it, and however many."""
    for number in range(2 * PATIENT):
        lose(topic, b"%012x" % number + NEVER)
    journal.head()
    with journal.group():
        assert topic.now <= (PATIENT + LONGEST) * MOMENT


def test_who_says_nothing_is_not_waited_for(topic: Played, journal: KafkaJournal) -> None:
    """A note that is none has no turn: nobody would know when it ends."""
    for note in (b"", b"stranger", RIVAL, RIVAL + b" -1", RIVAL + b" 1 2"):
        lose(topic, note)
    journal.head()
    with journal.group():
        assert topic.now == 0.0


def test_a_node_says_how_long_a_try_takes_it(topic: Played, journal: KafkaJournal) -> None:
    """From reading where the log ends to learning what became of the commit."""
    topic.away = 0.08
    for name in ("learns it", "says it"):
        assert isinstance(journal.append([commit(journal.head(), name)[0]]), list)
    assert topic.lying[-1].note.endswith(b" 80")
