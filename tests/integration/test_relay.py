"""What `PREFIX.events` holds, on a real Apache Kafka: every accepted event, in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from consumers import subscriber
from consumers.redriving import redriven
from consumers.relay import READ_BACK, Patience, Relay
from consumers.subscriber import Batch, Trust, Wanted, batches, deliver, subscribe
from consumers.topic_reader import TopicReader
from ledger.app import Ledger
from ledger.cluster.partition import Inlet, Message, Outlet, Stretch
from ledger.cluster.place import Place
from ledger.cluster.quarantine import Quarantine, Unreadable
from ledger.cluster.topics import create
from ledger.commands.register_organisation import RegisterOrganisation
from ledger.deciding import Request
from ledger.errors import BadInputError, DamagedError
from ledger.log.index import Stored
from tests.integration.meddling import lying_in, put

PATIENCE = Patience(resend_seconds=30.0, give_up_seconds=120.0, stand_by_seconds=0.1)
"""What a busy broker has taken is not sent again; another relay is not waited for."""


@pytest.fixture
def ledger(tmp_path: Path, place: Place) -> Iterator[Ledger]:
    """The first node of a ledger of its own."""
    with Ledger.create(tmp_path / "node", log=place.url) as made:
        yield made


@pytest.fixture
def relay_of(place: Place) -> Iterator[Callable[..., Relay]]:
    """Starts a relay of a ledger; what it opens is closed in the end."""
    with ExitStack() as opened:

        def start(ledger: Ledger, outlet: Outlet | None = None, **more: Any) -> Relay:
            reader = opened.enter_context(closing(ledger.reader()))
            inlet = opened.enter_context(closing(Inlet(place, place.events)))
            to = opened.enter_context(closing(outlet or Outlet(place, place.events)))
            return Relay(reader, ledger.folder.ledger, inlet, to, PATIENCE, **more)

        yield start


def register(ledger: Ledger, first: int, count: int, at_once: int = 50) -> None:
    """Append so many events, in commits of at most ``at_once``."""
    for start in range(first, first + count, at_once):
        wishes = [
            Request(
                RegisterOrganisation(organisation=f"{n:06d}", name="New", country="CZ"),
                "operator",
                f"x-{n}",
                None,
                "",
            )
            for n in range(start, min(start + at_once, first + count))
        ]
        assert all(outcome.error is None for outcome in ledger.submit_group(wishes))


def relay_all(relay: Relay, ledger: Ledger) -> None:
    """Step until everything that the ledger holds is in the topic."""
    while relay.mark.position < ledger.head.position:
        relay.step(0.1)


def in_topic(place: Place) -> list[Stored]:
    """What a subscriber gets from the beginning."""
    with closing(TopicReader(Inlet(place, place.events))) as source:
        return list(subscriber.events(source, until=lambda: True))


def in_log(ledger: Ledger) -> list[Stored]:
    """What the log holds."""
    with closing(ledger.reader()) as reader:
        return list(reader.read())


def records(place: Place) -> list[Message]:
    """Every record of the topic, repeats included."""
    return lying_in(place, place.events)


def test_a_record_is_the_cloud_event_of_one_accepted_event(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay]
) -> None:
    """Binary mode: attributes in headers, the data byte for byte as value, the tenant as key."""
    register(ledger, 1, 1)
    relay_all(relay_of(ledger), ledger)
    stored, record = in_log(ledger)[1], records(place)[1]
    told = {name: value.decode() for name, value in record.headers}
    assert told.pop(READ_BACK).split()[1:] == ["0", "0"]
    assert told.pop("ce_time") == told.pop("ce_recordedat") == told.pop("ce_effectiveat")
    assert len(told.pop("ce_commandhash")) == 64
    assert told == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "2",
        "ce_source": f"urn:attribution:ledger:{ledger.folder.ledger}",
        "ce_type": "organisation.registered.v1",
        "ce_subject": "organisation:000001",
        "ce_dataschema": "urn:attribution:schema:organisation.registered.v1",
        "ce_position": "2",
        "ce_commit": stored.commit_hash.hex(),
        "ce_prev": stored.prev_hash.hex(),
        "ce_actor": "operator",
        "ce_commandid": "x-1",
        "ce_tags": "organisation:000001",
    }
    assert record.value == stored.data


def test_two_relays_at_once_leave_no_gap_and_no_disorder(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay]
) -> None:
    """While others write: a subscriber gets exactly what the log holds, bytes and hashes too."""
    count, done = 600, False
    relays = [relay_of(ledger), relay_of(ledger)]

    def run(relay: Relay) -> None:
        while not done or relay.mark.position < ledger.head.position:
            relay.step(0.05)

    racing = [Thread(target=run, args=(relay,)) for relay in relays]
    for thread in racing:
        thread.start()
    for first in range(0, count, 20):
        register(ledger, first, 20, at_once=random.randint(1, 9))
    done = True
    for thread in racing:
        thread.join()
    assert in_topic(place) == in_log(ledger)
    assert len(in_topic(place)) == count + 1


class Failing(Outlet):
    """Loses one message of a batch and is dead after so many: what a crash in a send leaves."""

    def __init__(self, place: Place, lost: int, sent: int) -> None:
        super().__init__(place, place.events)
        self._lost, self._sent = lost, sent

    def send(self, messages: list[Message]) -> None:  # type: ignore[override]  # a list is what comes
        """Send a part of it."""
        super().send([one for n, one in enumerate(messages[: self._sent]) if n != self._lost])
        self._producer.flush(10)
        raise KeyboardInterrupt


@pytest.mark.parametrize("lost,sent", [(0, 1), (0, 5), (3, 3), (3, 9), (7, 8), (19, 20)])
def test_a_relay_that_died_at_any_record_is_mended_by_the_next(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay], lost: int, sent: int
) -> None:
    """Whatever of a batch got through, also with a hole in it, the next relay goes on rightly."""
    register(ledger, 1, 10)
    relay_all(relay_of(ledger), ledger)
    register(ledger, 11, 20)
    dying = relay_of(ledger, Failing(place, lost, sent))
    with pytest.raises(KeyboardInterrupt):
        relay_all(dying, ledger)
    begun = relay_of(ledger)
    assert begun.mark.position == 11 + (min(lost, sent))
    relay_all(begun, ledger)
    assert in_topic(place) == in_log(ledger)


def test_a_relay_killed_and_restarted_loses_and_reorders_nothing(
    ledger: Ledger, place: Place, tmp_path: Path
) -> None:
    """Kill -9 of the command itself, again and again, while events come."""
    words = [sys.executable, "-m", "interfaces.cli.main"]
    words += ["--ledger", str(tmp_path / "node"), "relay"]
    for first in range(0, 2_000, 500):
        writing = Thread(target=register, args=(ledger, first, 500, 7))
        writing.start()
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            said = [running.stderr.readline()]
            while said[-1] and '"relayed"' not in said[-1]:
                said.append(running.stderr.readline())
            assert said[-1], f"it ended: {said}"
            time.sleep(random.uniform(0, 0.3))
            os.kill(running.pid, signal.SIGKILL)
        writing.join()
    ended = subprocess.run([*words, "--once"], capture_output=True, text=True, check=True)
    assert '"what": "stopped"' in ended.stderr
    assert in_topic(place) == in_log(ledger)


def test_a_relay_stops_when_it_is_told_to(ledger: Ledger, tmp_path: Path) -> None:
    """SIGTERM ends it with exit code 0, its last line says so, and the health file is there."""
    register(ledger, 1, 3)
    words = [sys.executable, "-m", "interfaces.cli.main", "--ledger", str(tmp_path / "node")]
    words += ["relay", "--health", str(tmp_path / "health")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if '"relayed"' in line:
                running.terminate()
        assert '"stopped"' in line
        assert running.wait() == 0
    assert '"stopped"' in (tmp_path / "health").read_text()


def test_a_void_commit_is_never_relayed(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay]
) -> None:
    """Neither a repeat of a commit, nor a rival's that lost, nor what is none at all."""
    register(ledger, 1, 3, at_once=1)
    with closing(ledger.reader()) as reader:
        commits = [data for data, _ in reader.commits()]
    voids = (commits[1], commits[-1], commits[-1] + b"x", b"nothing")
    put(place, place.chain, *[Message(None, value) for value in voids])
    register(ledger, 4, 2, at_once=1)
    relay_all(relay_of(ledger), ledger)
    assert in_topic(place) == in_log(ledger)
    told = [dict(one.headers)["ce_position"] for one in records(place)]
    assert list(dict.fromkeys(told)) == [b"%d" % position for position in range(1, 7)]


