"""Three brokers that are killed and paused, and a network that is cut and lies."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from ledger.cluster.place import Place
from scripts.kafka.broker import Broker, BrokerUnavailableError
from tests import brokers
from tests.integration.faults.arena import BEYOND_ALL_SECONDS, arena
from tests.integration.faults.cluster import Cluster, three_brokers
from tests.integration.faults.conftest import Report
from tests.integration.faults.plan import times
from tests.waiting import until


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster for the tests of this process, whole again before each."""
    try:
        with three_brokers(tmp_path_factory.mktemp("three")) as made:
            yield made
    except BrokerUnavailableError as error:
        pytest.skip(f"{brokers.NOT_RUN}: {error}")


def test_the_leader_killed_costs_no_answer(tmp_path: Path, three: Cluster, report: Report) -> None:
    """SIGKILL of the broker that leads the topic: another leads; nothing that counted is gone."""
    place, count = three.place(), times("leader killed")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for _ in range(count):
            nodes.progress("a")
            _killed_and_back(three, three.leader(place), nodes.progress)
        nodes.stop()
        report(nodes.judge("leader killed", count))


def test_a_follower_killed_costs_no_answer(tmp_path: Path, three: Cluster, report: Report) -> None:
    """Two replicas are enough to go on."""
    place, count = three.place(), times("follower killed")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for _ in range(count):
            nodes.progress("a")
            _killed_and_back(three, random.choice(three.followers(place)), nodes.progress)
        nodes.stop()
        report(nodes.judge("follower killed", count))


def test_the_leader_paused_beyond_every_limit(
    tmp_path: Path, three: Cluster, report: Report
) -> None:
    """It wakes up and believes that it still leads; what it says is not believed."""
    place, count = three.place(), times("leader paused")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for _ in range(count):
            nodes.progress("a")
            leader = three.brokers[three.leader(place)]
            _paused(leader)
            leader.resume()
            nodes.progress("a")
            nodes.progress("b")
            three.whole()
        nodes.stop()
        report(nodes.judge("leader paused", count))


def test_all_brokers_paused_beyond_every_limit(
    tmp_path: Path, three: Cluster, report: Report
) -> None:
    """Callers hear that the outcome is open; asked again, each wish is done once."""
    place, count = three.place(), times("all brokers paused")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for _ in range(count):
            nodes.progress("a")
            _paused(*three.brokers.values())
            until(lambda: bool(nodes.book.troubles), "callers hear of it")
            for broker in three.brokers.values():
                broker.resume()
            nodes.progress("a")
            nodes.progress("b")
            three.whole()
        nodes.stop()
        report(nodes.judge("all brokers paused", count))


def test_a_network_that_is_cut_and_goes_silent(
    tmp_path: Path, three: Cluster, report: Report
) -> None:
    """One node loses its brokers again and again, at any moment; the other one does not."""
    place, count = three.place(), times("network cut")
    with arena(tmp_path, place) as nodes:
        nodes.reach_by("a", three.over_the_network(place))
        nodes.start()
        nodes.progress("a")
        for n in range(count):
            troubles = sum(nodes.book.troubles.values())
            for proxy in three.network.values():
                proxy.silence() if n % 3 == 2 else proxy.cut()
            nodes.progress("b", more=random.randint(1, 40))
            if n % 6 >= 4:  # silent, then cut, until node a gives up
                until(lambda: sum(nodes.book.troubles.values()) > troubles, "a caller hears of it")  # noqa: B023  called at once
            for proxy in three.network.values():
                proxy.heal()
            nodes.progress("a", more=random.randint(1, 4))
        nodes.stop()
        report(nodes.judge("network cut", count))


def test_an_ack_that_lies_is_not_believed(tmp_path: Path, three: Cluster, report: Report) -> None:
    """The broker acknowledges what never came to the topic: nobody is told that it counts."""
    place, count = three.place(), times("lying ack")
    false = f"{place.chain[:-1]}X"
    _topic(place, false)
    with arena(tmp_path, place) as nodes:
        nodes.reach_by("a", three.over_the_network(place))
        nodes.start()
        nodes.progress("a")
        for _ in range(count):
            before = _lies(three)
            for proxy in three.network.values():
                proxy.lie(place.chain, false)
            until(lambda: _lies(three) > before + 1, "two lies are told")  # noqa: B023  called at once
            for proxy in three.network.values():
                proxy.heal()
            nodes.progress("a")
        nodes.stop()
        found = nodes.judge("lying ack", count)
        report(found)


def _lies(three: Cluster) -> int:
    return sum(proxy.lies for proxy in three.network.values())


def _topic(place: Place, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=place.servers)
    admin.create_topics({name: {"num_partitions": 1, "replication_factor": 3}})
    admin.wait_for_topics([name])
    admin.close()


def _killed_and_back(three: Cluster, number: int, progress: Callable[[str], None]) -> None:
    broker = three.brokers[number]
    broker.kill()
    progress("a")
    progress("b")
    broker.start()
    three.whole()


def _paused(*paused: Broker) -> None:
    """Stop brokers for longer than any limit of a node."""
    for broker in paused:
        broker.pause()
    began = time.monotonic()
    until(lambda: time.monotonic() - began > BEYOND_ALL_SECONDS, "beyond every limit")
