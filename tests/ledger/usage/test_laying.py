"""Cuts of another house lie on a topic at their own offsets, or the copy is refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import AttributionError, BadInputError
from ledger.usage import laying
from ledger.usage.decisions import Decided
from ledger.usage.kafka_log import KafkaUsageLog
from ledger.usage.laying import Laying
from ledger.usage.log import Cut, UsageLog, verify
from ledger.usage.sending import Patience
from ledger.usage.sqlite_log import SqliteUsageLog
from tests.conformance.usage_log import TENANTS, decided, increments, stated
from tests.ledger.usage.builders import MAU
from tests.ledger.usage.losing_topic import Chances, Cluster, LosingTopic
from tests.ledger.usage.test_losing_topic import LEDGER, RELIABLE, node, stranger

PARTITIONS = 3
_likely = st.sampled_from((0.0, 0.02, 0.3))
_chances = st.builds(Chances, lost=_likely, repeated=_likely, late=_likely, silent=_likely)


@pytest.fixture(autouse=True, scope="module")
def _small_chunks() -> Iterator[None]:
    """So that a few records are laid in several goes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(laying, "CHUNK_RECORDS", 4)
        yield


House = Callable[[Path, random.Random, ExitStack], UsageLog]
Reached = Callable[[int], None]


class Killed(BaseException):
    """The process ended here."""


def on_a_topic(folder: Path, chance: random.Random, opened: ExitStack) -> KafkaUsageLog:
    """A node of an old house: attempts of two nodes lie among one another, strangers between."""
    cluster = Cluster(PARTITIONS)
    topics = [LosingTopic(cluster, chance.randrange(2**32), RELIABLE) for _ in range(2)]
    nodes = [
        opened.enter_context(closing(node(folder, topic, name=f"old-{n}")))
        for n, topic in enumerate(topics)
    ]

    def append(at: int, name: str) -> None:
        for lane in cluster.lying:
            lane += [stranger(chance) for _ in range(chance.randint(0, 2))]
        count = chance.randint(1, 3)
        frames = [increments(MAU, TENANTS[at : at + 3], count)] * chance.randint(0, 2)
        COUNTED[name] = nodes[at].append(name, [stated(TENANTS[:4], count)], frames)

    topics[0].meanwhile = lambda: append(1, "two")
    append(0, "one")
    append(0, "three")
    return nodes[0]


def in_a_folder(folder: Path, chance: random.Random, _opened: ExitStack) -> SqliteUsageLog:
    """A usage log of its own: every row has an offset."""
    log = SqliteUsageLog(folder / "old.db")
    for name in ("one", "two", "three"):
        count = chance.randint(1, 3)
        frames = [increments(MAU, TENANTS[:3], count)] * chance.randint(0, 2)
        COUNTED[name] = log.append(
            name, [stated(TENANTS[:4], count)] * chance.randint(1, 2), frames
        )
    return log


COUNTED: dict[str, list[Cut]] = {}


def chosen(chance: random.Random) -> list[Decided]:
    """Decisions about some of the attempts, in any order: one may have been outrun."""
    names = chance.sample(sorted(COUNTED), chance.randint(1, len(COUNTED)))
    return [decided(place, name, COUNTED[name]) for place, name in enumerate(names, start=1)]


def require_same(log: UsageLog, old: UsageLog, entries: list[Decided]) -> None:
    """Every cut is whole in the new house, row by row."""
    log.hold(entries)
    for entry in entries:
        for cut in entry.decision.cut:
            verify(log, cut)
            assert _rows(log, cut) == _rows(old, cut)


def _rows(log: UsageLog, cut: Cut) -> list[tuple[Any, ...]]:
    return [row for batch in log.read_attempt(cut) for row in batch.rows.rows()]


def lay(topic: LosingTopic, entries: list[Decided], old: UsageLog, reached: Reached) -> None:
    """Lay the cuts on a topic by its own clock."""
    patience = Patience(1.0, 40, lambda: topic.now)
    Laying(topic, LEDGER, entries, patience).lay(old.read_attempt, 0, reached)


@pytest.mark.parametrize("house", [on_a_topic, in_a_folder])
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), killed_at=st.integers(0, 12))
def test_every_row_lies_where_its_decision_says(house: House, seed: int, killed_at: int) -> None:
    """On a topic that loses nothing it always ends well, killed once or not."""
    chance, cluster = random.Random(seed), Cluster(PARTITIONS)
    COUNTED.clear()
    with TemporaryDirectory() as at, ExitStack() as opened:
        old = house(Path(at), chance, opened)
        entries = chosen(chance)
        old.hold(entries)
        left = iter(range(killed_at))

        def reached(_records: int) -> None:
            if next(left, None) is None:
                raise Killed

        with suppress(Killed):
            lay(LosingTopic(cluster, seed, RELIABLE), entries, old, reached)
        topic = LosingTopic(cluster, seed + 1, RELIABLE)
        lay(topic, entries, old, lambda _: None)
        require_same(opened.enter_context(closing(node(Path(at), topic, name="new"))), old, entries)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), chances=_chances)
def test_a_topic_that_loses_and_repeats_is_refused_or_whole(seed: int, chances: Chances) -> None:
    """Never a copy that says it is whole and is not."""
    chance, cluster = random.Random(seed), Cluster(PARTITIONS)
    COUNTED.clear()
    with TemporaryDirectory() as at, ExitStack() as opened:
        old = on_a_topic(Path(at), chance, opened)
        entries = chosen(chance)
        old.hold(entries)
        topic = LosingTopic(cluster, seed, chances)
        try:
            lay(topic, entries, old, lambda _: None)
        except AttributionError as refused:
            if refused.code not in ("other_usage", "usage_not_taken"):
                raise
            return
        reader = LosingTopic(cluster, seed, RELIABLE)
        require_same(
            opened.enter_context(closing(node(Path(at), reader, name="new"))), old, entries
        )


def test_what_is_decided_later_about_places_that_others_have_is_refused(tmp_path: Path) -> None:
    """Its rows were on their way when the house was copied: their places are taken now."""
    COUNTED.clear()
    log = in_a_folder(tmp_path, random.Random(1), ExitStack())
    later, first = decided(2, "one", COUNTED["one"]), decided(1, "two", COUNTED["two"])
    topic = LosingTopic(Cluster(1), 1, RELIABLE)
    patience = Patience(1.0, 40, lambda: topic.now)
    Laying(topic, LEDGER, [first], patience).lay(log.read_attempt, 0, lambda _: None)
    with pytest.raises(BadInputError, match="others lie in their place") as refused:
        Laying(topic, LEDGER, [first, later], patience).lay(log.read_attempt, 1, lambda _: None)
    assert refused.value.code == "usage_not_moved"