def test_a_relay_starts_from_the_tail(
    ledger: Ledger, relay_of: Callable[..., Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not read the topic from its beginning, and sends nothing twice."""
    for first in range(1, 1200, 200):
        register(ledger, first, 200, at_once=100)
        relay_all(relay_of(ledger), ledger)
    reached: list[int] = []
    read = Inlet.read

    def watched(inlet: Inlet, offset: int, wait_seconds: float) -> Stretch:
        reached.append(offset)
        return read(inlet, offset, wait_seconds)

    monkeypatch.setattr(Inlet, "read", watched)
    again = relay_of(ledger)
    assert again.mark.position == ledger.head.position
    assert min(reached) >= 1000
    again.step(0.1)
    assert again.sent == 0


def test_a_topic_that_tells_another_story_is_refused(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay], tmp_path: Path
) -> None:
    """A relay of another log stops with exit 4 and names the position; it sends nothing."""
    relay_all(relay_of(ledger), ledger)
    other = Place(place.servers, f"{place.prefix}-other")
    create(other)
    with Ledger.create(tmp_path / "other", log=other.url) as restored:
        register(restored, 1, 1)
        relay = relay_of(restored)
        with pytest.raises(DamagedError, match="position 1") as refused:
            relay.step(0.1)
    assert (refused.value.code, refused.value.exit_code) == ("events_forked", 4)
    assert {dict(one.headers)["ce_position"] for one in records(place)} == {b"1"}
    assert relay.sent == 0


def test_a_subscriber_goes_on_after_what_it_kept(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay]
) -> None:
    """With position and hash beside its state: nothing twice, nothing missed, from anywhere."""
    register(ledger, 1, 30, at_once=4)
    relay_all(relay_of(ledger), ledger)
    seen, after, commit = [], 0, ""
    while after < 31:
        for received in subscribe(place.url, after=after, commit=commit):
            seen.append(received.position)
            after, commit = received.position, received.commit
            if random.random() < 0.3 or after == 31:
                break
    assert seen == list(range(1, 32))


def test_a_subscriber_notices_a_log_that_was_restored(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay]
) -> None:
    """The hash that it kept is not the topic's: it is told before it gets anything."""
    register(ledger, 1, 3)
    relay_all(relay_of(ledger), ledger)
    with pytest.raises(DamagedError) as refused:
        next(subscribe(place.url, after=2, commit="00" * 32))
    assert refused.value.code == "log_restored"
    with pytest.raises(DamagedError) as refused:
        next(subscribe(place.url, after=9, commit="00" * 32))
    assert refused.value.code == "log_truncated"


def test_a_subscriber_gets_the_same_from_a_folder_and_from_the_topic(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay], tmp_path: Path
) -> None:
    """One interface: filters by type and family, typed events and plain JSON."""
    register(ledger, 1, 3)
    relay_all(relay_of(ledger), ledger)
    for where in (place.url, tmp_path / "node"):
        found = list(subscribe(where, types=["organisation"], until=lambda: True))
        assert [received.position for received in found] == [2, 3, 4]
        assert found[0].plain()["organisation"] == "000001"
        assert found[0].event().TYPE == found[0].type == "organisation.registered.v1"
        assert not list(subscribe(where, kind="DPOR", until=lambda: True))
        assert not list(subscribe(where, tenant="t-1", until=lambda: True))
    with pytest.raises(BadInputError):
        next(subscribe(place.url, types=["nothing"]))
    with pytest.raises(BadInputError):
        next(subscribe(place.url, kind="nothing"))


def test_records_of_strangers_are_passed_over_and_kept(
    ledger: Ledger,
    place: Place,
    relay_of: Callable[..., Relay],
    tmp_path: Path,
) -> None:
    """By relay and subscriber alike; events before and after come as if they were not there."""
    kept: list[Unreadable] = []
    relay = relay_of(ledger, keep=kept.append)
    register(ledger, 1, 2)
    relay_all(relay, ledger)
    words = Message(b"k", b"hello", [("from", b"somebody")])
    begin = len(records(place))
    put(
        place,
        place.events,
        words,
        Message(b"k", None),
        Message(b"", b"{", [("ce_position", b"-4")]),
    )
    register(ledger, 3, 2)
    relay_all(relay, ledger)
    assert in_topic(place) == in_log(ledger)
    assert [(one.reader, one.reason, one.offset) for one in kept] == [
        ("relay", "stranger", begin + n) for n in range(3)
    ]
    assert Message(kept[0].key, kept[0].value, list(kept[0].headers)) == words
    assert relay.passed_over == {"stranger": 3}
    trust = Trust(tmp_path / "quarantine.db")
    found = list(subscribe(place.url, trust=trust, until=lambda: True))
    assert [received.position for received in found] == [1, 2, 3, 4, 5]
    seen = Quarantine(tmp_path / "quarantine.db", lambda: 0).records()
    assert [one.record for one in seen] == [one._replace(reader="subscriber") for one in kept]


def test_an_event_that_cannot_be_read_ends_a_subscriber_or_goes_to_quarantine(
    ledger: Ledger, place: Place, tmp_path: Path, relay_of: Callable[..., Relay]
) -> None:
    """With a quarantine it is counted and the rest is read; an upgrade reads it after all."""
    register(ledger, 1, 3)
    relay_all(relay_of(ledger), ledger)
    other = Place(place.servers, f"{place.prefix}-broken")
    create(other)
    broken = records(place)
    whole = broken[2]
    broken[2] = whole._replace(
        headers=[(n, b"9.0" if n == "ce_specversion" else v) for n, v in whole.headers]
    )
    put(other, other.events, *broken)
    with pytest.raises(DamagedError) as refused:
        list(subscribe(other.url, until=lambda: True))
    assert refused.value.code == "unreadable_event"
    assert "specversion" in refused.value.message
    trust = Trust(tmp_path / "quarantine.db")
    found = list(subscribe(other.url, trust=trust, until=lambda: True))
    assert [received.position for received in found] == [1, 2, 4]
    (kept,) = Quarantine(tmp_path / "quarantine.db", lambda: 0).records()
    assert redriven(kept.record) is None
    upgraded = redriven(kept.record._replace(headers=tuple(whole.headers)))
    assert upgraded is not None
    assert upgraded.stored == in_log(ledger)[2]


def test_a_node_keeps_what_is_no_commit_and_counts_what_is_void(
    ledger: Ledger, place: Place
) -> None:
    """Bytes of a stranger on the chain are kept once; a repeat is only counted."""
    register(ledger, 1, 2, at_once=1)
    with closing(ledger.reader()) as reader:
        commits = [data for data, _ in reader.commits()]
    voids = [commits[1], b"nothing", commits[2] + b"x"]
    put(place, place.chain, *[Message(None, value) for value in voids])
    ledger.catch_up()
    kept = Quarantine(ledger.folder.quarantine, lambda: 0).records()
    lying = [one.value for one in lying_in(place, place.chain)]
    assert [(one.record.offset, one.record.value) for one in kept] == [
        (lying.index(value), value) for value in voids[1:]
    ]
    assert all(one.record.reason == "no_commit" for one in kept)
    # Where the broker was slow to answer, the node's own commits lie there twice: void, too.
    assert ledger.void_records() == len(lying) - len(commits) >= len(voids)


def test_batches_say_how_far_the_log_is_handled(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay], tmp_path: Path
) -> None:
    """From a folder and from the topic: whoever keeps position and hash goes on there."""
    register(ledger, 1, 25, at_once=4)
    relay_all(relay_of(ledger), ledger)
    everything = [stored.position for stored in in_log(ledger)]
    for where in (place.url, tmp_path / "node"):
        seen: list[int] = []
        kept: tuple[int, str] = (0, "")

        def handle(batch: Batch, seen: list[int] = seen) -> None:
            nonlocal kept
            assert len(batch.events) <= 7
            seen += [received.position for received in batch.events]
            kept = (batch.position, batch.commit)
            if random.random() < 0.3 and batch.position < 26:
                raise ConnectionError

        while kept[0] < 26:
            with suppress(ConnectionError):
                deliver(where, handle, most=7, after=kept[0], commit=kept[1], until=lambda: True)
        assert seen == everything
        assert kept == (26, ledger.head.hash.hex())
        sparse = list(batches(where, Wanted(types=["claim"]), until=lambda: True))
        assert [(batch.events, batch.position) for batch in sparse][-1] == ([], 26)
        assert sparse[-1].commit == ledger.head.hash.hex()


