"""Topics that are deleted and made again under running nodes; groups of consumers in turmoil."""

from __future__ import annotations

import gc
import random
from pathlib import Path
from threading import Event, Thread

import pytest
from kafka import KafkaAdminClient, KafkaConsumer

from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.errors import DamagedError
from tests.integration.faults.arena import Verdict, arena
from tests.integration.faults.book import read_log
from tests.integration.faults.conftest import Report
from tests.integration.faults.meddler import Foreign, Meddler
from tests.integration.faults.plan import times
from tests.integration.meddling import make_anew
from tests.waiting import until


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "longer than before"])
def test_a_topic_made_anew_under_running_nodes_stops_them(
    tmp_path: Path, place: Place, report: Report, filled: bool
) -> None:
    """Exit 4, also where the new topic reaches beyond the offset that the nodes stand at."""
    with arena(tmp_path, place) as nodes:
        nodes.start()
        nodes.progress("a")
        nodes.progress("b")
        before = read_log(place)
        make_anew(place, place.chain)
        if filled:
            with Meddler(place, 11) as meddler:
                meddler.send(*[Foreign(b"other")] * (before.position + before.voids + 500))
        until(lambda: set(nodes.book.stopped) == {"a", "b"}, "both nodes stop")
        nodes.stop()
        assert set(nodes.book.stopped.values()) <= {"topic_recreated", "log_truncated"}
        for node in "ab":
            with pytest.raises(DamagedError) as refused:
                Ledger.open(nodes.at(node))
            assert (refused.value.code, refused.value.exit_code) == ("topic_recreated", 4)
        after = read_log(place)
        assert not after.events, "nothing counts in the new topic"
        report(Verdict("topic made anew", 1, after, nodes.book, {"counted": len(after.events)}))


# A consumer of the library that is closed while it joins leaves a socket to the collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_storms_of_consumers_do_not_touch_a_node(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """Nodes read what they are assigned to, in no group: there is nothing to balance anew."""
    count = times("consumers come and go")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        nodes.progress("a")
        assert not _groups(place), "no node is in a group"
        over = Event()
        storm = [Thread(target=_come_and_go, args=(place, count // 4, over)) for _ in range(4)]
        for one in storm:
            one.start()
        nodes.progress("a")
        nodes.progress("b")
        for one in storm:
            one.join()
        assert _groups(place) <= {f"{place.prefix}-storm"}
        nodes.progress("a")
        nodes.stop()
        report(nodes.judge("consumers come and go", count))
    gc.collect()  # here and now, so that no later test is told of these sockets


def _groups(place: Place) -> set[str]:
    admin = KafkaAdminClient(bootstrap_servers=place.servers)
    try:
        found = {str(one["group_id"]) for one in admin.list_groups()}
    finally:
        admin.close()
    return {name for name in found if name.startswith(place.prefix)}


def _come_and_go(place: Place, count: int, over: Event) -> None:
    for _ in range(count):
        consumer = KafkaConsumer(
            bootstrap_servers=place.servers,
            group_id=f"{place.prefix}-storm",
            auto_offset_reset="earliest",
        )
        consumer.subscribe([place.chain, place.events, place.holders])
        consumer.poll(timeout_ms=random.randint(100, 500))
        consumer.close(timeout_ms=500)
        over.wait(0.01)
