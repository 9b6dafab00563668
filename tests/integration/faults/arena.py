"""Nodes of one ledger under faults, and the verdict when the dust has settled."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.log.verify import verify_chain
from projections.verify import verify_views
from tests.integration.faults.book import Book, Log, read_log
from tests.integration.faults.node import Orders, live
from tests.integration.faults.wishes import MIXED, SLOTS, settle, wish
from tests.waiting import PATIENCE_SECONDS, until

HASTE = {
    "ATTRIBUTION_KAFKA_CONNECT_MS": "3000",
    "ATTRIBUTION_KAFKA_REQUEST_MS": "1500",
    "ATTRIBUTION_KAFKA_RESEND_MS": "500",
    "ATTRIBUTION_KAFKA_GIVE_UP_MS": "2500",
}
"""The limits of nodes that meet faults on purpose: five seconds are beyond all of them."""

BEYOND_ALL_SECONDS = 5.0

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.integration.faults.node"])
_REPEATED = 40


class Verdict(NamedTuple):
    """What a fault did: how often it came, what was answered, and what must be 0."""

    fault: str
    times: int
    log: Log
    book: Book
    wrong: dict[str, int]

    def line(self) -> str:
        """The counts in one line."""
        kept = len(self.book.kept())
        told = ", ".join(f"{count} {name}" for name, count in self.wrong.items())
        trouble = sum(self.book.troubles.values())
        return (
            f"{self.fault} x {self.times}: {told}; {kept} acknowledged,"
            f" {len(self.book.answers) - kept} refused, {trouble} unanswered,"
            f" {self.log.voids} void records"
        )


class _Running:
    """A node's process, and the thread that hears it."""

    def __init__(self, orders: Orders, book: Book) -> None:
        heard, said = _FORKS.Pipe(duplex=False)
        self.orders = orders
        self.process = _FORKS.Process(target=live, args=(orders, said), daemon=True)
        self.process.start()
        said.close()
        self._hearing = Thread(target=_hear, args=(heard, orders.node, book), daemon=True)
        self._hearing.start()

    def signal(self, number: int) -> None:
        assert self.process.pid is not None, "the process was started"
        os.kill(self.process.pid, number)

    def end(self, number: int) -> None:
        if self.process.is_alive():
            self.signal(number)
        self.process.join(PATIENCE_SECONDS)
        assert not self.process.is_alive(), f"node {self.orders.node} does not stop"
        self._hearing.join(PATIENCE_SECONDS)


