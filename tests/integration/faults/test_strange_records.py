"""Records that no node wrote, or wrote once already, among those that count."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.errors import DamagedError
from ledger.log.chain import seal
from tests.integration.faults.arena import Arena, Verdict, arena
from tests.integration.faults.book import read_log
from tests.integration.faults.conftest import Report
from tests.integration.faults.meddler import STRANGERS, Foreign, Meddler, event
from tests.integration.faults.plan import times
from tests.waiting import until


def test_records_that_come_again_count_once(tmp_path: Path, place: Place, report: Report) -> None:
    """As after a retry whose first try had been heard, a moment or a while before."""
    count = times("records repeated")
    with arena(tmp_path, place) as nodes, Meddler(place, 7) as meddler:
        nodes.start()
        for _ in range(count):
            meddler.repeat()
        nodes.progress("a")
        nodes.progress("b")
        nodes.stop()
        report(nodes.judge("records repeated", count))


def test_records_of_strangers_count_for_nothing(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """Other programs', of older and newer versions, broken, at a wrong place, on a wrong hash."""
    count = times("records of strangers")
    assert count >= len(STRANGERS), "each kind comes at least once"
    kinds = list(STRANGERS.values())
    with arena(tmp_path, place) as nodes, Meddler(place, 8) as meddler:
        nodes.start()
        for n in range(count):
            meddler.send(kinds[n % len(kinds)](meddler))
        nodes.progress("a")
        nodes.progress("b")
        nodes.stop()
        found = nodes.judge("records of strangers", count)
        assert found.log.voids >= count, "all of them are void"
        report(found)


def test_an_event_of_a_newer_version_stops_all_writing_but_no_reading(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """It is accepted, for it follows; who does not know what it means must not decide on it."""
    count = times("unknown event")
    with arena(tmp_path, place) as nodes:
        report(_with_an_unknown_event(nodes, place, count))


def _with_an_unknown_event(nodes: Arena, place: Place, count: int) -> Verdict:
    nodes.start()
    nodes.progress()
    with Meddler(place, 9) as meddler:

        def heard() -> bool:
            head = meddler.latest()[1]
            unknown = event("claim.teleported.v9")
            meddler.send(Foreign(seal(head, head.recorded_at_us, [unknown])[0]))
            return set(nodes.book.stopped) == {"a", "b"}

        until(heard, "both nodes meet the event and stop")
    nodes.stop()
    assert set(nodes.book.stopped.values()) == {"newer_version"}
    log = read_log(place)
    for node in "ab":
        with Ledger.open(nodes.at(node)) as ledger:
            head = ledger.catch_up()
            assert (head.position, head.hash) == (log.position, log.hash), "it reads on"
            with pytest.raises(DamagedError) as refused:
                ledger.tick()
            assert (refused.value.code, refused.value.exit_code) == ("newer_version", 4)
    return Verdict("unknown event", count, log, nodes.book, nodes.book.wrong(log))
