"""What docker-compose.yml starts, started here without Docker: the same words and variables.

Only addresses differ: servers are the tests' own, the node's folder and the ports are free ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.cluster.place import Place
from scripts.kafka.broker import free_port
from tests.clickhouse.servers import server
from tests.compose import own, started
from tests.house.tree import ROOT
from tests.waiting import PATIENCE_SECONDS, until

REPORT = ROOT / "examples" / "five_partners" / "reports" / "m365_2023q4.tsv"
LOAD = (str(REPORT), "--kind", "cpor_m365", "--exported", "2024-01-19T22:00:00Z")


class Containers:
    """Stands in for Docker: runs what a service of the file runs, on this machine."""

    def __init__(self, folder: Path, place: Place, clickhouse: str) -> None:
        self.node = folder / "node"
        self._place = place
        self._analytics = f"{clickhouse}/t_compose_{os.urandom(4).hex()}"
        self._services = own()
        self._ports = {name: free_port() for name in self._services}

    def environment(self, name: str) -> dict[str, str]:
        """The variables of a service, pointed at what is here."""
        told = started(self._services[name]).environment
        return {
            **os.environ,
            **told,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ATTRIBUTION_LEDGER": self._place.url,
            "ATTRIBUTION_NODE": str(self.node),
            "ATTRIBUTION_ANALYTICS": self._analytics,
            "ATTRIBUTION_METRICS_HOST": "127.0.0.1",
            "ATTRIBUTION_METRICS_PORT": str(self._ports[name]),
        }

    def run(self, name: str, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a service to its end, or other words in its place."""
        return subprocess.run(
            words or started(self._services[name]).words,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=True,
            **more,
        )

    @contextmanager
    def up(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """A service that runs."""
        words = started(self._services[name]).words
        with subprocess.Popen(
            words, env=self.environment(name), stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def healthy(self, name: str) -> bool:
        """Whether the service's own health check says so."""
        service = self._services[name]
        kind, *words = service["healthcheck"]["test"]
        assert kind == "CMD"
        port = service["environment"]["ATTRIBUTION_METRICS_PORT"]
        here = [word.replace(f":{port}/", f":{self._ports[name]}/") for word in words]
        asked = subprocess.run(here, env=self.environment(name), capture_output=True, check=False)
        return asked.returncode == 0

    def position(self, name: str, least: int) -> int:
        """The position that a service has reached, waited for."""
        url = f"http://127.0.0.1:{self._ports[name]}/position?min={least}&timeout=60"
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answered:
            return int(json.loads(answered.read())["position"])


@pytest.fixture
def place(kafka_servers: str) -> Place:
    """A place without topics: the set-up makes them."""
    return Place(kafka_servers, f"t-compose-{os.urandom(4).hex()}")


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[str]:
    """A server of ClickHouse."""
    with server(tmp_path / "clickhouse") as address:
        yield address


def test_what_the_file_starts_becomes_healthy_and_hands_on_what_is_submitted(
    tmp_path: Path, place: Place, clickhouse: str
) -> None:
    """Set up once and again; each service by its own health check; then asked, then stopped."""
    docker = Containers(tmp_path, place, clickhouse)
    first = docker.run("setup").stdout
    assert f"{place.prefix}.chain" in first
    assert "ledger" in first
    assert "operator" not in docker.run("setup").stdout, "a second set-up makes nothing"
    names = ("node", "relay", "publisher", "sink")
    with ExitStack() as opened:
        assert not docker.healthy("node")
        running = [opened.enter_context(docker.up(name)) for name in names]
        for name, process in zip(names, running, strict=True):
            until(lambda: docker.healthy(name) or process.poll() is not None, f"{name} is healthy")  # noqa: B023  called at once
            assert process.poll() is None, f"{name} ended by itself"
        data = {"organisation": "100", "name": "Alfa", "country": "CZ"}
        line = json.dumps({"id": "x-1", "command": "organisation.register", "data": data})
        docker.run("node", "attribution", "submit", "-", input=line + "\n")
        docker.run("node", "attribution", "usage", "load", *LOAD)
        head = json.loads(docker.run("node", "attribution", "info", "--json").stdout)["position"]
        for name in names:
            assert docker.position(name, head) == head
        grown = docker.run("node", "attribution", "growth", "--by", "month,workload", "--json")
        assert len(grown.stdout.splitlines()) > 1
        assert not (docker.node / "analytics").exists(), "asked of the server, not of the folder"
        for process in running:
            process.terminate()
        assert [process.wait(PATIENCE_SECONDS) for process in running] == [0] * len(names)