class Arena:
    """Nodes named a, b, c ... of one ledger on a place; the first made it."""

    def __init__(
        self,
        folder: Path,
        place: Place,
        names: str = "ab",
        *,
        callers: int = 3,
        slots: int = SLOTS,
        wishes: str = MIXED,
    ) -> None:
        self.folder, self.place, self.callers, self.wishes = folder, place, callers, wishes
        self.book = Book()
        self.names = list(names)
        self.logs = dict.fromkeys(names, place.url)
        self._running: dict[str, _Running] = {}
        first, *others = list(names)
        with Ledger.create(self.at(first), log=place.url) as ledger:
            settle(ledger, slots)
        for name in others:
            Ledger.join(self.at(name), place.url, self.at(first) / "keys.db").close()

    def at(self, node: str) -> Path:
        """The folder of a node."""
        return self.folder / node

    def reach_by(self, node: str, place: Place) -> None:
        """From now on a node finds the same topics by other servers."""
        file = self.at(node) / "ledger.toml"
        told = file.read_text("utf-8").replace(self.logs[node], place.url)
        file.write_text(told, "utf-8")
        self.logs[node] = place.url

    def start(self, *nodes: str, **orders: Any) -> None:
        """Start nodes, each with callers that go on where they were left."""
        for node in nodes or self.names:
            before = self._running[node].orders.first if node in self._running else ()
            first = tuple(
                self.book.next_of(node, caller, before[caller] if before else 0)
                for caller in range(self.callers)
            )
            told = Orders(self.at(node), node, first, HASTE, wishes=self.wishes, **orders)
            self._running[node] = _Running(told, self.book)

    def kill(self, node: str) -> None:
        """End a node as a power cut would."""
        self._running[node].end(signal.SIGKILL)

    def dead(self, node: str) -> None:
        """Wait until a node has died of itself."""
        process = self._running[node].process
        until(lambda: not process.is_alive(), f"node {node} dies")
        self._running[node].end(signal.SIGKILL)

    def pause(self, node: str) -> None:
        """Stop a node where it stands."""
        self._running[node].signal(signal.SIGSTOP)

    def shift(self, node: str) -> None:
        """Let the clock of a node jump as its orders say."""
        self._running[node].signal(signal.SIGUSR2)

    def wake(self, node: str) -> None:
        """Let a paused node go on."""
        self._running[node].signal(signal.SIGCONT)

    def progress(self, *nodes: str, more: int = 4) -> None:
        """Wait until callers (of these nodes) have got some more answers."""
        before = self._answered(nodes)
        until(lambda: self._answered(nodes) >= before + more, f"progress of {nodes or 'any node'}")

    def _answered(self, nodes: tuple[str, ...]) -> int:
        names = tuple(f"{node}." for node in nodes)
        answers = list(self.book.answers)
        return sum(name.startswith(names) for name in answers) if nodes else len(answers)

    def stop(self) -> None:
        """Let all nodes end their last wish."""
        for running in self._running.values():
            if running.process.is_alive():
                running.signal(signal.SIGTERM)
        for running in self._running.values():
            running.end(signal.SIGTERM)

    def finish(self) -> None:
        """Wait until all nodes have done all they were told to."""
        for node, running in self._running.items():
            until(lambda one=running: not one.process.is_alive(), f"node {node} ends")  # type: ignore[misc]
            running.end(signal.SIGTERM)

    def kill_all(self) -> None:
        """End whatever still runs."""
        for running in self._running.values():
            if running.process.is_alive():
                running.signal(signal.SIGKILL)
                running.process.join()

    def judge(self, fault: str, count: int, *, but: str = "") -> Verdict:
        """The verdict, once every process has ended; nodes named in ``but`` may not open at all.

        Log, answers, heads, indexes, views and repeated commands are each looked at.
        """
        log = read_log(self.place)
        heads = views = holders = repeats = 0
        for node in self.names:
            if node in but:
                continue
            with Workspace(self.at(node)) as workspace:
                head = workspace.ledger.catch_up()
                heads += (head.position, head.hash) != (log.position, log.hash)
                views += not _fed(workspace)
                verify_chain(workspace.ledger.folder)
                verify_views(workspace.source, workspace.ledger.folder.views)
                holders += _held_twice(workspace.views)
                repeats += self._done_again(workspace.ledger, node)
        wrong = self.book.wrong(log)
        wrong["double holders"] += holders
        wrong["doubled effects"] += repeats
        wrong |= {"nodes at another head": heads, "views unlike a rebuild": views}
        return Verdict(fault, count, log, self.book, wrong)

    def _done_again(self, ledger: Ledger, node: str) -> int:
        """Acknowledged commands, asked again: how many were not known to be done."""
        kept = list(self.book.kept().items())[-_REPEATED:]
        asked = [wish(self.wishes, *_parts(name)) for name, _ in kept]
        outcomes = ledger.submit_group(asked)
        assert node, "every node is asked"
        return sum(
            not outcome.repeated or outcome.position != position
            for outcome, (_, position) in zip(outcomes, kept, strict=True)
        )


@contextmanager
def arena(folder: Path, place: Place, names: str = "ab", **told: Any) -> Iterator[Arena]:
    """An arena; whatever still runs at the end of the block is killed."""
    made = Arena(folder, place, names, **told)
    try:
        yield made
    finally:
        made.kill_all()


def _hear(heard: Any, node: str, book: Book) -> None:
    rest = b""
    while more := os.read(heard.fileno(), 65_536):
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            book.hear(node, json.loads(line))
    heard.close()


def _parts(name: str) -> tuple[str, int, int]:
    node, caller, number = name.split(".")
    return node, int(caller), int(number)


def _fed(workspace: Workspace) -> bool:
    from projections.views import checkpoint

    return checkpoint(workspace.views).position == workspace.ledger.head.position


def _held_twice(views: sqlite3.Connection) -> int:
    """Places with more than one holder now, as the views tell it."""
    (found,) = views.execute(
        "SELECT count(*) FROM (SELECT slot FROM holdings WHERE slot IS NOT NULL"
        " AND known_to = (SELECT max(known_to) FROM holdings)"
        " AND effective_to = (SELECT max(effective_to) FROM holdings)"
        " GROUP BY slot HAVING count(*) > 1)"
    ).fetchone()
    return int(found)
