"""Nodes that race for slots on a simulated cluster, and what must hold whatever happens there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from ledger.errors import RefusedError, StorageError
from ledger.log.chain import START, Accepted, Head, judge
from ledger.log.database import Database
from ledger.log.group import Group, NewEvent, Work
from ledger.log.index import Index, entries
from ledger.log.journal.kafka import KafkaJournal, Patience
from ledger.log.query import Query, QueryItem
from ledger.log.writer import Writer
from schemas.envelope import Attributes
from tests.simulation.cluster import SimulatedTopic, World

MOST_NODES, SLOTS, MOST_WISHES = 3, 12, 8
LATEST = 4.0
"""The last moment at which a wish may be decided, on the simulated clock."""

PATIENCE = {"give_way_seconds": 0.02, "resend_seconds": 1.0, "give_up_seconds": 1.5}


Answer = TypeVar("Answer")

UNKNOWN = {"undecided", "kafka_unreachable"}
"""The errors after which a caller does not know what became of its wish."""


class TakenError(RefusedError):
    """The slot is in other hands."""


class LateError(RefusedError):
    """The wish came after its deadline."""


class BrokenPromiseError(AssertionError):
    """Something happened that must never happen."""


class _Wish(NamedTuple):
    """What a caller wants, under which id, and until when it may be decided."""

    id: str
    slot: str
    until: float


class Race:
    """One schedule: every node wants slots, in groups, until each wish was kept or refused."""

    def __init__(self, seed: int, journal: type[KafkaJournal] = KafkaJournal) -> None:
        self.world = World(seed)
        self.journal = journal
        self.kept: dict[str, int] = {}
        self.taken: dict[str, str] = {}
        self.late: set[str] = set()
        self._open = 0
        self.heads: set[Head] = set()

    def run(self) -> None:
        """Play the schedule, then check it; raises ``BrokenPromiseError``."""
        draw = self.world.random
        nodes, wishes_each = draw.randint(1, MOST_NODES), draw.randint(1, MOST_WISHES)
        self._open = nodes * wishes_each
        for number in range(nodes):
            database = Database(Path(":memory:"), durable=False)
            wishes = [
                _Wish(f"n{number}-{wish}", f"s{draw.randrange(SLOTS)}", draw.random() * LATEST)
                for wish in range(wishes_each)
            ]
            self.world.node(lambda topic, d=database, w=wishes: self._live(topic, d, w))  # type: ignore[misc]
        self.world.run()
        self._check()

    def _live(self, topic: SimulatedTopic, database: Database, wishes: list[_Wish]) -> None:
        """A node from its start to its end; what was answered before a crash is not asked again."""
        if database.connection.in_transaction:
            database.connection.execute("ROLLBACK")  # what a dead process held
        index = Index(database)

        def into_index(accepted: Sequence[Accepted]) -> None:
            for verdict in accepted:
                index.apply(entries(verdict))

        patience = Patience(**PATIENCE, monotonic=lambda: self.world.now)
        journal = _sometime(lambda: self.journal(database, topic, into_index, patience))
        writer = _sometime(lambda: Writer(database, journal, index, "simulated"))
        while waiting := [wish for wish in wishes if not self._answered(wish.id)]:
            self._ask(writer, waiting[: self.world.random.randint(1, 3)])
        if len(self.kept) + len(self.taken) + len(self.late) == self._open:
            self.world.calm = True
        _sometime(lambda: writer.submit([]))
        self.heads.add(_sometime(journal.head))

    def _answered(self, wish: str) -> bool:
        return wish in self.kept or wish in self.taken or wish in self.late

    def _ask(self, writer: Writer, wishes: list[_Wish]) -> None:
        positions: dict[str, int] = {}
        works = [self._work(writer, wish, positions) for wish in wishes]
        try:
            errors = writer.submit(works)
        except StorageError as error:
            if error.code not in UNKNOWN:
                raise
            return  # not known: asked again under the same id
        for wish, told in zip(wishes, errors, strict=True):
            if told is None:
                self.kept[wish.id] = positions[wish.id]
            elif isinstance(told, TakenError):
                self.taken[wish.id] = wish.slot
            elif isinstance(told, LateError):
                self.late.add(wish.id)
            else:
                raise told

    def _work(self, writer: Writer, wish: _Wish, positions: dict[str, int]) -> Work:
        def work(group: Group) -> None:
            own = _tagged(writer, group, f"wish:{wish.id}")
            if own is not None:
                positions[wish.id] = own
                return
            if self.world.now > wish.until:
                raise LateError("It is too late.")
            if _tagged(writer, group, f"slot:{wish.slot}") is not None:
                raise TakenError(f"{wish.slot} is taken.")
            event = NewEvent(Attributes("taken", (f"slot:{wish.slot}", f"wish:{wish.id}")), b"{}")
            positions[wish.id] = group.append([event], group.recorded_at_us + 1)

        return work

    def _check(self) -> None:
        head, accepted = START, []
        for value in self.world.log:
            verdict = judge(head, value)
            if isinstance(verdict, Accepted):
                accepted.append(verdict)
                head = verdict.head
        told = [
            (position, Attributes.from_bytes(event.attributes).tags)
            for verdict in accepted
            for position, event in enumerate(verdict.frame.events, start=verdict.frame.first)
        ]
        slots = Counter(tags[0] for _, tags in told)
        wishes = {tags[1].removeprefix("wish:"): position for position, tags in told}
        _require(max(slots.values(), default=0) <= 1, f"a slot is held twice: {slots}")
        _require(len(wishes) == len(told), "a wish was kept twice")
        for wish, position in self.kept.items():
            _require(wishes.get(wish) == position, f"{wish} was told {position} and is not there")
        for wish, slot in self.taken.items():
            _require(f"slot:{slot}" in slots, f"{wish} was refused a slot that nobody has")
        for wish in (*self.taken, *self.late):
            _require(wish not in wishes, f"{wish} was refused and kept")
        reached = {kept for kept in self.heads if kept.position > head.position}
        _require(not reached, "a node stands where the log is not")
        by_position = {verdict.head.position: verdict.head.hash for verdict in accepted}
        for stands in self.heads:
            same = by_position.get(stands.position) == stands.hash or stands == START
            _require(same, "a node tells another story than the log")


def _sometime(ask: Callable[[], Answer]) -> Answer:
    """What the cluster answers in the end; each question takes a while."""
    while True:
        try:
            return ask()
        except StorageError as error:
            if error.code not in UNKNOWN:
                raise


def _tagged(writer: Writer, group: Group, tag: str) -> int | None:
    """The position of the event with a tag, kept or in this group."""
    found = writer.index.find(Query((QueryItem((), (tag,)),)), limit=1)
    if found:
        return found[0].position
    for position, event in group.pending():
        if tag in event.attributes.tags:
            return position
    return None


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenPromiseError(what)
