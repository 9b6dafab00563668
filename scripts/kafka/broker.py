"""A real Apache Kafka (KRaft) on this machine, for tests and the demo, where no Docker engine runs.

Needs a JDK (17 or newer) and Maven. The artifacts that ``pom.xml`` pins are resolved once into a
cache and then started by ``java``; every broker has a folder, ports and a process of its own, and
is stopped by its process id.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

POM = Path(__file__).with_name("pom.xml")
CLUSTER = "attribution-ledger-0001"[:22]
HEAP = "-Xmx512m"
START_SECONDS = 180.0

_NEVER_GIVEN = range(10_240, 32_768)
"""Ports beyond those of well-known services, below those a system gives to connections."""


QUICK = {
    "broker.session.timeout.ms": 2_500,
    "broker.heartbeat.interval.ms": 500,
    "controller.quorum.election.timeout.ms": 600,
    "controller.quorum.fetch.timeout.ms": 1_200,
    "controller.quorum.election.backoff.max.ms": 300,
    "replica.lag.time.max.ms": 2_500,
}
"""Settings by which a cluster notices in seconds that a broker is gone, for tests of that."""


class Door(NamedTuple):
    """One more listener of a broker, perhaps reached by another port than it listens on.

    ``protocol`` is Kafka's name for how it is protected; ``told`` the port that clients are told.
    """

    name: str
    port: int
    told: int
    protocol: str = "PLAINTEXT"


class BrokerUnavailableError(Exception):
    """No broker can be had here; the text says why and what would help."""


def artifacts() -> Path:
    """The folder of Kafka's jars, resolved by Maven the first time.

    Raises ``BrokerUnavailableError`` without a JDK or Maven, or when Maven can't resolve.
    """
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise BrokerUnavailableError(
                f"no `{tool}` on this machine: install a JDK 17 and Maven, or name a broker"
            )
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = root / "attribution-ledger" / f"kafka-{digest}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "whole").exists():
            _resolve(home / "jars")
            (home / "whole").touch()
    return home / "jars"


def _resolve(jars: Path) -> None:
    shutil.rmtree(jars, ignore_errors=True)
    words = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    words += [f"-DoutputDirectory={jars}", "-DincludeScope=runtime"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    if ran.returncode:
        told = (ran.stdout or ran.stderr).strip().splitlines()
        raise BrokerUnavailableError(f"Maven can't resolve Kafka: {told[0] if told else 'no word'}")


class Broker:
    """One node that is broker and controller, or one of several that form a cluster.

    ``servers`` is what clients connect to. Its data stays in ``folder`` over a restart.
    """

    def __init__(
        self,
        folder: Path,
        number: int = 1,
        voters: Sequence[tuple[int, int]] = (),
        *,
        doors: Sequence[Door] = (),
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.folder = folder
        self.number = number
        self.port = free_port()
        self.voters = list(voters) or [(number, free_port())]
        self.doors = tuple(doors)
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = folder / "server.properties"

    @property
    def servers(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    def start(self, *, wait: bool = True) -> Self:
        """Start the broker on its data, unless it runs; wait until it takes connections."""
        if self._process is not None and self._process.poll() is None:
            return self
        jars = artifacts()
        if not self._properties.exists():
            self._format(jars)
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own words
                [*self._java(jars), "kafka.Kafka", str(self._properties)],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait()
        return self

    def wait(self) -> None:
        """Return when clients can connect; raises ``BrokerUnavailableError`` when it never does."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._process is not None, "wait for a broker that was started"
            if self._process.poll() is not None:
                break
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        tail = (self.folder / "broker.log").read_text("utf-8", "replace").splitlines()[-5:]
        self.kill()
        raise BrokerUnavailableError("Kafka did not start: " + " / ".join(tail))

    def stop(self) -> None:
        """Let the broker shut down; kill it when it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def leave(self) -> int:
        """Let the broker outlive this process; the process id by which somebody stops it."""
        assert self._process is not None, "the broker is running"
        pid, self._process.returncode = self._process.pid, 0  # nobody waits for it here
        self._process = None
        return pid

    def pause(self) -> None:
        """Stop the process where it stands; it answers nobody."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        """The running broker, stopped at the end of the block."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the broker."""
        self.stop()

    def _format(self, jars: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        controller = dict(self.voters)[self.number]
        quorum = ",".join(f"{number}@127.0.0.1:{port}" for number, port in self.voters)
        replicas = min(3, len(self.voters))
        lines = {
            "process.roles": "broker,controller",
            "node.id": self.number,
            "controller.quorum.voters": quorum,
            **self._listeners(controller),
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.folder / "data",
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": replicas,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.replication.factor": replicas,
            "group.initial.rebalance.delay.ms": 0,
            "num.network.threads": 2,
            "num.io.threads": 2,
        } | self._settings
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        self._properties.write_text(text, encoding="utf-8")
        words = [*self._java(jars), "kafka.tools.StorageTool", "format"]
        words += ["--cluster-id", CLUSTER, "--config", str(self._properties)]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
        if ran.returncode:
            self._properties.unlink()
            raise BrokerUnavailableError(f"Kafka's storage can't be made: {ran.stdout[-500:]}")

    def _listeners(self, controller: int) -> dict[str, str]:
        doors = [Door("PLAINTEXT", self.port, self.port), *self.doors]
        own = Door("CONTROLLER", controller, controller)

        def at(door: Door, port: int) -> str:
            return f"{door.name}://127.0.0.1:{port}"

        return {
            "listeners": ",".join(at(door, door.port) for door in [*doors, own]),
            "advertised.listeners": ",".join(at(door, door.told) for door in doors),
            "listener.security.protocol.map": ",".join(
                f"{door.name}:{door.protocol}" for door in [*doors, own]
            ),
        }

    def _java(self, jars: Path) -> list[str]:
        return ["java", HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]


def free_port() -> int:
    """A port that nobody listens on now, and that nobody is given who asks for any port.

    So it is still free when it is used, however many connections are opened meanwhile.
    """
    while True:
        port = secrets.choice(_NEVER_GIVEN)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def cluster(
    folder: Path,
    size: int = 3,
    *,
    doors: Mapping[int, Sequence[Door]] | None = None,
    settings: Mapping[str, object] | None = None,
) -> Iterator[list[Broker]]:
    """Brokers that form one cluster, numbered from 1, stopped at the end of the block."""
    voters = [(number, free_port()) for number in range(1, size + 1)]
    brokers = [
        Broker(
            folder / f"broker-{number}",
            number,
            voters,
            doors=(doors or {}).get(number, ()),
            settings=settings,
        )
        for number, _ in voters
    ]
    try:
        for broker in brokers:
            broker.start(wait=False)
        for broker in brokers:
            broker.wait()
        yield brokers
    finally:
        for broker in brokers:
            broker.kill()
