"""A topic of its own for each test, on a real broker."""

from __future__ import annotations

import gc
import secrets
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.cluster.place import Place
from ledger.cluster.topics import create
from scripts.kafka.broker import BrokerUnavailableError
from tests import brokers


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in brokers.PATIENT.items():
            patched.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def kafka_servers(request: pytest.FixtureRequest) -> str:
    """The servers of the broker that all tests of this run share."""
    try:
        return brokers.servers(run_folder(request.config))
    except BrokerUnavailableError as error:
        pytest.skip(f"{brokers.NOT_RUN}: {error}")


@pytest.fixture(autouse=True)
def _sockets_of_the_client() -> Iterator[None]:
    """The client leaves a socket that never connected to the garbage collector: let it, here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def place(kafka_servers: str) -> Place:
    """A place with fresh topics."""
    fresh = Place(kafka_servers, f"t-{secrets.token_hex(6)}")
    create(fresh)
    return fresh


def run_folder(config: pytest.Config) -> Path:
    """The folder that all processes of this run share."""
    base: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001  the fixture has no other way in from a hook
    return base.parent if hasattr(config, "workerinput") else base
