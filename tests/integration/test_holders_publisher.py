"""What `PREFIX.holders` says, on a real Apache Kafka: who holds each slot, whatever dies when."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from consumers.holders_publisher import HoldersPublisher, Node, current
from consumers.holders_state import HoldersState
from consumers.relay import Patience
from interfaces.cli.holders import readable
from interfaces.log_source import LogSource
from ledger.app import Ledger
from ledger.cluster.partition import Inlet, Message, Outlet, topic_id
from ledger.cluster.place import Place
from ledger.cluster.quarantine import Unreadable
from projections.holder_queries import holders
from projections.runner import Views, catch_up, rebuild_file
from projections.views import checkpoint, open_reading
from schemas.holders_topic import REACH_KEY, Reach, SlotHolders
from schemas.time import to_us
from tests.integration.holders_story import BORN, TENANT, Story
from tests.integration.meddling import lying_in, make_anew, put

PATIENCE = Patience(resend_seconds=30.0, give_up_seconds=120.0, stand_by_seconds=0.2)
"""What a busy broker has taken is not sent again; another publisher is not waited for long."""
KILLS = 60 if os.environ.get("LEDGER_SOAK") else 4

Publishing = Callable[..., HoldersPublisher]


@pytest.fixture
def ledger(tmp_path: Path, place: Place) -> Iterator[Ledger]:
    """The first node of a ledger of its own, on a told clock."""
    with Ledger.create(
        tmp_path / "node", log=place.url, clock_kind="told", at_us=to_us(BORN)
    ) as made:
        yield made


@pytest.fixture
def story(ledger: Ledger) -> Story:
    """The estate as it begins."""
    told = Story(ledger)
    told.begin()
    return told


@pytest.fixture
def publishing(tmp_path: Path, place: Place) -> Iterator[Publishing]:
    """Starts a publisher of a ledger; what it opens is closed in the end."""
    with ExitStack() as opened:

        def start(
            ledger: Ledger,
            name: str = "one",
            outlet: Outlet | None = None,
            meanwhile: list[Callable[[], None]] | None = None,
            **more: Any,
        ) -> HoldersPublisher:
            folder = tmp_path / f"publisher-{name}"
            folder.mkdir(exist_ok=True)
            inlet = opened.enter_context(closing(Inlet(place, place.holders)))
            to = opened.enter_context(closing(outlet or Outlet(place, place.holders)))
            state = opened.enter_context(closing(HoldersState(folder)))
            identity = topic_id(place, place.holders)
            state.follow(identity, inlet.beginning(), inlet.end())
            views = opened.enter_context(closing(Views(folder / "views.db")))
            reader = opened.enter_context(closing(ledger.reader()))
            source = LogSource(reader)

            def bring_up() -> None:
                ledger.catch_up()
                catch_up(source, views)
                while meanwhile:
                    meanwhile.pop()()

            node = Node(views, bring_up, lambda _position, _seconds: None)
            return HoldersPublisher(node, inlet, to, state, PATIENCE, **more)

        yield start


def publish_all(publisher: HoldersPublisher, ledger: Ledger) -> None:
    """Step until the topic says all that the log says."""
    while publisher.step(0) or not publisher.whole or publisher.at.position < ledger.head.position:
        pass


def forget(publisher: HoldersPublisher) -> None:
    """End it: its file is free for the next publisher of its folder."""
    publisher._state.close()  # noqa: SLF001  the fixture closes all else later


def in_topic(place: Place) -> list[Message]:
    """Every record of the topic."""
    return lying_in(place, place.holders)


def said(place: Place) -> dict[str, Any]:
    """What a reader of the compacted topic has in the end: each slot and its holders."""
    found = {slot: orjson.loads(value) for slot, value in current(in_topic(place)).items()}
    found.pop(REACH_KEY, None)
    return {slot: told["holders"] for slot, told in found.items()}


def held(ledger: Ledger, tmp_path: Path) -> dict[str, Any]:
    """The same by views that are built anew from the log, as `attribution holders` shows them."""
    path = tmp_path / "rebuilt.db"
    with closing(ledger.reader()) as reader:
        rebuild_file(LogSource(reader), path)
    with closing(open_reading(path)) as views:
        at = checkpoint(views)
        rows = holders(views, effective_us=at.recorded_at_us, known=at.position)
    found: dict[str, Any] = {}
    for row in rows:
        told = readable(row)
        wanted = {name: told[name] for name in _COLUMNS if told[name] is not None}
        found.setdefault(row["slot"], []).append(wanted | {"until": told["until"]})
    return found


_COLUMNS = (
    *("kind", "tenant", "subscription", "workload", "activity", "scope", "role", "partner"),
    *("organisation", "claim", "since", "until", "because", "rule"),
)


def test_the_topic_says_what_the_command_says(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """Slot by slot, for kinds that exclude others and for sets; each value fits its schema."""
    story.one_of_each()
    story.change(random.Random(1), 30)
    publish_all(publishing(ledger), ledger)
    assert said(place) == held(ledger, tmp_path)
    found = current(in_topic(place))
    reach = Reach.model_validate_json(found.pop(REACH_KEY))
    assert (reach.position, reach.commit) == (ledger.head.position, ledger.head.hash.hex())
    schema = Draft202012Validator(SlotHolders.model_json_schema())
    for slot, value in found.items():
        told = orjson.loads(value)
        schema.validate(told)
        assert SlotHolders.model_validate(told).slot == slot
    assert {slot.partition(":")[0] for slot in found} == {"dpor", "pal", "cua", "gdap"}
    assert len(said(place)[f"pal:dev-1:{TENANT}"]) == 2


def test_a_slot_that_is_emptied_gets_a_tombstone(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing
) -> None:
    """Its key has no value any more; the position of a value is that of the last change."""
    at = story.tell("dpor.set", "d.dana", subscription="s-1", location="102")
    publisher = publishing(ledger)
    publish_all(publisher, ledger)
    told = orjson.loads(current(in_topic(place))["dpor:s-1"])
    assert (told["position"], told["holders"][0]["partner"]) == (at, "102")
    story.tell("dpor.remove", "d.dana", subscription="s-1")
    publish_all(publisher, ledger)
    last = [message for message in in_topic(place) if message.key == b"dpor:s-1"][-1]
    assert last.value is None
    assert "dpor:s-1" not in said(place)


def test_a_holder_whose_time_is_over_goes_with_the_next_event(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """GDAP ends by its term, with no event about it; whatever comes next takes it out."""
    story.one_of_each()
    publisher = publishing(ledger)
    publish_all(publisher, ledger)
    assert said(place)["gdap:G-1"][0]["until"] == held(ledger, tmp_path)["gdap:G-1"][0]["until"]
    story.days_pass(40)
    story.tell("organisation.register", organisation="200", name="Beta", country="CZ")
    publish_all(publisher, ledger)
    assert "gdap:G-1" not in said(place)
    assert said(place) == held(ledger, tmp_path)


def test_nothing_is_sent_twice_after_a_restart(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing
) -> None:
    """With what it remembers, and without: it reads the topic back and finds it right."""
    story.one_of_each()
    publish_all(before := publishing(ledger), ledger)
    forget(before)
    count = len(in_topic(place))
    remembering, fresh = publishing(ledger), publishing(ledger, "fresh")
    for again in (remembering, fresh):
        publish_all(again, ledger)
        assert again.sent == 0
    assert len(in_topic(place)) == count


def test_what_a_late_rival_or_a_stranger_left_is_mended(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """An older value, a tombstone, a slot that never was, bytes that are no text: all put right."""
    story.tell("dpor.set", "d.dana", subscription="s-1", location="101")
    publisher = publishing(ledger)
    publish_all(publisher, ledger)
    late = [one for one in in_topic(place) if one.key == b"dpor:s-1"]
    story.tell("dpor.set", "d.dana", subscription="s-1", location="102")
    story.tell("dpor.set", "d.dana", subscription="s-2", location="102")
    publish_all(publisher, ledger)
    strange = [
        Message(b"dpor:s-2", None),
        Message(b"dpor:s-7", b'{"slot": "dpor:s-7"}'),
        Message(b"\xff\xfe", b"no text"),
    ]
    kept: list[Unreadable] = []
    put(place, place.holders, *late[:1], *strange)
    for again in (publisher, publishing(ledger, "fresh", keep=kept.append)):
        publish_all(again, ledger)
    assert said(place) == held(ledger, tmp_path)
    assert said(place)["dpor:s-1"][0]["partner"] == "102"
    assert [one.key for one in kept] == [one.key for one in strange]
    assert publisher.passed_over["stranger"] == 3


def test_a_publisher_that_knows_less_never_undoes_what_one_that_knows_more_said(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """It catches up after reading the topic, so each change is sent once, not back and forth."""
    slow = publishing(ledger, "slow")
    publish_all(slow, ledger)
    quick = publishing(ledger, "quick")
    for number in range(6):
        told = {"subscription": f"s-{number}", "location": "101"}
        story.tell("dpor.set", "d.dana", **told)
        publish_all(quick, ledger)
        assert slow.step(0) == 0
    assert said(place) == held(ledger, tmp_path)


def test_what_a_rival_says_after_this_one_caught_up_is_judged_in_the_next_round(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """Newer than what it knows, it is left alone: a slot that is right, and one it would change."""
    meanwhile: list[Callable[[], None]] = []
    story.tell("dpor.set", "d.dana", subscription="s-1", location="101")
    slow, quick = publishing(ledger, "slow", meanwhile=meanwhile), publishing(ledger, "quick")
    publish_all(slow, ledger)

    def overtake() -> None:
        story.tell("dpor.set", "d.dana", subscription="s-1", location="103")
        publish_all(quick, ledger)

    meanwhile.append(overtake)
    assert slow.step(0) == 0
    publish_all(slow, ledger)
    story.tell("dpor.set", "d.dana", subscription="s-1", location="102")
    meanwhile.append(overtake)
    assert slow.step(0) == 0
    publish_all(slow, ledger)
    assert said(place)["dpor:s-1"][0]["partner"] == "103"
    assert said(place) == held(ledger, tmp_path)


class Overtaken(Outlet):
    """A rival writes newer holders between this one's comparison and its own record."""

    def __init__(self, place: Place, before: Callable[[], None]) -> None:
        super().__init__(place, place.holders)
        self._before: Callable[[], None] | None = before

    def send(self, messages: Any) -> None:
        """Let the rival be first, once."""
        if self._before is not None:
            before, self._before = self._before, None
            before()
        super().send(messages)


