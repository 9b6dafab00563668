"""The chain on a real Apache Kafka, beside the embedded ledger and beside raw records.

One broker of the measurement's own, on this machine, shares its cores with what is measured. Ours
and its peer take turns, so that a busy machine hurts both.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from itertools import count
from pathlib import Path

from bench import contending
from bench.blocks import Pace, Plan, alternate, pace
from bench.many_callers import submit_at_once
from bench.market import request
from bench.table import Row, at_least_ratio, compared
from ledger.app import Ledger
from ledger.cluster.partition import Inlet, Message, Outlet
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from ledger.deciding import Request
from ledger.log.chain import Head, seal
from ledger.log.database import Database
from ledger.log.frame import EventBytes
from ledger.log.journal.kafka import KafkaJournal
from ledger.log.journal.kafka_topic import KafkaTopic
from schemas.envelope import Attributes
from scripts.kafka.broker import Broker, BrokerUnavailableError

READY = 500
"""Events of the one commit that is compared with a raw record of its size."""


def measure(plan: Plan) -> Iterator[Row]:
    """Every row of the table that concerns the chain on Kafka."""
    # A busy machine is measured, too, not refused.
    os.environ.setdefault("ATTRIBUTION_KAFKA_REQUEST_MS", "20000")
    try:
        broker = Broker(plan.new_folder("kafka")).start()
    except BrokerUnavailableError as error:
        yield Row(f"the chain on Kafka: not measured, {error}", "")
        return
    with broker:
        bulk, commit, caller, contended = [_place(broker.servers) for _ in range(4)]
        yield from _against_embedded(plan, bulk)
        yield _one_commit(plan, commit)
        yield _one_caller(plan, caller)
        yield from _contending(plan, contended)


def _place(servers: str) -> Place:
    made = Place(servers, f"b-{random.randrange(2**40):x}")
    create(made)
    return made


def _against_embedded(plan: Plan, place: Place) -> Iterator[Row]:
    rounds, lot = plan.pick(1, 7), plan.pick(64, 4_000)
    folder = plan.new_folder("nodes")
    with (
        Ledger.create(folder / "node", log=place.url) as node,
        Ledger.create(folder / "embedded") as embedded,
    ):
        numbers = count()

        def block(ledger: Ledger, submit: Callable[[Ledger, list[Request]], object]) -> Pace:
            requests = [_organisation(next(numbers)) for _ in range(lot)]
            return pace(lot, lambda: submit(ledger, requests))

        for name, submit in (("bulk", _in_bulk), ("64 callers", submit_at_once)):
            found = alternate(
                rounds, partial(block, node, submit), partial(block, embedded, submit)
            )
            work = f"decisions through Kafka, one node, {name}"
            yield compared(work, "/s", found, "embedded", 0.6)


def _organisation(n: int) -> Request:
    data = {"organisation": f"k{n:07}", "name": f"Newcomer {n}", "country": "CZ"}
    return request("organisation.register", "operator", f"k-{n}", data)


def _in_bulk(ledger: Ledger, requests: list[Request]) -> None:
    for outcome in ledger.submit_many(requests):
        assert outcome.position, outcome


class _Raw:
    """Records of the client alone: sent with all acks, and read back."""

    def __init__(self, place: Place, opened: ExitStack) -> None:
        self._inlet = opened.enter_context(closing(Inlet(place, place.events)))
        self._outlet = opened.enter_context(closing(Outlet(place, place.events)))
        self._at = self._inlet.end()

    def there_and_back(self, value: bytes) -> None:
        """Send one record and wait until it is read."""
        self._outlet.send([Message(None, value)])
        while not (found := self._inlet.read(self._at, 1.0)).records:
            pass
        self._at = found.upto


def _one_commit(plan: Plan, place: Place) -> Row:
    rounds, times = plan.pick(1, 9), plan.pick(3, 30)
    with ExitStack() as opened:
        database = opened.enter_context(closing(Database(plan.folder / "commit.db", replica=True)))
        journal = KafkaJournal(database, KafkaTopic(place, place.chain))
        opened.callback(journal.close)
        raw = _Raw(place, opened)

        def ours() -> Pace:
            return pace(times, lambda: _repeat(times, lambda: _append(journal)))

        def peer() -> Pace:
            size = len(_ready(journal.head()))
            value = random.randbytes(size)
            return pace(times, lambda: _repeat(times, lambda: raw.there_and_back(value)))

        found = alternate(rounds, ours, peer)
    size = len(_ready(Head(0, bytes(32)))) // 1024
    return compared(f"one commit of {READY} ready events, {size} KiB", "/s", found, "raw", 0.5)


def _repeat(times: int, work: Callable[[], None]) -> None:
    for _ in range(times):
        work()


def _append(journal: KafkaJournal) -> None:
    with journal.group():
        assert isinstance(journal.append([_ready(journal.head())]), list)


def _ready(head: Head) -> bytes:
    told = Attributes("organisation.registered.v1", ("organisation:100",), 1, "operator", "c-1")
    event = EventBytes(told.to_bytes(), b'{"organisation":"100","name":"Alfa","country":"CZ"}')
    return seal(head, head.recorded_at_us + 1, [event] * READY, "l-bench")[0]


def _one_caller(plan: Plan, place: Place) -> Row:
    rounds, times = plan.pick(1, 9), plan.pick(3, 60)
    numbers = count()
    with ExitStack() as opened:
        folder = plan.new_folder("caller") / "node"
        node = opened.enter_context(Ledger.create(folder, log=place.url))
        raw = _Raw(place, opened)

        def ours() -> Pace:
            requests = [_organisation(next(numbers)) for _ in range(times)]
            return _median(lambda n: _submit(node, requests[n]), times)

        def peer() -> Pace:
            return _median(lambda _: raw.there_and_back(bytes(400)), times)

        found = alternate(rounds, ours, peer)
    return compared("one decision, one caller, p50 as a rate", "/s", found, "raw p50", 0.4)


def _submit(node: Ledger, one: Request) -> None:
    node.submit(one.command, actor=one.actor, command_id=one.command_id)


def _median(work: Callable[[int], None], times: int) -> Pace:
    """The pace of the median one of so many."""
    began_cpu = time.process_time()
    found = []
    for n in range(times):
        began = time.perf_counter()
        work(n)
        found.append(time.perf_counter() - began)
    cpu_us = (time.process_time() - began_cpu) / times * 1e6
    return Pace(1 / sorted(found)[times // 2], cpu_us)


def _contending(plan: Plan, place: Place) -> Iterator[Row]:
    seconds = plan.pick(2, 15)
    folder = plan.new_folder("contending")
    Ledger.create(folder / "0", log=place.url).close()
    for n in range(1, contending.NODES):
        Ledger.join(folder / str(n), place.url, folder / "0" / "keys.db").close()
    alone = sum(contending.kept(_nodes(folder, 1), seconds))
    together = contending.kept(_nodes(folder, contending.NODES), seconds, slow_ms=50)
    work = f"{contending.NODES} nodes contending, one 50 ms slower"
    yield at_least_ratio(work, sum(together), alone, "kept by one node alone", 0.5)
    yield at_least_ratio(f"{work}: what it wins", together[-1], sum(together), "kept by all", 0.05)


def _nodes(folder: Path, number: int) -> list[Path]:
    return [folder / str(n) for n in range(number)]
