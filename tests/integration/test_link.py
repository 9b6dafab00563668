"""The link to a broker with TLS, logins and rights, on a real Apache Kafka; errors are plain."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.cluster.link import PREFIX, Link
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from scripts.kafka.broker import BrokerUnavailableError, free_port
from tests import brokers
from tests.integration.meddling import set_to
from tests.integration.secured import PASSWORDS, Secured, secured, unsigned_token
from tests.waiting import PATIENCE_SECONDS

TEN_SECONDS_MS = 10_000
"""How soon a command must say what is wrong; a second of it is its own start."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One secured broker for these tests."""
    try:
        with secured(tmp_path_factory.mktemp("secured")) as made:
            yield made
    except BrokerUnavailableError as error:
        pytest.skip(f"{brokers.NOT_RUN}: {error}")


SHORT = {f"{PREFIX}CONNECT_MS": "1500", f"{PREFIX}REQUEST_MS": "1500"}
"""Where nobody ever answers there is nothing to wait for; what users have is tested apart."""

LOGIN = {f"{PREFIX}CONNECT_MS": "12000"}
"""The client tries a login that was refused until its time is over."""


class Ran(NamedTuple):
    """What a command said, and how long it took."""

    exit: int
    out: str
    err: str
    seconds: float

    @property
    def code(self) -> str:
        """The code of the error."""
        return str(json.loads(self.err.splitlines()[-1])["error"])


def run(tmp_path: Path, *words: str, settings: Path | None = None, **environment: str) -> Ran:
    """Run a command as a user does; the broker may take as long as it needs on a busy machine."""
    told = {n: v for n, v in os.environ.items() if not n.startswith("ATTRIBUTION_")}
    told |= {"XDG_STATE_HOME": str(tmp_path / "state"), **brokers.PATIENT, **environment}
    told |= {"ATTRIBUTION_KAFKA_SETTINGS": str(settings)} if settings else {}
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "interfaces.cli.main", *words, "--json"],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr, time.monotonic() - began)


@pytest.fixture(scope="module")
def place(broker: Secured) -> Place:
    """A place on the secured listener, with rights for each part; its topics are missing yet."""
    fresh = Place(broker.servers, f"s-{secrets.token_hex(4)}")
    users = ("--operator", "operator", "--node", "node", "--subscriber", "reader")
    assert "--topic" in broker.grant(fresh.prefix, *users)
    return fresh


def test_a_ledger_lives_behind_tls_and_a_login(
    broker: Secured, place: Place, tmp_path: Path
) -> None:
    """Each part with the rights it needs, and no secret in anything that is said."""
    operator, node = broker.as_user("operator"), broker.as_user("node")
    made = run(tmp_path, "topics", "create", place.url, settings=operator)
    assert made.exit == 0, made.err
    born = run(tmp_path, "init", place.url, settings=node)
    assert born.exit == 0, born.err
    (tmp_path / "c.jsonl").write_text(
        '{"id":"1","command":"organisation.register",'
        '"data":{"organisation":"100","name":"Alfa","country":"CZ"}}\n'
    )
    at = ("--ledger", place.url)
    done = run(tmp_path, *at, "submit", str(tmp_path / "c.jsonl"), settings=node)
    relayed = run(tmp_path, *at, "relay", "--once", settings=node)
    told = run(tmp_path, *at, "info", settings=node)
    read = run(tmp_path, *at, "subscribe", "--once", settings=broker.as_user("reader"))
    assert [it.exit for it in (done, relayed, told, read)] == [0, 0, 0, 0], (done, relayed, read)
    assert '"organisation.registered.v1"' in read.out
    said = "".join(it.out + it.err for it in (made, born, done, relayed, told, read))
    assert not [word for word in PASSWORDS.values() if word in said]


def test_a_reader_of_events_may_neither_read_nor_write_the_chain(
    broker: Secured, place: Place, tmp_path: Path
) -> None:
    """Least privilege: the rights are the brokers', not ours to grant."""
    create(place._replace(servers=broker.broker.servers))
    for settings in (broker.as_user("reader"), broker.as_user("nobody")):
        refused = run(tmp_path, "init", place.url, settings=settings)
        assert refused.exit == 4
        assert refused.code in {"kafka_refused", "topic_missing"}


def test_a_wrong_password_is_refused_in_one_line(
    broker: Secured, place: Place, tmp_path: Path
) -> None:
    """In time, with what to check, and without the password."""
    wrong = broker.as_user("node", "not the secret")
    refused = run(tmp_path, "topics", "check", place.url, settings=wrong, **LOGIN)
    assert (refused.exit, refused.code) == (4, "kafka_refused"), refused.err
    assert len(refused.err.splitlines()) == 1
    assert "not the secret" not in refused.err
    assert refused.seconds < PATIENCE_SECONDS


def test_a_password_from_the_environment_is_enough(
    broker: Secured, place: Place, tmp_path: Path
) -> None:
    """User in the address, password and authority in variables."""
    place = place._replace(user="operator", tls=True)
    made = run(
        tmp_path,
        "topics",
        "create",
        place.url,
        ATTRIBUTION_KAFKA_PASSWORD=PASSWORDS["operator"],
        ATTRIBUTION_KAFKA_CA_FILE=str(broker.ca),
    )
    assert made.exit == 0, made.err


