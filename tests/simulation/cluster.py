"""A cluster in one process under a seeded scheduler: late, lost, repeated and reordered records.

Nodes run the ledger's own writer and journal, each in a thread of its own, but only one thread runs
at a time: whoever would wait for the network hands over to the scheduler, which draws what happens
next. So a seed gives one schedule, for ever. Time is the scheduler's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from threading import Semaphore, Thread

from ledger.errors import StorageError
from ledger.log.journal.topic import Record, Stretch

CRASHES = 0.004
"""The chance that a node is killed at a moment when it waits."""

LOSSES, REPEATS = 0.08, 0.08
SILENCES = 0.01
"""The chance that a question to the cluster is not answered."""

LATENCY_SECONDS, LONG_SECONDS = 0.004, 9.0
FAIR, STORM = 0.05, 0.7
"""The chance that a record is late by seconds, by the weather of a schedule."""


class CrashError(BaseException):
    """The node was killed where it stood."""


class World:
    """The records that appeared, those on their way, and the nodes, under one seed."""

    def __init__(self, seed: int, *, crashes: float = CRASHES) -> None:
        self.random = Random(seed)
        self.now = 0.0
        self.log: list[bytes] = []
        self.notes: list[bytes] = []
        """What the sender said beside each record of the log."""
        self.calm = False
        """Whether nothing is lost, repeated or delayed any more."""
        self._crashes = crashes
        self._late = STORM if self.random.random() < 0.2 else FAIR
        self._on_their_way: list[tuple[float, int, bytes, bytes]] = []
        self._nodes: list[_Node] = []
        self._scheduler = Semaphore(0)

    def node(self, work: Callable[[SimulatedTopic], None], far_seconds: float = 0.0) -> None:
        """Add a node that does ``work``, and does it again from the start after a crash.

        Each way between it and the cluster takes so much longer.
        """
        self._nodes.append(_Node(self, work, far_seconds))

    def run(self) -> None:
        """Let everything happen until every node is done; raises what a node raised."""
        for node in self._nodes:
            node.thread.start()
        while running := [node for node in self._nodes if not node.done]:
            self._happen(running)
        for node in self._nodes:
            node.thread.join()
            if node.failure is not None:
                raise node.failure

    def _happen(self, running: list[_Node]) -> None:
        """The next thing: a record appears, or a node goes on."""
        soonest = min(running, key=lambda node: node.wakes)
        arrival = min(self._on_their_way, default=None)
        if arrival is not None and arrival[0] <= soonest.wakes:
            self._on_their_way.remove(arrival)
            self.now = max(self.now, arrival[0])
            self.log.append(arrival[2])
            self.notes.append(arrival[3])
            for node in running:
                if node.listens:
                    node.wakes = min(node.wakes, self.now + self.latency())
            return
        self.now = max(self.now, soonest.wakes)
        soonest.baton.release()
        self._scheduler.acquire()

    def send(self, node: _Node, value: bytes, note: bytes) -> bool:
        """Put a record on its way; whether the client will know that it was lost."""
        if not self.calm and self.random.random() < LOSSES:
            return self.random.random() < 0.5
        for _ in range(2 if not self.calm and self.random.random() < REPEATS else 1):
            late = not self.calm and self.random.random() < self._late
            delay = self.random.random() * LONG_SECONDS if late else self.latency()
            delay += node.far_seconds
            self._on_their_way.append((self.now + delay, self._nodes.index(node), value, note))
        return False

    def _cut_off(self, node: _Node) -> None:
        """A dead process sends no more: what the cluster has not got yet comes now or never."""
        number = self._nodes.index(node)
        own = [one for one in self._on_their_way if one[1] == number]
        for one in own:
            self._on_their_way.remove(one)
            if self.random.random() < 0.5:
                self._on_their_way.append((self.now + self.latency() / 10, number, *one[2:]))

    def latency(self) -> float:
        """How long the network takes this time."""
        return self.random.expovariate(1 / LATENCY_SECONDS)

    def wait(
        self, node: _Node, seconds: float, *, listens: bool = False, alive: bool = True
    ) -> None:
        """Let others go on for so long, or until a record appears; who is alive may be killed."""
        node.wakes, node.listens = self.now + seconds, listens
        self._scheduler.release()
        node.baton.acquire()
        node.listens = False
        if alive and not self.calm and self.random.random() < self._crashes:
            self._cut_off(node)
            raise CrashError

    def ended(self, node: _Node) -> None:
        """The node has nothing to do any more."""
        node.done = True
        self._scheduler.release()


class _Node:
    def __init__(
        self, world: World, work: Callable[[SimulatedTopic], None], far_seconds: float
    ) -> None:
        self.world, self.far_seconds = world, far_seconds
        self.wakes = world.latency()
        self.listens = False
        self.done = False
        self.failure: BaseException | None = None
        self.baton = Semaphore(0)
        self._work = work
        self.thread = Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.baton.acquire()
        try:
            while not self._lived():
                self.world.wait(self, 0.5 + self.world.random.random(), alive=False)
        except BaseException as error:  # noqa: BLE001  raised again by the world
            self.failure = error
        self.world.ended(self)

    def _lived(self) -> bool:
        try:
            self._work(SimulatedTopic(self.world, self))
        except CrashError:
            return False
        return True


class SimulatedTopic:
    """A node's client of the world's one partition."""

    def __init__(self, world: World, node: _Node) -> None:
        self.world, self._node = world, node
        self._given_up = False
        self.acknowledged = 0
        """How many records the cluster said it took, for whoever believes it."""

    def identity(self) -> str:
        """Always the same topic."""
        return "simulated"

    def beginning(self) -> int:
        """Nothing is ever forgotten."""
        return 0

    def end(self) -> int:
        """The offset after the last record, as it was when the question arrived."""
        self.world.wait(self._node, self.world.latency())
        end = len(self.world.log)
        self.world.wait(self._node, self.world.latency())
        self._answer()
        return end

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """Some records from the offset on."""
        if self._node.far_seconds:
            self.world.wait(self._node, self._node.far_seconds)
        until = self.world.now + wait_seconds
        while len(self.world.log) <= offset and self.world.now < until:
            self.world.wait(self._node, until - self.world.now, listens=True)
        self._answer()
        some = self.world.log[offset : offset + self.world.random.randint(1, 4)]
        notes = self.world.notes[offset:]
        records = [Record(offset + n, value, notes[n]) for n, value in enumerate(some)]
        return Stretch(records, offset + len(records))

    def _answer(self) -> None:
        if not self.world.calm and self.world.random.random() < SILENCES:
            raise StorageError("The cluster did not answer.", code="kafka_unreachable")

    def send(self, values: Sequence[bytes], note: bytes = b"") -> None:
        """Put records on their way, each on its own."""
        self._given_up = False
        for value in values:
            self._given_up |= self.world.send(self._node, value, note)
        self.world.wait(self._node, self.world.latency())

    def undelivered(self) -> bool:
        """Whether the client noticed a loss."""
        return self._given_up

    def close(self) -> None:
        """Nothing to let go of."""
