"""Increments into ClickHouse, from the embedded log and from Kafka, beside Quix Streams."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bench import estate, peers
from bench.blocks import Pace, Plan, alternate, pace, repeat
from bench.caught_up import fill
from bench.kafka_here import fresh_place
from bench.table import Row, at_least, compared, rates
from bench.usage_load import MONTHS, WORKLOADS, load, report
from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.usage.chain_decisions import decided
from scripts.kafka.broker import BrokerUnavailableError

CLIENT = "ATTRIBUTION_KAFKA_BULK_CLIENT"
UNIT = "increments/s"


def measure(plan: Plan) -> Iterator[Row]:
    """One report of a year is loaded; what it states is fed, each time into tables that are empty.

    From Kafka a fresh node does it: the topic read, checked against the decision, kept in usage.db
    and fed, credited by every rule. Quix Streams sums the same increments into its store.
    """
    rounds, rows = plan.pick(1, 3), plan.pick(120, 200_000)
    folder = plan.new_folder("sink")
    file = report(folder / "r.tsv", max(1, rows // (MONTHS * len(WORKLOADS))), 1)
    made = estate.build(folder / "estate", estate.Size(100))
    with Workspace(made.path) as workspace:
        load(workspace, file)
        increments = _increments(workspace)
    embedded = repeat(rounds, _fed(made.path, increments))
    told = f"{increments:,} increments into ClickHouse"
    yield at_least(f"{told}, embedded log", UNIT, embedded, 300_000)
    try:
        with fresh_place(plan) as place:
            bare = estate.build(folder / "bare", estate.Size(100))
            fill(bare.path, place)
            yield from _from_kafka(plan, _Topic(place, bare.keys, increments, told, file))
    except BrokerUnavailableError as error:
        yield Row(f"{told}, from Kafka: not measured, {error}", "")


class _Topic(NamedTuple):
    place: Place
    keys: Path
    increments: int
    told: str
    file: Path


def _from_kafka(plan: Plan, topic: _Topic) -> Iterator[Row]:
    folder = plan.new_folder("nodes")
    _joined(folder / "first", topic)
    with Workspace(folder / "first") as workspace:
        load(workspace, topic.file)
    peer, missing = None, ""
    try:
        peer = _folded(folder, topic, peers.interpreter())
    except peers.PeersUnavailableError as error:
        missing = f"Quix Streams can't be had here: {error}"
    numbers = count()
    for client, floor in (("kafka-python", 1.0), ("confluent-kafka", 2.0)):

        def taken_in(client: str = client) -> Pace:
            os.environ[CLIENT] = client
            path = folder / f"node-{next(numbers)}"
            _joined(path, topic)
            return _fed(path, topic.increments)()

        work, rounds = f"{topic.told}, from Kafka by {client}", plan.pick(1, 3)
        if peer is None:
            alone = rates(repeat(rounds, taken_in).rate, UNIT)
            yield Row(work, alone, missing, "", f">= {floor:g} x", met=False)
        else:
            yield compared(work, UNIT, alternate(rounds, taken_in, peer), "Quix Streams", floor)


def _fed(path: Path, increments: int) -> Callable[[], Pace]:
    """The growth tables made anew and fed; views and engine are there before."""

    def block() -> Pace:
        with Workspace(path) as workspace:
            workspace.views  # noqa: B018  caught up before the clock starts
            engine = workspace.open_analytics(anew=True)
            return pace(increments, lambda: workspace.feed(engine))

    return block


def _folded(folder: Path, topic: _Topic, python: Path) -> Callable[[], Pace]:
    numbers = count()
    words = [
        str(python),
        "-W",
        "ignore",
        str(peers.HERE / "quix_fold.py"),
        topic.place.servers,
        topic.place.usage,
    ]

    def block() -> Pace:
        states = folder / f"quix-{next(numbers)}"
        run = subprocess.run(
            [*words, str(topic.increments), str(states)], stdout=subprocess.PIPE, check=True
        )
        found = json.loads(run.stdout.splitlines()[-1])
        each = found["cpu_seconds"] / topic.increments * 1e6
        return Pace(topic.increments / found["seconds"], each)

    return block


def _joined(path: Path, topic: _Topic) -> None:
    Ledger.join(path, topic.place.url, topic.keys).__exit__(None, None, None)


def _increments(workspace: Workspace) -> int:
    head = workspace.ledger.head.position
    return sum(one.decision.increments for one in decided(workspace.reader, upto=head))
