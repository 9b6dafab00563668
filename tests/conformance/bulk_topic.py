"""What both clients of the bulk path promise.

Subclass, and give the fixtures ``place`` and ``open_topic``, which opens any topic of a place
through the client under test.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from confluent_kafka import Producer

from ledger.cluster.bulk import BulkTopic, Headers, Page
from ledger.cluster.place import Place
from ledger.errors import DamagedError, StorageError
from tests.waiting import PATIENCE_SECONDS, until

OpenTopic = Callable[[Place, str], BulkTopic]
HEADERS: Headers = [("ce_id", b"u-1/0/0"), ("empty", b""), ("ce_id", b"again")]


def read_to(topic: BulkTopic, offsets: dict[int, int], ends: list[int]) -> dict[int, list[Page]]:
    """Everything from offsets on to the ends, page by page."""
    found: dict[int, list[Page]] = {number: [] for number in offsets}
    limit = time.monotonic() + PATIENCE_SECONDS
    while any(at < ends[number] for number, at in offsets.items()):
        assert time.monotonic() < limit, (offsets, ends)
        for page in topic.read(offsets, 1.0):
            found[page.partition].append(page)
            offsets |= {page.partition: page.upto}
    return found


def values(pages: list[Page]) -> list[bytes]:
    """The values of pages, in order."""
    return [value for page in pages for value in page.values]


class BulkTopicPromises:
    """The shared cases."""

    @pytest.fixture(autouse=True)
    def _patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A busy machine is no loss."""
        monkeypatch.setenv("ATTRIBUTION_KAFKA_REQUEST_MS", "30000")

    @pytest.fixture
    def topic(self, place: Place, open_topic: OpenTopic) -> BulkTopic:
        """The topic of usage, empty."""
        return open_topic(place, place.usage)

    def put(self, topic: BulkTopic, partition: int, told: list[bytes]) -> None:
        """Send values, and see them arrive."""
        topic.send(partition, [b"k"] * len(told), told, [HEADERS] * len(told))
        assert topic.flush(PATIENCE_SECONDS)
        assert not topic.lost()

    def test_an_empty_topic_begins_and_ends_at_nought(self, topic: BulkTopic) -> None:
        """In every partition; and reading gives nothing, in time."""
        assert topic.partitions() == 6
        assert topic.beginnings() == topic.ends() == [0] * 6
        assert topic.read({0: 0, 5: 0}, 0.2) == []

    def test_records_lie_where_they_were_put_and_as_they_were(self, topic: BulkTopic) -> None:
        """In the order of sending, with their headers: repeated names and empty values, too."""
        numbers = count()
        sent = {at: [b"%d" % next(numbers) for _ in range(300)] for at in (0, 3)}
        for part in range(0, 300, 100):
            for at, told in sent.items():
                self.put(topic, at, told[part : part + 100])
        assert topic.ends() == [300, 0, 0, 300, 0, 0]
        found = read_to(topic, dict.fromkeys(range(6), 0), topic.ends())
        for at, told in sent.items():
            assert values(found[at]) == told
            assert [one for page in found[at] for one in page.offsets] == list(range(300))
            for page in found[at]:
                assert len(page.headers) == len(page.values)
                assert all(list(one) == list(HEADERS) for one in page.headers)
        assert not any(values(found[at]) for at in (1, 2, 4, 5))

    def test_reading_begins_anywhere_and_goes_back(self, topic: BulkTopic) -> None:
        """Each partition at the offset asked for, whatever was read before."""
        self.put(topic, 1, [b"%d" % n for n in range(50)])
        self.put(topic, 2, [b"x%d" % n for n in range(50)])
        ends = topic.ends()
        assert values(read_to(topic, {1: 40}, ends)[1]) == [b"%d" % n for n in range(40, 50)]
        found = read_to(topic, {1: 45, 2: 48}, ends)
        assert (values(found[1]), values(found[2])) == (
            [b"%d" % n for n in range(45, 50)],
            [b"x48", b"x49"],
        )
        assert len(values(read_to(topic, {1: 0}, ends)[1])) == 50
        self.put(topic, 1, [b"later"])
        assert values(read_to(topic, {1: 50}, topic.ends())[1]) == [b"later"]

    def test_what_is_sent_by_one_is_read_by_another(
        self, topic: BulkTopic, place: Place, open_topic: OpenTopic
    ) -> None:
        """Who waits at the end gets what comes."""
        other = open_topic(place, place.usage)
        assert other.read({4: 0}, 0.1) == []
        self.put(topic, 4, [b"news"])
        assert values(read_to(other, {4: 0}, [1] * 6)[4]) == [b"news"]

    def test_many_records_are_sent_without_end(self, topic: BulkTopic) -> None:
        """More than a client keeps on its way: sending waits until there is room."""
        told = [b"%d" % n + b"." * 2_000 for n in range(2_000)]
        for at in range(3):
            topic.send(at, [None] * len(told), told, [[]] * len(told))
        assert topic.flush(PATIENCE_SECONDS)
        assert not topic.lost()
        found = read_to(topic, dict.fromkeys(range(3), 0), topic.ends())
        assert [values(found[at]) == told for at in range(3)] == [True] * 3

    def test_reading_goes_on_over_what_is_no_record(self, topic: BulkTopic, place: Place) -> None:
        """The mark that ends a stranger's transaction has an offset, and nothing to read."""
        stranger = Producer(
            {"bootstrap.servers": place.servers, "transactional.id": place.prefix, "log_level": 0}
        )
        stranger.init_transactions(PATIENCE_SECONDS)
        for end in (stranger.abort_transaction, stranger.commit_transaction):
            stranger.begin_transaction()
            stranger.produce(place.usage, b"of a stranger", partition=0)
            stranger.flush(PATIENCE_SECONDS)
            end(PATIENCE_SECONDS)
        # The mark comes a moment after its transaction is done.
        until(lambda: topic.ends()[0] >= 4, "both marks lie there")
        found = read_to(topic, {0: 0}, topic.ends())
        # Aborted or not: whoever reads goes by the rule of numbers, not by transactions.
        assert values(found[0]) == [b"of a stranger"] * 2

    def test_an_offset_that_is_not_there_is_said(self, topic: BulkTopic) -> None:
        """The topic was cut off: exit 4, nothing is skipped."""
        self.put(topic, 0, [b"only"])
        with pytest.raises(DamagedError) as refused:
            read_to(topic, {0: 100}, [200])
        assert refused.value.code == "log_truncated"

    def test_a_topic_that_is_missing_is_said(self, place: Place, open_topic: OpenTopic) -> None:
        """With the command that makes it."""
        with pytest.raises(StorageError, match=r"no topic .*\.nowhere") as refused:
            open_topic(place, f"{place.prefix}.nowhere")
        assert refused.value.code == "topic_missing"

    def test_a_record_that_is_too_large_is_said(self, topic: BulkTopic) -> None:
        """Sending it again would not help, so it is an error and no loss."""
        with pytest.raises(StorageError) as refused:  # noqa: PT012  either of the three may say it
            topic.send(0, [None], [b"x" * 3_000_000], [[]])
            topic.flush(PATIENCE_SECONDS)
            topic.lost()
        assert refused.value.code == "message_too_large"
        self.put(topic, 0, [b"the next one"])

    def test_a_cluster_that_is_not_there_is_said_in_time(
        self, open_topic: OpenTopic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody listens, or somebody who never answers."""
        monkeypatch.setenv("ATTRIBUTION_KAFKA_CONNECT_MS", "1000")
        monkeypatch.setenv("ATTRIBUTION_KAFKA_REQUEST_MS", "1000")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            for port in (1, silent.getsockname()[1]):
                began = time.monotonic()
                with pytest.raises(StorageError) as refused:
                    open_topic(Place(f"127.0.0.1:{port}", "x"), "x.usage")
                assert refused.value.code == "kafka_unreachable"
                assert time.monotonic() - began < PATIENCE_SECONDS


def closing_all(opener: OpenTopic) -> Iterator[OpenTopic]:
    """An opener whose topics are closed at the end of the test."""
    opened: list[BulkTopic] = []

    def open_it(place: Place, name: str) -> BulkTopic:
        opened.append(opener(place, name))
        return opened[-1]

    yield open_it
    for topic in opened:
        topic.close()
