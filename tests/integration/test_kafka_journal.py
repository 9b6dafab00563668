"""The journal of many machines keeps every promise of the port, on a real Apache Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from ledger.cluster.place import Place
from ledger.log.database import Database
from ledger.log.journal.kafka import KafkaJournal
from ledger.log.journal.kafka_topic import KafkaTopic
from tests.conformance.journal import JournalPromises, OpenJournal


@pytest.fixture
def open_journal(tmp_path: Path, place: Place) -> Iterator[OpenJournal]:
    """Opens the one journal of the test, each time as a node of its own."""
    opened: list[KafkaJournal] = []
    numbers = count()

    def open_it() -> KafkaJournal:
        database = Database(tmp_path / f"node-{next(numbers)}.db")
        opened.append(KafkaJournal(database, KafkaTopic(place, place.chain)))
        return opened[-1]

    yield open_it
    for journal in opened:
        journal.close()
        journal.database.close()


class TestKafkaJournal(JournalPromises):
    """The shared promises, on Kafka."""
