"""The journal of many machines keeps every promise of the port, on a real Apache Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from ledger.cluster.place import Place
from ledger.log.chain import START, Void
from ledger.log.database import Database
from ledger.log.journal.kafka import KafkaJournal, Patience
from ledger.log.journal.kafka_topic import KafkaTopic
from tests.conformance.journal import JournalPromises, OpenJournal, commit

PATIENCE = Patience(give_up_seconds=180)
"""A busy broker may take long; then the same bytes are sent again, which a journal stands."""


@pytest.fixture
def open_journal(tmp_path: Path, place: Place) -> Iterator[OpenJournal]:
    """Opens the one journal of the test, each time as a node of its own."""
    opened: list[KafkaJournal] = []
    numbers = count()

    def open_it() -> KafkaJournal:
        database = Database(tmp_path / f"node-{next(numbers)}.db")
        topic = KafkaTopic(place, place.chain)
        opened.append(KafkaJournal(database, topic, patience=PATIENCE))
        return opened[-1]

    yield open_it
    for journal in opened:
        journal.close()
        journal.database.close()


class TestKafkaJournal(JournalPromises):
    """The shared promises, on Kafka."""


class _Slow(KafkaTopic):
    """Its answers are old when they come: ``meanwhile`` happens after the cluster gave them."""

    meanwhile: Callable[[], None] | None = None

    def beginning(self) -> int:
        """What it was before the meanwhile."""
        first = super().beginning()
        self._let_pass()
        return first

    def end(self) -> int:
        """What it was before the meanwhile."""
        end = super().end()
        self._let_pass()
        return end

    def _let_pass(self) -> None:
        if self.meanwhile is not None:
            self.meanwhile()


def test_another_process_of_the_node_may_apply_more_while_the_cluster_answers(
    tmp_path: Path, place: Place
) -> None:
    """Neither at the start nor later is that taken for a log that lost its end."""
    path, head = tmp_path / "node.db", START
    with (
        closing(Database(path)) as one,
        closing(Database(path)) as other,
        closing(KafkaJournal(one, KafkaTopic(place, place.chain), patience=PATIENCE)) as quick,
    ):

        def append() -> None:
            nonlocal head
            data, head = commit(head, "x")
            assert not isinstance(quick.append([data]), Void)

        append()
        topic = _Slow(place, place.chain)
        topic.meanwhile = append
        with closing(KafkaJournal(other, topic, patience=PATIENCE)) as slow:
            begun = head.position
            assert begun >= 3, "more was applied after each of the answers"
            assert slow.catch_up().position == head.position > begun
