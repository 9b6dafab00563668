"""Keys of persons on nodes that share no file: through their topic, on a real Apache Kafka."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.commands import catalogue as commands
from ledger.log.verify import verify_chain
from schemas import catalogue
from schemas.claims import ClaimSubmitted
from schemas.time import from_iso
from schemas.values import Sealed
from tests.builders import CONTOSO, OPERATOR
from tests.claims import submission

BORN_US = from_iso("2021-01-01T08:00:00Z")
AT_US = from_iso("2021-03-01T09:00:00Z")
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


def do(ledger: Ledger, name: str, actor: str, command_id: str, /, **data: Any) -> Any:
    """Submit one command."""
    command = commands.load(name).model_validate(data)
    return ledger.submit(command, actor=actor, command_id=command_id, at_us=AT_US)


def begin(ledger: Ledger) -> None:
    """A partner, a customer, and who may claim."""
    who = {"organisation": "100", "country": "CZ"}
    do(ledger, "policy.adopt", OPERATOR, "1", builtin="P2020")
    do(ledger, "organisation.register", OPERATOR, "2", **who, name="Alfa")
    do(ledger, "location.register", OPERATOR, "3", **who, location="101", name="Alfa")
    customer = {"tenant": CONTOSO, "name": "Contoso", "domains": ["contoso.example"]}
    do(ledger, "customer.register", OPERATOR, "4", **customer, country="CZ")
    grant = {"grantee": "admin", "role": "global_admin", "organisation": "100"}
    do(ledger, "role.grant", OPERATOR, "5", **grant)
    own = {"grantee": "anna", "role": "incentive_admin", "location": "101"}
    do(ledger, "role.grant", "admin", "6", **own)


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
