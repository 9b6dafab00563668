"""Keys of persons on nodes that share no file: through their topic, on a real Apache Kafka."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.cluster.partition import Message
from ledger.cluster.place import Place
from ledger.cluster.quarantine import Quarantine
from ledger.commands import catalogue as commands
from ledger.deciding import Request
from ledger.errors import AttributionError, StorageError
from ledger.log.verify import verify_chain
from ledger.privacy.wrapping import Wrapping
from schemas import catalogue
from schemas.claims import ClaimSubmitted
from schemas.time import from_iso
from schemas.values import Sealed
from tests.builders import OPERATOR
from tests.claim_to_come import AT_US, begin, do
from tests.claims import CONTACT, submission
from tests.integration.meddling import lying_in, make_anew, put, set_to

BORN_US = from_iso("2021-01-01T08:00:00Z")
VARIABLE = "ATTRIBUTION_KAFKA_WRAPPING_KEY"

OpenNode = Callable[[str], Ledger]


def new_wrapping_key() -> str:
    """As `openssl rand -base64 32` gives one."""
    return b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def _wrapping_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, new_wrapping_key())


@pytest.fixture
def open_node(tmp_path: Path, place: Place) -> Iterator[OpenNode]:
    """Opens a node by name, each with a folder and keys of its own; the first is made."""
    with ExitStack() as opened:

        def open_it(name: str) -> Ledger:
            path = tmp_path / name
            if (path / "ledger.toml").exists():
                return opened.enter_context(Ledger.open(path))
            if not any(tmp_path.glob("*/ledger.toml")):
                node = Ledger.create(path, log=place.url, clock_kind="told", at_us=BORN_US)
                return opened.enter_context(node)
            return opened.enter_context(Ledger.join(path, place.url))

        yield open_it


def claim(ledger: Ledger, name: str = "C-1", workload: str = "exchange") -> Any:
    """Claim something, with contacts."""
    return do(ledger, "claim.submit", "anna", f"claim {name}", **submission(name, "101", workload))


def contact(ledger: Ledger, claim: str = "C-1") -> Sealed:
    """The customer's contact as it lies in the log."""
    ledger.catch_up()
    for stored in ledger.index.tagged(f"claim:{claim}", [ClaimSubmitted.TYPE]):
        event = catalogue.decode(stored.type, stored.data)
        assert isinstance(event, ClaimSubmitted)
        return event.customer_contact
    raise AssertionError(claim)


@pytest.mark.usefixtures("_wrapping_key")
def test_a_contact_sealed_at_one_node_opens_at_another(open_node: OpenNode) -> None:
    """Also one sealed while the other was open already; both seal a person under one key."""
    one = open_node("a")
    begin(one)
    claim(one)
    two = open_node("b")
    assert (two.folder.keys, two.keys.open(contact(two))) == (
        two.folder.path / "keys.db",
        one.keys.open(contact(one)),
    )
    claim(two, "C-2", "teams")
    assert contact(two, "C-2").key == contact(one).key
    assert one.keys.open(contact(one, "C-2")) is not None


@pytest.mark.usefixtures("_wrapping_key")
def test_an_erasure_at_one_node_destroys_the_key_at_all(open_node: OpenNode) -> None:
    """Every proof verifies; a person named again is another one, readable everywhere."""
    one = open_node("a")
    begin(one)
    claim(one)
    two = open_node("b")
    sealed = contact(one)
    secret = one.keys._secret_of(sealed.key)  # noqa: SLF001  what must be nowhere afterwards
    assert secret is not None
    do(two, "person.erase", OPERATOR, "e-1", key=sealed.key)
    assert two.keys.open(sealed) is None
    one.catch_up()
    assert one.keys.open(sealed) is None
    for node in (one, two):
        assert verify_chain(node.folder).events == node.head.position
        kept = b"".join(file.read_bytes() for file in node.folder.path.glob("keys.db*"))
        assert secret not in kept
    claim(one, "C-2", "teams")
    assert contact(two, "C-2").key != sealed.key
    assert two.keys.open(contact(two, "C-2")) is not None
    three = open_node("c")
    assert three.keys.open(contact(three)) is None
    assert three.keys.open(contact(three, "C-2")) is not None


