"""The broker that measurements run against: the one that is named, else one of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from bench.blocks import Plan
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from scripts.kafka.broker import Broker

VARIABLE = "LEDGER_TEST_KAFKA"


@contextmanager
def fresh_place(plan: Plan) -> Iterator[Place]:
    """A place with fresh topics on a broker that is there while the block runs."""
    named = os.environ.get(VARIABLE)
    if named:
        yield _made(named)
        return
    with Broker(plan.new_folder("kafka")) as broker:
        yield _made(broker.servers)


def _made(servers: str) -> Place:
    place = Place(servers, f"bench-{token_hex(4)}")
    create(place)
    return place