def test_a_bearer_token_from_a_file_logs_in(broker: Secured, place: Place, tmp_path: Path) -> None:
    """OAUTHBEARER, with a token that somebody else keeps fresh."""
    (tmp_path / "token").write_text(unsigned_token("operator"))
    settings = broker.settings(
        "bearer", mechanism="OAUTHBEARER", token_file=str(tmp_path / "token")
    )
    made = run(tmp_path, "topics", "create", place.url, settings=settings)
    assert made.exit == 0, made.err


def test_a_broker_nobody_vouches_for_is_not_talked_to(
    broker: Secured, place: Place, tmp_path: Path
) -> None:
    """Its certificate is of an authority that this machine does not know."""
    settings = broker.settings("unvouched", user="node", password=PASSWORDS["node"])
    settings.write_text(settings.read_text().replace("ca_file", "# ca_file"))
    refused = run(tmp_path, "topics", "check", place.url, settings=settings, **SHORT)
    assert refused.exit == 4
    assert len(refused.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words,code,exit_code",
    [
        (["topics", "check", "kafka://no host/x"], "bad_place", 2),
        (["topics", "check", "kafka://HOST/x"], "bad_place", 2),
        (["topics", "check", "kafka://a:9092/x?color=red"], "bad_place", 2),
        (["topics", "check", "kafka://me:open sesame@a:9092/x"], "bad_place", 2),
        (["topics", "check", "kafka://127.0.0.1:{closed}/x"], "kafka_unreachable", 4),
        (["init", "kafka://127.0.0.1:{closed}/x"], "kafka_unreachable", 4),
        (["init", "kafka://nowhere.invalid:9092/x"], "kafka_unreachable", 4),
        (
            ["subscribe", "--once", "--ledger", "kafka://127.0.0.1:{closed}/x"],
            "kafka_unreachable",
            4,
        ),
        (["topics", "check", "kafka://{plain}/nowhere"], "topic_missing", 4),
        (["init", "kafka://{plain}/nowhere"], "topic_missing", 4),
        (["topics", "check", "kafka://{tls}/x"], "kafka_unreachable", 4),
        (["info", "--ledger", "kafka://{plain}/nowhere"], "no_ledger", 2),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_in_time(
    broker: Secured, tmp_path: Path, words: list[str], code: str, exit_code: int
) -> None:
    """Which value, what to check; no trace, and nothing half written."""
    places = {"closed": free_port(), "plain": broker.broker.servers, "tls": broker.servers}
    limits = SHORT if code == "kafka_unreachable" else {}
    found = run(tmp_path, *[word.format(**places) for word in words], settings=None, **limits)
    assert (found.code, found.exit) == (code, exit_code), found.err
    assert len(found.err.splitlines()) == 1
    assert json.loads(found.err)["hint"]
    assert "sesame" not in found.err
    assert found.seconds < PATIENCE_SECONDS
    assert not (tmp_path / "state").exists() or not list((tmp_path / "state").rglob("*.db"))


def test_the_limits_that_users_have_leave_room_in_ten_seconds() -> None:
    """One first contact, or one question to a cluster that answered before."""
    limits = Link()
    assert max(limits.connect_ms, limits.request_ms) <= TEN_SECONDS_MS - 3_000


def test_settings_that_are_wrong_are_said(tmp_path: Path) -> None:
    """Without a cluster being asked."""
    (tmp_path / "kafka.toml").write_text('mechanism = "GSSAPI"\n')
    (tmp_path / "kafka.toml").chmod(0o600)
    found = run(tmp_path, "topics", "check", "kafka://a:1/x", settings=tmp_path / "kafka.toml")
    assert (found.exit, found.code) == (2, "bad_kafka_settings")


def test_a_topic_that_takes_no_large_record_is_said(broker: Secured, tmp_path: Path) -> None:
    """The check names the setting; a broker that refuses a commit all the same is named, too."""
    place = Place(broker.broker.servers, f"l-{secrets.token_hex(4)}")
    create(place)
    set_to(place, place.chain, max_message_bytes="1000")
    found = run(tmp_path, "init", place.url)
    assert (found.exit, found.code) == (4, "topic_could_forget"), found.err
    assert "max.message.bytes is 1000" in found.err


def test_a_log_of_another_ledger_is_said(broker: Secured, tmp_path: Path) -> None:
    """A node that finds another birth in the topic than its own stops with exit 4."""
    place = Place(broker.broker.servers, f"f-{secrets.token_hex(4)}")
    create(place)
    assert run(tmp_path, "init", place.url).exit == 0
    (folder,) = (tmp_path / "state" / "attribution").iterdir()
    toml = folder / "ledger.toml"
    (line,) = [it for it in toml.read_text().splitlines() if it.startswith("ledger")]
    toml.write_text(toml.read_text().replace(line, 'ledger = "l-0000000000000000"'))
    found = run(tmp_path, "info", "--ledger", place.url)
    assert (found.exit, found.code) == (4, "foreign_log"), found.err
