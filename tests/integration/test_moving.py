"""A ledger that moves between a folder and a real Apache Kafka, and through an archive."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from interfaces.cli import main as cli
from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from ledger.commands import catalogue
from ledger.deciding import Request
from ledger.log.database import Database
from ledger.log.journal.sqlite import SqliteJournal
from tests.integration.faults import steps

_FORKS = multiprocessing.get_context("forkserver")
CONTACT = {"name": "Jana Nova", "title": "IT manager", "email": "jana@contoso.example"}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes of this machine lie in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger of more commits than are copied at once."""
    with Ledger.create(tmp_path / "first") as ledger:
        decide(ledger, 0, 70)
    return tmp_path / "first"


def decide(ledger: Ledger, first: int, count: int) -> None:
    """Append so many decisions, a commit each."""
    for n in range(first, first + count):
        data = {"organisation": f"o-{n}", "name": "Alfa", "country": "CZ"}
        command = catalogue.load("organisation.register").model_validate(data)
        (outcome,) = ledger.submit_group([Request(command, "operator", f"c-{n}")])
        assert outcome.error is None


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, object]:
    """What a command answers; its exit code and error when it fails."""
    code = cli.run([*map(str, words), "--json"])
    said = capsys.readouterr()
    text = said.out if not code else said.err
    return {"exit": code, **json.loads(text.splitlines()[-1])}


def commits(folder: Path) -> list[bytes]:
    """The bytes of a ledger's commits, in order."""
    database = Database(folder / "chain.db")
    try:
        return [data for data, _ in SqliteJournal(database).read()]
    finally:
        database.close()


def node_of(place: Place, tmp_path: Path) -> Path:
    """This machine's node of a place."""
    return tmp_path / "state" / "attribution" / place.folder_name()


def test_there_and_back_again_every_byte_is_the_same(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folder to Kafka, Kafka to folder: positions, hashes, answers; and both go on."""
    there = run(capsys, "copy", folder, place.url)
    back = run(capsys, "copy", place.url, tmp_path / "back")
    assert (there["exit"], back["exit"]) == (0, 0), (there, back)
    assert there["head_hash"] == back["head_hash"]
    assert commits(folder) == commits(node_of(place, tmp_path)) == commits(tmp_path / "back")
    with Ledger.open(node_of(place, tmp_path)) as node:
        decide(node, 70, 1)
    again = run(capsys, "copy", place.url, tmp_path / "back")
    assert (again["commits"], again["position"]) == (1, 72)
    assert cli.run(["verify", "--ledger", str(tmp_path / "back")]) == 0
    assert cli.run(["verify", "--ledger", place.url]) == 0


def test_through_an_archive_onto_kafka(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is imported is what was exported; the keys come apart."""
    archive = tmp_path / "log.tar"
    made = run(capsys, "export", "log", archive, "--ledger", folder)
    assert cli.run(["verify", str(archive)]) == 0
    capsys.readouterr()
    came = run(capsys, "import-log", archive, place.url, "--keys", folder / "keys.db")
    assert (made["exit"], came["exit"]) == (0, 0)
    assert came["head_hash"] == made["head_hash"]
    assert commits(folder) == commits(node_of(place, tmp_path))


@pytest.mark.parametrize(
    "step,to_kafka",
    [
        ("sent", True),
        ("kept in the replica", True),
        ("committed", True),
        ("indexed", False),
        ("committed", False),
    ],
)
def test_a_copy_that_is_killed_goes_on_where_it_stopped(
    folder: Path,
    place: Place,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    step: str,
    *,
    to_kafka: bool,
) -> None:
    """Until it is whole it is no ledger; the same command makes it one."""
    aim = place.url if to_kafka else str(tmp_path / "copy")
    at = node_of(place, tmp_path) if to_kafka else tmp_path / "copy"
    child = _FORKS.Process(
        target=_killed, args=(step, str(tmp_path / "state"), ["copy", str(folder), aim])
    )
    child.start()
    child.join()
    assert child.exitcode == -9, "it was killed at that step"
    assert run(capsys, "info", "--ledger", at)["error"] == "no_ledger"
    done = run(capsys, "copy", folder, aim)
    assert done["exit"] == 0, done
    assert commits(at) == commits(folder)
    assert cli.run(["verify", "--ledger", str(at)]) == 0


def _killed(step: str, state: str, words: list[str]) -> None:
    import os

    os.environ["XDG_STATE_HOME"] = state
    steps.prepare((step, 1), 0, 0, when_told=False)
    cli.run(words)


def test_what_is_in_the_way_stays(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another ledger, a folder of something else, a topic that holds another log."""
    Ledger.create(tmp_path / "other").close()
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "photo.jpg").write_bytes(b"x")
    for aim in ("other", "things"):
        found = run(capsys, "copy", folder, tmp_path / aim)
        assert (found["exit"], found["error"]) == (2, "folder_not_empty")
    Ledger.create(tmp_path / "node", log=place.url).close()
    found = run(capsys, "copy", folder, place.url)
    assert (found["exit"], found["error"]) == (4, "other_log")


def test_a_copy_that_went_its_own_way_is_not_continued(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both houses decided: neither is the beginning of the other."""
    run(capsys, "copy", folder, tmp_path / "copy")
    for name, first in (("first", 500), ("copy", 600)):
        with Ledger.open(tmp_path / name) as ledger:
            decide(ledger, first, 2)
    found = run(capsys, "copy", folder, tmp_path / "copy")
    assert (found["exit"], found["error"]) == (4, "other_log")


def test_keys_of_another_ledger_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An archive holds none; the wrong ones open nothing."""
    Ledger.create(tmp_path / "other").close()
    archive = tmp_path / "log.tar"
    run(capsys, "export", "log", archive, "--ledger", folder)
    found = run(
        capsys, "import-log", archive, tmp_path / "new", "--keys", tmp_path / "other/keys.db"
    )
    assert (found["exit"], found["error"]) == (4, "foreign_keys")
    assert not (tmp_path / "new").exists(), "nothing half written"


def test_another_place_on_the_same_cluster_is_another_house(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From topics to topics, node by node."""
    run(capsys, "copy", folder, place.url)
    second = place._replace(prefix=f"{place.prefix}-2")
    create(second)
    found = run(capsys, "copy", place.url, second.url)
    assert found["exit"] == 0
    assert commits(node_of(second, tmp_path)) == commits(folder)