def quicker(one: Ledger, two: Ledger) -> None:
    """When the second node next has decided and not kept, the first claims: once."""
    claimed: list[str] = []

    def once() -> None:
        if not claimed:
            claimed.append("C-1")
            claim(one)

    two.writer.before_keep.insert(0, once)


def fail() -> None:
    """Nothing is sent after this."""
    raise StorageError("The disk failed.", hint="This is a test.")


def refused(do_it: Callable[[], object]) -> str:
    """The code of the error that something ends with."""
    with pytest.raises(AttributionError) as error:
        do_it()
    return error.value.code


def records(place: Place) -> list[Message]:
    """Everything that lies in the topic of keys."""
    return lying_in(place, place.keys)


@pytest.mark.usefixtures("_wrapping_key")
def test_of_two_nodes_that_give_a_person_a_key_at_once_the_first_is_followed(
    open_node: OpenNode, place: Place
) -> None:
    """The other decides again: one key in use, and its own lies unused in the topic."""
    one = open_node("a")
    begin(one)
    two = open_node("b")
    two.catch_up()
    quicker(one, two)
    claim(two, "C-2", "teams")
    assert contact(two, "C-2").key == contact(one).key
    for node in (one, two, open_node("c")):
        assert node.keys.open(contact(node)) == node.keys.open(contact(node, "C-2"))
        assert len(node.keys.keys_of(CONTACT["email"])) == 2
        assert node.keys.keys_of(CONTACT["email"])[0] == contact(one).key
    persons = {one.key for one in records(place) if one.value and b"/person/" in (one.key or b"")}
    assert len(persons) == 4, "two persons, from each node"


@pytest.mark.usefixtures("_wrapping_key")
def test_a_key_that_came_first_is_followed_though_its_event_never_came(
    open_node: OpenNode,
) -> None:
    """The topic decides alone: the chain had no rival, and the group is decided again."""
    one = open_node("a")
    begin(one)
    two = open_node("b")
    one.writer.before_keep.append(fail)
    failed: list[str] = []

    def once() -> None:
        if not failed:
            failed.append("C-1")
            with pytest.raises(StorageError):
                claim(one)

    two.writer.before_keep.insert(0, once)
    claim(two, "C-2", "teams")
    assert failed
    for node in (one, two):
        first, second = node.keys.keys_of(CONTACT["email"])
        assert contact(node, "C-2").key == first != second


@pytest.mark.usefixtures("_wrapping_key")
def test_nodes_agree_on_the_key_that_follows_an_erased_one(open_node: OpenNode) -> None:
    """The one that came second is the person's from then on, wherever it is named again."""
    one = open_node("a")
    begin(one)
    two = open_node("b")
    quicker(one, two)
    claim(two, "C-2", "teams")
    first, second = one.keys.keys_of(CONTACT["email"])
    do(one, "person.erase", OPERATOR, "e-1", key=first)
    claim(two, "C-3", "intune")
    assert contact(two, "C-3").key == second
    assert one.keys.open(contact(one, "C-3")) is not None
    assert [node.keys.open(contact(node)) for node in (one, two)] == [None, None]


@pytest.mark.usefixtures("_wrapping_key")
def test_a_person_named_again_in_the_group_of_its_erasure_is_a_new_one(
    open_node: OpenNode,
) -> None:
    """Its new key is not taken for a rival of the one that just goes."""
    one = open_node("a")
    begin(one)
    claim(one)
    two = open_node("b")
    old = contact(two)
    wishes = [
        ("person.erase", OPERATOR, {"key": old.key}),
        ("claim.submit", "anna", submission("C-2", "101", "teams")),
    ]
    group = [
        Request(commands.load(name).model_validate(data), actor, f"g-{name}", AT_US)
        for name, actor, data in wishes
    ]
    assert all(outcome.position for outcome in two.submit_group(group))
    assert contact(two, "C-2").key != old.key
    for node in (one, two):
        assert node.keys.open(contact(node, "C-2")) is not None
        assert node.keys.open(old) is None
    claim(one, "C-3", "intune")
    assert contact(one, "C-3").key == contact(one, "C-2").key


