"""Nodes that lose their index, sleep beyond every limit, or live by a wrong clock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.cluster.place import Place
from tests.integration.faults.arena import BEYOND_ALL_SECONDS, arena
from tests.integration.faults.conftest import Report
from tests.integration.faults.plan import times
from tests.waiting import until

HOUR, YEAR = 3_600.0, 365 * 86_400.0
CLOCKS = [
    pytest.param(YEAR, False, "clock_refused", id="a year ahead from the start"),
    pytest.param(YEAR, True, "clock_jumped", id="a year ahead on the way"),
    pytest.param(-HOUR, False, "clock_behind", id="an hour behind from the start"),
    pytest.param(-HOUR, True, "clock_behind", id="an hour back on the way"),
]


def test_an_index_that_is_lost_is_made_again_from_the_topic(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """The disk of one node is lost while the other goes on; also while it is being made again."""
    count = times("index lost")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for n in range(count):
            nodes.progress("a")
            nodes.kill("a")
            for file in nodes.at("a").glob("chain.db*"):
                file.unlink()
            if n % 2:
                nodes.start("a", dies=("others' records lie in the replica", 0))
                nodes.dead("a")
            nodes.start("a")
        nodes.progress("a")
        nodes.stop()
        report(nodes.judge("index lost", count))


def test_a_node_that_slept_beyond_every_limit_wakes_up_harmless(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """SIGSTOP, the others go on, SIGCONT: what it had on its way is heard or void."""
    count = times("node paused and woken")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for _ in range(count):
            nodes.progress("a")
            nodes.pause("a")
            slept = time.monotonic()
            nodes.progress("b")
            until(lambda: time.monotonic() - slept > BEYOND_ALL_SECONDS, "beyond every limit")  # noqa: B023  called at once
            nodes.wake("a")
            nodes.progress("a")
        nodes.stop()
        report(nodes.judge("node paused and woken", count))


@pytest.mark.parametrize("off_seconds,on_the_way,told", CLOCKS)
def test_a_node_with_a_wrong_clock_appends_nothing_until_it_is_right(
    tmp_path: Path,
    place: Place,
    report: Report,
    off_seconds: float,
    on_the_way: bool,
    told: str,
) -> None:
    """It says which; the instants of the log stay true for everybody else (DESIGN §3)."""
    count = times("clock off") // len(CLOCKS)
    with arena(tmp_path, place) as nodes:
        nodes.start("b")
        for _ in range(count):
            before = nodes.book.troubles[told]
            nodes.start("a", off_seconds=off_seconds, off_when_told=on_the_way)
            if on_the_way:
                nodes.progress("a")
                nodes.shift("a")
            until(lambda: nodes.book.troubles[told] > before, f"{told} is told")  # noqa: B023  called at once
            nodes.progress("b")
            nodes.kill("a")
        nodes.start("a")
        nodes.progress("a")
        nodes.stop()
        found = nodes.judge("clock off", count)
        with Ledger.open(nodes.at("b")) as ledger:
            assert ledger.head.recorded_at_us < (time.time() + 60) * 1e6
        report(found)
