"""Nodes of one log on a real Apache Kafka: the same answers everywhere, whoever was first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Thread

import pytest

from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.commands.register_organisation import RegisterOrganisation
from ledger.errors import AttributionError, BadInputError, DamagedError
from ledger.log.query import EVERYTHING
from ledger.refusal import Refused
from tests import brokers
from tests.integration.meddling import make_anew, set_to

CALLERS = 8
SLOTS = 10

OpenNode = Callable[[str], Ledger]


@pytest.fixture
def open_node(tmp_path: Path, place: Place) -> Iterator[OpenNode]:
    """Opens a node by name: made, joined or opened again, as it is needed; the first is ``a``."""
    with ExitStack() as opened:

        def open_it(name: str) -> Ledger:
            path, keys = tmp_path / name, tmp_path / "a" / "keys.db"
            if (path / "ledger.toml").exists():
                return opened.enter_context(Ledger.open(path))
            if not keys.exists():
                return opened.enter_context(Ledger.create(path, log=place.url))
            return opened.enter_context(Ledger.join(path, place.url, keys))

        yield open_it


def register(ledger: Ledger, name: str, caller: str) -> str:
    """What became of the wish of a caller to register an organisation."""
    wish = RegisterOrganisation(organisation=name, name=f"{name} of {caller}", country="CZ")
    try:
        ledger.submit(wish, actor="operator", command_id=f"{caller}-{name}")
    except Refused as refused:
        return refused.code
    return "kept"


def test_a_node_answers_with_what_another_appended(open_node: OpenNode) -> None:
    """Each sees the other's events at the next decision, and both end at the same hash."""
    one, two = open_node("a"), open_node("b")
    assert register(one, "100", "ann") == "kept"
    assert register(two, "100", "ben") == "already_exists"
    assert register(two, "200", "ben") == "kept"
    assert one.catch_up() == two.catch_up()
    assert one.head.position == 3


def test_a_command_id_is_known_to_every_node(open_node: OpenNode) -> None:
    """Repeated at another node, a command leads to the first event again."""
    one, two = open_node("a"), open_node("b")
    wish = RegisterOrganisation(organisation="100", name="Alfa", country="CZ")
    first = one.submit(wish, actor="operator", command_id="c-1")
    again = two.submit(wish, actor="operator", command_id="c-1")
    assert (again.position, again.repeated) == (first.position, True)


def test_nodes_that_race_for_the_same_things_never_both_get_one(open_node: OpenNode) -> None:
    """Every wish of two nodes with many callers each: one is kept, all others are refused."""
    nodes = {"a": open_node("a"), "b": open_node("b")}
    outcomes: list[tuple[str, str]] = []

    def want(node: str, caller: int) -> None:
        for slot in range(SLOTS):
            name = f"o-{slot}"
            outcomes.append((name, register(nodes[node], name, f"{node}{caller}")))

    racers = [Thread(target=want, args=(node, n)) for node in nodes for n in range(CALLERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    for slot in range(SLOTS):
        of_slot = [outcome for name, outcome in outcomes if name == f"o-{slot}"]
        assert sorted(of_slot) == ["already_exists"] * (2 * CALLERS - 1) + ["kept"]
    heads = {node.catch_up() for node in nodes.values()}
    assert len(heads) == 1
    assert nodes["a"].index.type_counts()["organisation.registered.v1"] == SLOTS


def test_an_index_that_was_lost_is_made_again_from_the_topic(
    open_node: OpenNode, tmp_path: Path
) -> None:
    """Delete a node's file: it follows the topic from the beginning and is the same."""
    one = open_node("a")
    for name in ("100", "200", "300"):
        register(one, name, "ann")
    open_node("b").close()
    for file in (tmp_path / "b").glob("chain.db*"):
        file.unlink()
    again = open_node("b")
    assert again.head == one.head
    assert again.index.type_counts() == one.index.type_counts()
    assert register(again, "100", "ben") == "already_exists"


def test_a_topic_made_anew_is_refused(open_node: OpenNode, place: Place) -> None:
    """Another id under the same name is another log: exit 4, and nothing is changed."""
    open_node("a").close()
    make_anew(place, place.chain)
    with pytest.raises(DamagedError) as refused:
        open_node("a")
    assert (refused.value.code, refused.value.exit_code) == ("topic_recreated", 4)


def test_a_topic_that_could_forget_is_refused(open_node: OpenNode, place: Place) -> None:
    """The setting is named with what it must be."""
    open_node("a").close()
    set_to(place, place.chain, retention_ms="604800000")
    with pytest.raises(DamagedError, match=r"retention.ms is 604800000") as refused:
        open_node("a")
    assert refused.value.code == "topic_could_forget"


def test_a_log_holds_one_ledger(open_node: OpenNode, place: Place, tmp_path: Path) -> None:
    """Nobody makes a second one on the same topics."""
    open_node("a")
    with pytest.raises(BadInputError):
        Ledger.create(tmp_path / "other", log=place.url)


@pytest.mark.parametrize(
    "servers,code",
    [("127.0.0.1:1", "kafka_unreachable")],
)
def test_a_cluster_that_is_not_there_is_said_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: str, code: str
) -> None:
    """One clear error, with what to check."""
    for name in brokers.PATIENT:
        monkeypatch.setenv(name, "1500")
    with pytest.raises(AttributionError) as refused:
        Ledger.create(tmp_path / "a", log=Place(servers, "x").url)
    assert refused.value.code == code


def test_a_place_without_topics_says_how_to_make_them(kafka_servers: str, tmp_path: Path) -> None:
    """The command stands in the hint."""
    with pytest.raises(AttributionError) as refused:
        Ledger.create(tmp_path / "a", log=Place(kafka_servers, "nowhere").url)
    assert refused.value.code == "topic_missing"
    assert "topics create" in refused.value.hint


@pytest.mark.parametrize("beside", ["another node", "the same node"])
def test_a_reader_that_waits_at_the_log_sees_what_others_append(
    open_node: OpenNode, beside: str
) -> None:
    """In order, none missed, while they write: through the topic, or the node's own file."""
    writing = open_node("a")
    reading = open_node("b" if beside == "another node" else "a")
    count = 60
    seen: list[int] = []

    def read() -> None:
        with closing(reading.reader(alone=True)) as reader:
            while len(seen) < count + 1:
                after = seen[-1] if seen else 0
                page = reader.page_or_wait(EVERYTHING, after=after, timeout_seconds=5.0)
                seen.extend(stored.position for stored in page.events)

    waiting = Thread(target=read)
    waiting.start()
    for number in range(count):
        assert register(writing, f"{number:04d}", "ann") == "kept"
    waiting.join()
    assert seen == list(range(1, count + 2))
    assert writing.catch_up() == reading.catch_up()
