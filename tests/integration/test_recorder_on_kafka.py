"""The recorder and the persistence module of ``eventsourcing`` on a real Apache Kafka."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from eventsourcing.persistence import InfrastructureFactoryError

from examples.course_enrolment.enrolment import PLACES, Enrolment
from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.errors import BadInputError
from ledger.log.recorder import ChainRecorder
from tests.ledger.log.library_cases import CASES, LibraryCases
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def recorder(tmp_path: Path, place: Place) -> Iterator[ChainRecorder]:
    """A recorder over a new topic."""
    made = ChainRecorder(tmp_path / "replica.db", log=place.url)
    yield made
    made.close()


@pytest.mark.parametrize("case", CASES)
def test_passes_the_librarys_cases(
    recorder: ChainRecorder, case: Callable[[LibraryCases, ChainRecorder], None]
) -> None:
    """Append, read, conditions, limits and subscription, through the broker."""
    case(LibraryCases(), recorder)


def test_a_ledgers_log_is_not_opened_as_an_applications(tmp_path: Path, place: Place) -> None:
    """Its events are decided by the ledger's own commands."""
    Ledger.create(tmp_path / "node", log=place.url).close()
    with pytest.raises(BadInputError) as refused:
        ChainRecorder(tmp_path / "replica.db", log=place.url)
    assert refused.value.code == "foreign_log"


def environment(tmp_path: Path, name: str, place: Place) -> dict[str, str]:
    """What an application is told: its module, its file, its log."""
    return {
        "PERSISTENCE_MODULE": "ledger.log.persistence",
        "CHAIN_FILE": str(tmp_path / f"{name}.db"),
        "CHAIN_LOG": place.url,
    }


def test_two_processes_never_give_a_place_twice(tmp_path: Path, place: Place) -> None:
    """The example, run by its file from two processes at once on one log."""
    students = {"one": ["ann", "ben", "cyd"], "two": ["dan", "eve", "flo"]}
    running = [
        subprocess.Popen(
            [sys.executable, "examples/course_enrolment/enrolment.py", *names],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": ".", **environment(tmp_path, name, place)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, names in students.items()
    ]
    told = [process.communicate(timeout=PATIENCE_SECONDS)[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    joined = [
        line.split(" ")[1].rstrip(":") for lines in told for line in lines if "joined" in line
    ]
    with Enrolment(environment(tmp_path, "judge", place)) as judge:
        for course in ("history", "latin"):
            assert len(judge.places(course)) == len(set(judge.places(course))) == PLACES
            assert joined.count(course) == PLACES


def test_a_chain_without_a_file_is_refused_by_name() -> None:
    """The variable that is missing is said."""
    with pytest.raises(InfrastructureFactoryError, match="CHAIN_FILE"):
        Enrolment()
