"""The long-running commands as a user runs them, on a real Apache Kafka."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.cluster.partition import Message
from ledger.cluster.place import Place
from tests import brokers
from tests.consumers.test_subscriber import register
from tests.integration.meddling import put
from tests.waiting import PATIENCE_SECONDS

WORDS = (sys.executable, "-m", "interfaces.cli.main")
SERVICES = ("keeper", "relay", "publisher")


@pytest.fixture
def ledger(tmp_path: Path, place: Place) -> Iterator[Ledger]:
    """The first node of a ledger of its own."""
    with Ledger.create(tmp_path / "node", log=place.url) as made:
        yield made


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends."""
    told = {**os.environ, **environment}
    asked = [*WORDS, *words]
    return subprocess.run(
        asked, capture_output=True, text=True, check=False, env=told, timeout=PATIENCE_SECONDS
    )


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service on a free port, and the address at which it answers."""
    asked = [*WORDS, *words, "--metrics-port", "0"]
    with subprocess.Popen(asked, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines = (json.loads(line) for line in process.stderr)
            port = next(line["port"] for line in lines if line["what"] == "answering")
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def ask(url: str) -> dict[str, Any]:
    """What is answered; the wait is the service's."""
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answered:  # noqa: S310  our own address
        found: dict[str, Any] = json.loads(answered.read())
        return found


def metrics(at: str) -> list[str]:
    """What Prometheus would read, line by line."""
    with urllib.request.urlopen(f"{at}/metrics", timeout=60) as answered:  # noqa: S310  our own
        read: bytes = answered.read()
        return read.decode().splitlines()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_answers_how_far_it_is_and_stops_when_told(
    ledger: Ledger, tmp_path: Path, name: str
) -> None:
    """Over HTTP: a position just appended is waited for; SIGTERM ends it with exit code 0."""
    with running("--ledger", str(tmp_path / "node"), name) as (process, at):
        head = register(ledger, 1)
        assert ask(f"{at}/position?min={head}&timeout=60")["position"] == head
        assert ask(f"{at}/readyz")["ready"] is True
        assert f'attribution_position{{consumer="{name}"}} {float(head)}' in metrics(at)
        # A slow broker is sent the same record twice, so only the log tells how many are void.
        told = f'attribution_void_records{{consumer="{name}"}} '
        while f"{told}{float(ledger.void_records())}" not in metrics(at):
            assert process.poll() is None
            ledger.catch_up()
            time.sleep(0.1)
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_cluster_that_is_not_there_is_refused_in_one_line(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within ten seconds, with what to check, by each of them; nothing else is said."""
    for variable in brokers.PATIENT:
        monkeypatch.delenv(variable)
    file = ledger.folder.path / "ledger.toml"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"kafka://127.0.0.1:{taken.getsockname()[1]}/gone"
        file.write_text(file.read_text().replace(ledger.folder.log, nobody))
        words = [*WORDS, "--ledger", str(ledger.folder.path)]
        asked = [
            subprocess.Popen([*words, name], stderr=subprocess.PIPE, text=True) for name in SERVICES
        ]
        for one in asked:
            with one:
                _, told = one.communicate(timeout=PATIENCE_SECONDS)
            first, second = told.splitlines()
            assert one.returncode == 4
            assert first.startswith(f"kafka_unreachable: Kafka at {nobody[8:-5]} can't be reached")
            assert second.strip().startswith("Check the address")


@pytest.mark.parametrize("name", SERVICES)
def test_a_folder_without_a_ledger_is_refused(tmp_path: Path, name: str) -> None:
    """By name, with how to make one."""
    ended = command("--ledger", str(tmp_path / "none"), name)
    assert (ended.returncode, ended.stderr.partition(":")[0]) == (2, "no_ledger")


@pytest.mark.parametrize("name", ["relay", "publisher"])
def test_a_ledger_in_a_folder_has_no_topics_to_publish_to(tmp_path: Path, name: str) -> None:
    """Said at once, with what to do instead."""
    with Ledger.create(tmp_path / "ledger") as made:
        register(made, 1)
    ended = command("--ledger", str(tmp_path / "ledger"), name)
    assert (ended.returncode, ended.stderr.partition(":")[0]) == (2, "not_on_kafka")
    assert len(ended.stderr.splitlines()) == 2


def test_quarantine_is_listed_shown_and_redriven(
    ledger: Ledger, place: Place, tmp_path: Path
) -> None:
    """What the relay passed over; the list shows nothing that a record holds."""
    node = ("--ledger", str(tmp_path / "node"))
    assert command(*node, "quarantine", "list").stdout == "Nothing is in quarantine.\n"
    put(place, place.events, Message(b"k", b"ann@contoso.example", [("x", b"y")]))
    register(ledger, 1)
    assert command(*node, "relay", "--once").returncode == 0
    listed = command(*node, "quarantine", "list", "--json")
    (row,) = map(json.loads, listed.stdout.splitlines())
    assert (row["id"], row["reader"], row["topic"]) == (1, "relay", place.events)
    assert (row["offset"], row["reason"], row["bytes"]) == (0, "stranger", 19)
    assert "contoso" not in listed.stdout + command(*node, "quarantine", "list").stdout
    shown = json.loads(command(*node, "quarantine", "show", "1", "--json").stdout)
    assert (shown["value"], shown["headers"]) == ("ann@contoso.example", ["x: y"])
    tried = command(*node, "quarantine", "redrive")
    assert (tried.returncode, tried.stderr) == (0, "0 left the quarantine, 1 stay.\n")
    assert command(*node, "quarantine", "redrive", "1", "--drop").returncode == 0
    assert command(*node, "quarantine", "list").stdout == "Nothing is in quarantine.\n"
    gone = command(*node, "quarantine", "show", "1")
    assert (gone.returncode, gone.stderr.partition(":")[0]) == (2, "not_in_quarantine")