def test_an_event_that_is_not_the_chains_is_refused_by_who_checks(
    ledger: Ledger, place: Place, relay_of: Callable[..., Relay]
) -> None:
    """Whoever trusts the chain alone reads the same events, and notices one changed byte."""
    register(ledger, 1, 6, at_once=4)
    relay_all(relay_of(ledger), ledger)
    checked = Trust(against_chain=True)
    found = list(subscribe(place.url, after=3, trust=checked, until=lambda: True))
    assert [received.stored for received in found] == in_log(ledger)[3:]
    forged = Place(place.servers, f"{place.prefix}-forged")
    create(forged)
    with closing(ledger.reader()) as reader:
        put(forged, forged.chain, *[Message(None, data) for data, _ in reader.commits()])
    changed = records(place)
    changed[4] = changed[4]._replace(value=changed[4].value.replace(b"New", b"Old"))  # type: ignore[union-attr]
    put(forged, forged.events, *changed)
    assert len(list(subscribe(forged.url, until=lambda: True))) == 7
    reading = subscribe(forged.url, trust=checked, until=lambda: True)
    assert [next(reading).position for _ in range(4)] == [1, 2, 3, 4]
    with pytest.raises(DamagedError) as refused:
        next(reading)
    assert (refused.value.code, "5" in refused.value.message) == ("not_in_chain", True)
