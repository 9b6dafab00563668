"""Where the tests' Kafka comes from: one real broker for all of a run, or why there is none.

In this order: ``LEDGER_TEST_KAFKA`` (HOST:PORT) when it is set; a container where a Docker engine
runs; else an Apache Kafka from Maven's artifacts, started with the JDK. Never a stand-in.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scripts.kafka.broker import Broker, BrokerUnavailableError

VARIABLE = "LEDGER_TEST_KAFKA"
NOT_RUN = "Kafka not run"
"""How the reason of a skipped test begins; the summary counts these by that name."""

PATIENT = {
    "ATTRIBUTION_KAFKA_CONNECT_MS": "40000",
    "ATTRIBUTION_KAFKA_REQUEST_MS": "20000",
    "ATTRIBUTION_KAFKA_RESEND_MS": "30000",
    "ATTRIBUTION_KAFKA_GIVE_UP_MS": "180000",
}
"""On a machine with more to do than two cores can, a broker may not answer for seconds.

What it has taken is then not sent again, so that tests may count records. What is said of a cluster
that never answers is tested apart, with the limits users have; and what is sent again, with faults.
"""


def servers(root: Path) -> str:
    """The servers of this run's broker, started by whoever asks first; ``root`` is the run's.

    Raises ``BrokerUnavailableError`` with the reason, the same for everybody.
    """
    with _state(root) as known:
        if not known:
            known.update(_found(root))
    if "servers" not in known:
        raise BrokerUnavailableError(known["reason"])
    return str(known["servers"])


def stop(root: Path) -> None:
    """Stop the broker that this run started, by its process id."""
    with _state(root) as known:
        if pid := known.pop("pid", None):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if container := known.pop("container", None):
            subprocess.run(["docker", "rm", "-f", container], check=False, capture_output=True)


def _found(root: Path) -> dict[str, Any]:
    named = os.environ.get(VARIABLE)
    if named:
        return {"servers": named}
    if _docker():
        return _container()
    try:
        broker = Broker(root / "kafka").start()
    except BrokerUnavailableError as error:
        return {"reason": f"{error}; or set {VARIABLE}=HOST:PORT"}
    return {"servers": broker.servers, "pid": broker.leave()}


def _docker() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=20)
    return asked.returncode == 0


def _container() -> dict[str, Any]:
    from testcontainers.kafka import KafkaContainer

    # Stopped by this run's end, not by the library's helper container.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    container = KafkaContainer().with_kraft().start()
    wrapped = container.get_wrapped_container()
    return {"servers": container.get_bootstrap_server(), "container": wrapped.id}


@contextmanager
def _state(root: Path) -> Iterator[dict[str, Any]]:
    """What the run knows of its broker, for one process at a time."""
    root.mkdir(parents=True, exist_ok=True)
    file = root / "broker.json"
    with (root / "broker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        yield known
        file.write_text(json.dumps(known), encoding="utf-8")
