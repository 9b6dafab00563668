"""From a command to a subscriber of `PREFIX.events`, at a steady rate, beside raw produce, consume.

The relay is a process of its own, as it is run; appender and subscriber share one process, and so
do producer and consumer of the raw records, which are as large as an event. Blocks alternate.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

from bench.blocks import Plan
from bench.kafka_here import fresh_place
from bench.table import Row, number
from consumers.topic_reader import TopicReader
from ledger.app import Ledger
from ledger.cluster.partition import Inlet, Message, Outlet
from ledger.cluster.place import Place
from ledger.commands.register_organisation import RegisterOrganisation
from ledger.log.query import EVERYTHING

RATE = 150
"""Appends a second."""

FLOOR = 3.0
_RAW_BYTES = 900
"""As much as one event takes with its headers."""


def measure(plan: Plan) -> Iterator[Row]:
    """p99 of both ways, and their ratio in blocks that ran side by side."""
    rounds, count = plan.pick(1, 5), plan.pick(10, 450)
    with fresh_place(plan) as place, ExitStack() as opened:
        folder = plan.new_folder("subscriber") / "node"
        ours = opened.enter_context(closing(Ours(folder, place)))
        raw = opened.enter_context(closing(Raw(place)))
        found = [(ours.block(count), raw.block(count)) for _ in range(rounds + 1)][1:]
    mine, peer = (median(_p99(side[n]) for side in found) for n in (0, 1))
    ratio = median(_p99(a) / _p99(b) for a, b in found)
    middle = [number(median(median(side[n]) for side in found)) for n in (0, 1)]
    yield Row(
        f"command to subscriber of events, {RATE}/s, p99",
        f"{number(mine)} ms (p50 {middle[0]})",
        f"{number(peer)} ms (p50 {middle[1]}) raw produce to consume",
        f"{ratio:.1f} x",
        f"<= {FLOOR:g} x",
        ratio <= FLOOR,
    )


class Ours:
    """A node that appends, a relay that hands on, and a subscriber."""

    def __init__(self, folder: Path, place: Place) -> None:
        self._ledger = Ledger.create(folder, log=place.url)
        words = [sys.executable, "-m", "interfaces.cli.main", "--ledger", str(folder), "relay"]
        self._relay = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        self._reader = TopicReader(Inlet(place, place.events))
        self._seen = 0
        self._number = 0

    def block(self, count: int) -> list[float]:
        """The milliseconds that each event took."""
        sent: dict[int, float] = {}
        took: list[float] = []

        def append(_: int) -> None:
            self._number += 1
            wish = RegisterOrganisation(
                organisation=f"{self._number:08d}", name="Partner of a usual name", country="CZ"
            )
            began = time.perf_counter()
            done = self._ledger.submit(wish, actor="operator", command_id=f"b-{self._number}")
            sent[done.position] = began

        def receive() -> None:
            came: dict[int, float] = {}
            while len(came) < count:
                page = self._reader.page_or_wait(EVERYTHING, after=self._seen, timeout_seconds=0.5)
                now = time.perf_counter()
                came |= {one.position: now for one in page.events if one.position > 1}
                self._seen = page.upto
            reading.wait()
            took.extend((came[position] - began) * 1000 for position, began in sent.items())

        reading = threading.Event()
        _paced(count, append, receive, reading)
        return took

    def close(self) -> None:
        """End all three."""
        self._relay.terminate()
        self._relay.wait()
        self._reader.close()
        self._ledger.__exit__(None, None, None)


class Raw:
    """A record of the same size, from a producer to a consumer, through the usage topic."""

    def __init__(self, place: Place) -> None:
        self._outlet = Outlet(place, place.usage)
        self._inlet = Inlet(place, place.usage)
        self._offset = 0

    def block(self, count: int) -> list[float]:
        """The milliseconds that each record took."""
        sent: list[float] = []
        took: list[float] = []
        first = self._offset

        def append(_: int) -> None:
            sent.append(time.perf_counter())
            self._outlet.send([Message(None, bytes(_RAW_BYTES))])

        def receive() -> None:
            came: dict[int, float] = {}
            while len(came) < count:
                stretch = self._inlet.read(self._offset, 0.5)
                now = time.perf_counter()
                came |= {one.offset: now for one in stretch.records}
                self._offset = stretch.upto
            reading.wait()
            took.extend((came[first + n] - began) * 1000 for n, began in enumerate(sent))

        reading = threading.Event()
        _paced(count, append, receive, reading)
        return took

    def close(self) -> None:
        """Let both go."""
        self._outlet.close()
        self._inlet.close()


def _paced(
    count: int,
    append: Callable[[int], None],
    receive: Callable[[], None],
    appended: threading.Event,
) -> None:
    """Append so many at the rate, while another thread receives them."""
    receiving = threading.Thread(target=receive)
    receiving.start()
    began = time.perf_counter()
    for n in range(count):
        time.sleep(max(0.0, began + n / RATE - time.perf_counter()))
        append(n)
    appended.set()
    receiving.join()


def _p99(took: list[float]) -> float:
    return sorted(took)[len(took) * 99 // 100]
