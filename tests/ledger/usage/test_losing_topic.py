"""Whatever a topic does to what is sent, an attempt counts whole and once, or not at all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cluster.bulk import Headers
from ledger.errors import StorageError
from ledger.usage.kafka_log import KafkaUsageLog, Opened
from ledger.usage.log import Cut, DamagedUsageError, verify
from ledger.usage.sending import Patience
from schemas.cloud_event import source_urn
from tests.conformance.usage_log import TENANTS, decided, dump, increments, stated
from tests.ledger.usage.builders import MAU
from tests.ledger.usage.losing_topic import Chances, Cluster, LosingTopic, Lying

LEDGER = "l-test"
SOURCE = source_urn(LEDGER).encode()
RELIABLE = Chances()

_likely = st.sampled_from((0.0, 0.1, 0.3))
_chances = st.builds(Chances, lost=_likely, repeated=_likely, late=_likely, silent=_likely)


def node(
    folder: Path, topic: LosingTopic, *, give_up_seconds: float = 400, name: str = "node"
) -> KafkaUsageLog:
    """A node that reaches the cluster through a topic, by that topic's clock."""
    path = folder / name / "usage.db"
    path.parent.mkdir(exist_ok=True)
    patience = Patience(1.0, give_up_seconds, lambda: topic.now)
    return KafkaUsageLog(path, LEDGER, lambda: Opened(topic, "t-1"), patience)


def stranger(chance: random.Random) -> Lying:
    """A record of somebody else, or one that only looks like the ledger's."""
    ids = (b"u-1/0/0", b"one/0/0", b"two/1/3", b"one/2/1", b"junk", b"one/9/0")
    told = [("ce_id", chance.choice(ids)), ("ce_type", b"usage.increment.v1")]
    source = chance.choice((b"urn:somebody", SOURCE if told[0][1] == b"u-1/0/0" else b"", b""))
    return chance.choice((b"", b"{", b"{}")), [*told, ("ce_source", source)]


@given(seed=st.integers(0, 2**32), chances=_chances, count=st.integers(1, 3))
def test_attempts_count_whole_and_once(seed: int, chances: Chances, count: int) -> None:
    """Two nodes at once, losses, repeats, late arrivals, strangers: every node holds the same."""
    chance, cluster = random.Random(seed), Cluster(3)
    with TemporaryDirectory() as at, ExitStack() as opened:
        topics = [LosingTopic(cluster, seed + n, chances) for n in range(2)]
        topics.append(LosingTopic(cluster, seed, Chances(silent=chances.silent)))
        nodes = [
            opened.enter_context(closing(node(Path(at), topic, name=f"n{n}")))
            for n, topic in enumerate(topics)
        ]
        cuts: dict[str, list[Cut]] = {}

        def append(at: int, name: str) -> None:
            for lane in cluster.lying:
                lane += [stranger(chance) for _ in range(chance.randint(0, 2))]
            frames = [increments(MAU, TENANTS[at:5], count)] * 2
            cuts[name] = nodes[at].append(name, [stated(TENANTS[:5], count)], frames)

        topics[0].meanwhile = lambda: append(1, "two")
        append(0, "one")
        for name, found in cuts.items():  # somebody goes on under the name of an attempt
            for cut in found:
                cluster.lying[cut.partition] += forged(cluster, name, cut)
        append(0, "three")
        expected = {"one": 15 * count, "two": 13 * count, "three": 15 * count}
        order = [*cuts]  # chance may have it that the other never came
        chance.shuffle(order)
        entries = [decided(place, name, cuts[name]) for place, name in enumerate(order, start=1)]
        for log in nodes:
            log.hold(entries[:1])
            log.hold(entries)
        for entry in entries:
            assert sum(cut.count for cut in entry.decision.cut) == expected[entry.decision.attempt]
            for cut in entry.decision.cut:
                verify(nodes[-1], cut)
        held = dump(nodes[-1])
        assert [row[0] for row in held] == [name for name in order for _ in range(expected[name])]
        assert [dump(log) == held for log in nodes] == [True] * 3


