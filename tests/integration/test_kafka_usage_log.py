"""The usage log of many machines keeps every promise of the port, on a real Apache Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from ledger.cluster.place import Place
from ledger.usage.kafka_log import KafkaUsageLog, opened
from ledger.usage.sending import Patience
from tests.conformance.usage_log import OpenLog, Program, UsageLogPromises

LEDGER = "l-test"
PATIENCE = Patience(resend_seconds=30, give_up_seconds=180)
"""What a busy broker has taken is not sent again, so that what is left over can be counted."""

OPENED = """
import sys
from functools import partial
from pathlib import Path
from ledger.cluster.place import Place
from ledger.usage.kafka_log import KafkaUsageLog, opened

path, ledger, servers, prefix = sys.argv[1:]
log = KafkaUsageLog(Path(path), ledger, partial(opened, Place(servers, prefix)))
"""


@pytest.fixture
def open_log(tmp_path: Path, place: Place) -> Iterator[OpenLog]:
    """Opens the one topic of the test, each time as a node of its own."""
    logs: list[KafkaUsageLog] = []
    numbers = count()

    def open_it() -> KafkaUsageLog:
        path = tmp_path / f"node-{next(numbers)}" / "usage.db"
        path.parent.mkdir()
        logs.append(KafkaUsageLog(path, LEDGER, partial(opened, place), PATIENCE))
        return logs[-1]

    yield open_it
    for log in logs:
        log.close()


class ByEachClient(UsageLogPromises):
    """The shared promises, on Kafka."""

    client: str

    @pytest.fixture(autouse=True)
    def _client(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The client that carries usage, here and in the programs that are started."""
        monkeypatch.setenv("ATTRIBUTION_KAFKA_BULK_CLIENT", self.client)

    @pytest.fixture
    def killed_code(self, tmp_path: Path, place: Place) -> Program:
        """A program that opens the topic as one more node."""
        words = [str(tmp_path / "killed.db"), LEDGER, place.servers, place.prefix]
        return Program(OPENED, words)


class TestByKafkaPython(ByEachClient):
    """By the client that is always there."""

    client = "kafka-python"


class TestByConfluent(ByEachClient):
    """By the fast one."""

    client = "confluent-kafka"