def claim_and_die(path: Path) -> None:
    """In a process of its own: the keys are in the topic, the event is not."""
    with Ledger.open(path) as ledger:
        ledger.writer.before_keep.append(lambda: os.kill(os.getpid(), signal.SIGKILL))
        claim(ledger)


@pytest.mark.usefixtures("_wrapping_key")
def test_a_node_killed_between_key_and_event_leaves_nothing_unreadable(
    open_node: OpenNode,
) -> None:
    """The key waits for whoever names the person next; the event never was."""
    one = open_node("a")
    begin(one)
    open_node("b").close()
    dying = multiprocessing.get_context("spawn").Process(
        target=claim_and_die, args=(one.folder.path.parent / "b",)
    )
    dying.start()
    dying.join()
    assert dying.exitcode == -signal.SIGKILL
    (left,) = one.keys.keys_of(CONTACT["email"])
    assert one.catch_up().position == 7
    claim(one)
    assert contact(one).key == left
    assert open_node("b").keys.open(contact(one)) == one.keys.open(contact(one))


def test_a_node_without_the_wrapping_key_follows_and_seals_nothing(
    open_node: OpenNode, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It verifies, decides what names nobody, and says what it lacks."""
    monkeypatch.setenv(VARIABLE, new_wrapping_key())
    one = open_node("a")
    begin(one)
    open_node("b").close()
    monkeypatch.delenv(VARIABLE)
    two = open_node("b")
    claim(one)
    assert two.keys.open(contact(two)) is None
    assert refused(lambda: claim(two, "C-2", "teams")) == "no_wrapping_key"
    do(two, "organisation.register", OPERATOR, "o-2", organisation="200", name="B", country="CZ")
    assert one.catch_up() == two.head
    assert verify_chain(two.folder).events == two.head.position
    assert refused(lambda: Ledger.join(tmp_path / "c", place.url)) == "no_wrapping_key"
    assert refused(two.share_keys) == "no_wrapping_key"
    monkeypatch.setenv(VARIABLE, new_wrapping_key())
    assert refused(lambda: open_node("b")) == "wrong_wrapping_key"
    assert refused(lambda: Ledger.join(tmp_path / "c", place.url)) == "no_shared_keys"
    assert not (tmp_path / "c").exists()


@pytest.mark.usefixtures("_wrapping_key")
def test_records_of_strangers_change_nothing_and_wait_in_quarantine(
    open_node: OpenNode, place: Place
) -> None:
    """Junk, a key under another wrapping key, one in another's place, and a tombstone."""
    one = open_node("a")
    begin(one)
    claim(one)
    key = f"{one.folder.ledger}/person/{contact(one).key}".encode()
    taken = next(it.value for it in records(place) if it.key == key)
    assert taken is not None
    other = Wrapping(secrets.token_bytes(32), os.urandom)
    evil = f"{one.folder.ledger}/person/p-evil".encode()
    put(
        place,
        place.keys,
        Message(b"junk", b"junk"),
        Message(b"l-1/person/p-1", b"of another ledger"),
        Message(evil, b'{"v": 1}'),
        Message(evil, b'{"v": 2, "by": "x", "box": ""}'),
        Message(evil, other.wrap(secrets.token_bytes(64), evil)),
        Message(evil, taken),
        Message(key, None),
    )
    two = open_node("b")
    assert two.keys.open(contact(two)) is not None
    assert not two.keys.kept("p-evil")
    kept = Quarantine(two.folder.quarantine, lambda: 0).records()
    assert [it.record.reason for it in kept] == [
        *("no_key", "no_key", "newer_key", "other_wrapping_key", "forged_key")
    ]
    # The tombstone was in the topic, not in the chain: whoever has the key puts it back.
    last = [it.value for it in records(place) if it.key == key][-1]
    assert last is not None
    assert Wrapping(b64decode(os.environ[VARIABLE]), os.urandom).unwrap(last, key)


@pytest.mark.usefixtures("_wrapping_key")
def test_a_late_repeat_of_an_erased_key_brings_nothing_back(
    open_node: OpenNode, place: Place
) -> None:
    """Not where it was erased, not at a new node; and the topic gets its tombstone again."""
    one = open_node("a")
    begin(one)
    claim(one)
    sealed = contact(one)
    key = f"{one.folder.ledger}/person/{sealed.key}".encode()
    taken = next(it for it in records(place) if it.key == key)
    do(one, "person.erase", OPERATOR, "e-1", key=sealed.key)
    put(place, place.keys, taken)
    assert one.keys.open(sealed) is None
    two = open_node("b")
    assert two.keys.open(sealed) is None
    assert not two.keys.kept(sealed.key)
    assert [it.value for it in records(place) if it.key == key][-1] is None


def test_a_ledger_made_before_puts_its_keys_into_the_topic_when_told(
    open_node: OpenNode, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then all is as it was; a process that was open already makes no key any more."""
    one = open_node("a")
    begin(one)
    claim(one)
    beside = open_node("a")
    monkeypatch.setenv(VARIABLE, new_wrapping_key())
    with Ledger.open(tmp_path / "a") as again:
        claim(again, "C-2", "teams")
        assert records(place) == []
        assert refused(lambda: Ledger.join(tmp_path / "b", place.url)) == "no_shared_keys"
        assert again.share_keys() == 4
        assert again.share_keys() == 0
    anew = submission("C-3", "101", "intune")
    anew["customer_contact"] = CONTACT | {"email": "new@contoso.example"}
    late = commands.load("claim.submit").model_validate(anew)
    wish = lambda: beside.submit(late, actor="anna", command_id="late", at_us=AT_US)  # noqa: E731
    assert refused(wish) == "keys_moved"
    two = open_node("b")
    assert two.keys.open(contact(two)) is not None
    assert two.keys.open(contact(two, "C-2")) is not None
    with Ledger.open(tmp_path / "a") as again:
        again.submit(late, actor="anna", command_id="late", at_us=AT_US)
    assert two.keys.open(contact(two, "C-3")) is not None


def test_a_new_topic_under_a_new_wrapping_key_gets_what_each_node_holds(
    open_node: OpenNode, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing opens any more that the old one wrapped: an erasure that waits for nobody."""
    monkeypatch.setenv(VARIABLE, new_wrapping_key())
    one = open_node("a")
    begin(one)
    open_node("b").close()
    claim(one)
    one.close()
    make_anew(place, place.keys)
    monkeypatch.setenv(VARIABLE, new_wrapping_key())
    with Ledger.open(tmp_path / "b") as early:  # knows the ledger's secrets, and not the person
        assert early.keys.key_ids() == []
    with Ledger.open(tmp_path / "a") as again:
        assert again.keys.open(contact(again)) is not None
    for name in ("b", "c"):
        node = open_node(name)
        assert node.keys.open(contact(node)) is not None
        claim(node, f"C-{name}", {"b": "teams", "c": "intune"}[name])
        assert contact(node, f"C-{name}").key == contact(node).key


@pytest.mark.usefixtures("_wrapping_key")
def test_an_erased_key_is_gone_from_the_topic_when_its_broker_has_compacted(
    open_node: OpenNode, place: Place
) -> None:
    """Seen by reading all of it; a repeated erasure makes an idle topic go on."""
    soon = {"max_compaction_lag_ms": "1", "delete_retention_ms": "0", "segment_ms": "50"}
    set_to(place, place.keys, **soon, min_cleanable_dirty_ratio="0.001")
    one = open_node("a")
    begin(one)
    claim(one)
    topic, key = one.keys.topic, contact(one).key
    assert topic is not None
    assert key in topic.lying_there()
    while key in topic.lying_there():
        do(one, "person.erase", OPERATOR, "e-1", key=key)
        time.sleep(0.5)
    assert one.keys.kept(one.keys.key_ids()[0])