def test_a_record_that_comes_after_a_newer_one_is_mended_by_its_own_sender(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """The late one reads its own record back, catches up and says what is so."""
    story.tell("dpor.set", "d.dana", subscription="s-1", location="101")
    quick = publishing(ledger, "quick")

    def overtake() -> None:
        story.tell("dpor.set", "d.dana", subscription="s-1", location="103")
        publish_all(quick, ledger)

    late = publishing(ledger, "late", Overtaken(place, overtake))
    publish_all(late, ledger)
    partners = [
        orjson.loads(one.value)["holders"][0]["partner"]
        for one in in_topic(place)
        if one.key == b"dpor:s-1" and one.value
    ]
    assert partners.index("103") < partners.index("101"), "the late record really came late"
    assert said(place)["dpor:s-1"][0]["partner"] == "103"
    assert said(place) == held(ledger, tmp_path)


def test_a_topic_made_anew_is_filled_anew(
    ledger: Ledger, story: Story, place: Place, publishing: Publishing, tmp_path: Path
) -> None:
    """What was remembered of the old one is forgotten."""
    story.one_of_each()
    publish_all(before := publishing(ledger), ledger)
    forget(before)
    make_anew(place, place.holders)
    with closing(Inlet(place, place.holders)) as inlet:
        assert inlet.end() == 0
    again = publishing(ledger)
    publish_all(again, ledger)
    assert said(place) == held(ledger, tmp_path)


def test_publishers_killed_at_random_with_rivals_running_leave_the_exact_state(
    ledger: Ledger, story: Story, place: Place, tmp_path: Path
) -> None:
    """Kill -9 of the command, again and again, while holders change: the topic ends as the log."""
    chance = random.Random(20260601)
    words = [sys.executable, "-m", "interfaces.cli.main", "--ledger", str(tmp_path / "node")]
    words.append("publisher")
    running = [_Running(words, tmp_path / f"log-{number}") for number in range(2)]
    try:
        for number in range(KILLS):
            killed = running.pop(0)
            while not killed.published():
                story.change(chance, 3)
            story.change(chance, chance.randrange(12))
            time.sleep(chance.uniform(0, 0.2))
            killed.kill()
            story.change(chance, 4)
            running.append(_Running(words, tmp_path / f"log-{number + 2}"))
    finally:
        for one in running:
            one.kill()
    ended = subprocess.run([*words, "--once"], capture_output=True, text=True, check=True)
    assert '"what": "stopped"' in ended.stderr
    assert said(place) == held(ledger, tmp_path)


class _Running:
    """The command as a process of its own, with its log in a file."""

    def __init__(self, words: list[str], log: Path) -> None:
        self.log = log
        with log.open("w") as file:
            self._process = subprocess.Popen(words, stderr=file)

    def published(self) -> bool:
        """Whether it has published something; one that ended by itself never will."""
        told = self.log.read_text()
        assert self._process.poll() is None, told
        return '"published"' in told

    def kill(self) -> None:
        """Kill -9."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