def forged(cluster: Cluster, name: str, cut: Cut) -> list[Lying]:
    """Records that would be an attempt's next ones, had it not ended."""
    before = b"%s/%d/" % (name.encode(), cut.partition)
    own = [
        (int(told[0][1].rpartition(b"/")[2]), value, told)
        for value, told in cluster.lying[cut.partition][cut.first_offset : cut.end_offset]
        if told[0][1].startswith(before)
    ]
    number, value, told = max(own)
    return [
        (value, [("ce_id", b"%s%d" % (before, number + more)), *told[1:]]) for more in (1, 2, 3)
    ]


def test_two_processes_of_a_node_keep_what_counts_once(tmp_path: Path) -> None:
    """Both read what is missing; whoever is later finds it there."""
    topic = LosingTopic(Cluster(3), 1, RELIABLE)
    with ExitStack() as opened:
        one, two = (opened.enter_context(closing(node(tmp_path, topic))) for _ in range(2))
        cuts = one.append("one", [stated(TENANTS)], [])
        entry = decided(1, "one", cuts)
        staged, filled = one._staged["one"], one._missing([entry])  # noqa: SLF001
        two.hold([entry])
        for each in filled:
            one._keep(one._spool, each, staged)  # noqa: SLF001
        assert len(dump(one)) == len(dump(two)) == len(TENANTS)


def test_a_topic_that_takes_nothing_is_said_in_time(tmp_path: Path) -> None:
    """After the patience is at its end; nothing counts, and the next attempt is whole."""
    cluster = Cluster(3)
    topic = LosingTopic(cluster, 1, Chances(lost=1.0))
    with closing(node(tmp_path, topic, give_up_seconds=5)) as log:
        with pytest.raises(StorageError) as refused:
            log.append("one", [stated(TENANTS)], [])
        assert refused.value.code == "usage_not_taken"
        assert topic.now <= 6
    topic = LosingTopic(cluster, 1, RELIABLE)
    with closing(node(tmp_path, topic)) as log:
        cuts = log.append("two", [stated(TENANTS)], [])
        log.hold([decided(1, "two", cuts)])
        assert len(dump(log)) == len(TENANTS)


class _Forging(LosingTopic):
    """A topic on which somebody is quicker, under the very name of a record."""

    def send(
        self,
        partition: int,
        keys: Sequence[bytes | None],
        values: Sequence[bytes],
        headers: Sequence[Headers],
    ) -> None:
        """The forged one comes first."""
        self._cluster.lying[partition].append((b"{}", headers[0]))
        super().send(partition, keys, values, headers)


def test_a_record_that_somebody_forged_is_no_part_of_an_attempt(tmp_path: Path) -> None:
    """Reading back shows other bytes: the attempt is given up, by name."""
    with (
        closing(node(tmp_path, _Forging(Cluster(1), 1, RELIABLE))) as log,
        pytest.raises(DamagedUsageError) as refused,
    ):
        log.append("one", [stated(TENANTS)], [])
    assert refused.value.code == "usage_forged"


def test_a_replica_of_another_story_is_said(tmp_path: Path) -> None:
    """The chain was restored to another one: the node's copy is not built upon."""
    topic = LosingTopic(Cluster(3), 1, RELIABLE)
    with closing(node(tmp_path, topic)) as log:
        cuts = log.append("one", [stated(TENANTS)], [])
        log.hold([decided(3, "one", cuts)])
        log.hold(
            [decided(2, "earlier", [])]
        )  # a picture of an earlier position: nothing is missing
        for other in ([decided(3, "two", cuts)], [decided(4, "one", cuts)]):
            with pytest.raises(DamagedUsageError, match="rebuild --only usage"):
                log.hold(other)


def test_a_topic_made_anew_is_refused(tmp_path: Path) -> None:
    """Another id under the same name is another topic."""
    topic = LosingTopic(Cluster(3), 1, RELIABLE)
    with closing(node(tmp_path, topic)) as log:
        log.append("one", [stated(TENANTS)], [])
    path = tmp_path / "node" / "usage.db"
    with closing(KafkaUsageLog(path, LEDGER, lambda: Opened(topic, "t-2"))) as log:
        with pytest.raises(DamagedUsageError) as refused:
            log.append("two", [stated(TENANTS)], [])
        assert refused.value.code == "topic_recreated"
