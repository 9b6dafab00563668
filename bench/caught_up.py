"""A node that catches up from the chain's topic: commits judged, index filled, views built."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count as numbers
from pathlib import Path

from bench import estate
from bench.blocks import Pace, Plan, Side, Spread, pace, repeat
from bench.kafka_here import fresh_place
from bench.table import Row, at_least
from interfaces.log_source import LogSource
from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.log.journal.kafka_topic import KafkaTopic
from projections.runner import rebuild_file

FLOOR = 100_000
_AT_ONCE = 200


def measure(plan: Plan) -> Iterator[Row]:
    """An estate's commits lie on the topic; fresh nodes take them in, each from nothing."""
    rounds, decisions = plan.pick(1, 3), plan.pick(100, 100_000)
    folder = plan.new_folder("caught-up")
    made = estate.build(folder / "estate", estate.Size(decisions))
    with fresh_place(plan) as place:
        fill(made.path, place)
        fresh = _Fresh(folder, made.keys, place)
        index = repeat(rounds, fresh.index)
        views = repeat(rounds, fresh.views)
    both = Side(
        Spread(*(1 / (1 / a + 1 / b) for a, b in zip(index.rate, views.rate, strict=True))),
        Spread(*(a + b for a, b in zip(index.cpu_us, views.cpu_us, strict=True))),
    )
    work = f"from the chain's topic, {decisions:,} events"
    yield at_least(f"index {work}", "events/s", index, FLOOR)
    yield at_least(f"views {work}", "events/s", views, FLOOR)
    yield at_least(f"both, one after the other, {work}", "events/s", both, FLOOR)


def fill(folder: Path, place: Place) -> None:
    """Put a ledger's own commits on an empty topic, byte for byte."""
    with Ledger.open(folder) as ledger, closing(ledger.reader()) as reader:
        commits = [data for data, _ in reader.commits()]
    with closing(KafkaTopic(place, place.chain)) as topic:
        for start in range(0, len(commits), _AT_ONCE):
            topic.send(commits[start : start + _AT_ONCE])
            while topic.end() < min(len(commits), start + _AT_ONCE):
                assert not topic.undelivered(), "the client gave a commit up"
                time.sleep(0.01)


class _Fresh:
    """Nodes that begin with nothing."""

    def __init__(self, folder: Path, keys: Path, place: Place) -> None:
        self._folder, self._keys, self._place = folder, keys, place
        self._number = numbers()

    def index(self) -> Pace:
        """Join: every commit read, judged, kept, and in the index."""
        path = self._folder / f"node-{next(self._number)}"

        def join() -> None:
            Ledger.join(path, self._place.url, self._keys).__exit__(None, None, None)

        return pace(self._events(), join)

    def views(self) -> Pace:
        """The views of such a node, from its replica."""
        (*_, node) = sorted(self._folder.glob("node-*"))
        path = node / "views.db"
        path.unlink(missing_ok=True)
        with Ledger.open(node) as ledger, closing(ledger.reader()) as reader:
            source = LogSource(reader)
            return pace(self._events(), lambda: rebuild_file(source, path))

    def _events(self) -> int:
        with Ledger.open(self._folder / "estate") as ledger:
            return ledger.head.position
