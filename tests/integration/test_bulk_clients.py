"""Both clients of the bulk path keep its promises on a real Kafka, and agree on partitions."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest
from confluent_kafka import Producer
from kafka import KafkaProducer

from ledger.cluster.bulk import open_bulk
from ledger.cluster.bulk_confluent import ConfluentBulk
from ledger.cluster.bulk_kafka_python import KafkaPythonBulk
from ledger.cluster.clients import kafka_python, librdkafka
from ledger.cluster.place import Place
from ledger.errors import BadInputError
from ledger.usage.partitions import partitions_of
from tests.conformance.bulk_topic import BulkTopicPromises, OpenTopic, closing_all, read_to

KEYS = [f"{number:08x}-0000-4000-8000-00000000000{number % 10}" for number in range(100)]


class TestKafkaPythonBulk(BulkTopicPromises):
    """The client that is always there."""

    @pytest.fixture
    def open_topic(self) -> Iterator[OpenTopic]:
        """Opens topics by kafka-python."""
        yield from closing_all(KafkaPythonBulk)


class TestConfluentBulk(BulkTopicPromises):
    """The fast one."""

    @pytest.fixture
    def open_topic(self) -> Iterator[OpenTopic]:
        """Opens topics by confluent-kafka."""
        yield from closing_all(ConfluentBulk)


def test_both_libraries_place_a_key_where_a_load_does(place: Place) -> None:
    """Left to their own partitioner, with ``murmur2_random`` for librdkafka."""
    fast = Producer({**librdkafka(place), "partitioner": "murmur2_random", "log_level": 0})
    slow = KafkaProducer(**kafka_python(place))
    for key in KEYS:
        fast.produce(place.usage, key.encode(), key.encode())
        slow.send(place.usage, key=key.encode(), value=key.encode())
    fast.flush(30)
    slow.close()
    topic = KafkaPythonBulk(place, place.usage)
    found = read_to(topic, dict.fromkeys(range(6), 0), topic.ends())
    topic.close()
    placed = partitions_of(pl.Series(KEYS), 6).to_list()
    for number, pages in found.items():
        expected = [key.encode() for key, at in zip(KEYS, placed, strict=True) if at == number]
        assert sorted(v for page in pages for v in page.values) == sorted(2 * expected)


@pytest.mark.parametrize(
    "named,kind",
    [
        ("fastest", ConfluentBulk),
        ("confluent-kafka", ConfluentBulk),
        ("kafka-python", KafkaPythonBulk),
    ],
)
def test_the_settings_name_the_client(
    place: Place, monkeypatch: pytest.MonkeyPatch, named: str, kind: type
) -> None:
    """The fastest that is installed, where nothing is said."""
    monkeypatch.setenv("ATTRIBUTION_KAFKA_BULK_CLIENT", named)
    topic = open_bulk(place, place.usage)
    topic.close()
    assert isinstance(topic, kind)


def test_without_the_extra_the_client_is_the_default_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who names the fast one is told what to install."""
    monkeypatch.setattr("ledger.cluster.bulk.find_spec", lambda _: None)
    topic = open_bulk(place, place.usage)
    topic.close()
    assert isinstance(topic, KafkaPythonBulk)
    monkeypatch.setenv("ATTRIBUTION_KAFKA_BULK_CLIENT", "confluent-kafka")
    with pytest.raises(BadInputError, match="not installed"):
        open_bulk(place, place.usage)
