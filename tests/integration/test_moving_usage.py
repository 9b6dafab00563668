"""A ledger that counts usage moves between a folder and a real Kafka; the rows come along."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli import main as cli
from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.cluster.partition import Message
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from ledger.log.index import Index
from ledger.usage import laying
from ledger.usage.laying import Laying
from ledger.usage.opening import open_usage_log
from ledger.usage.replica import Replica
from tests.conformance.usage_log import TENANTS, dump, increments, stated
from tests.integration.faults import steps
from tests.integration.meddling import put
from tests.integration.test_moving import commits, node_of, run
from tests.integration.test_usage_on_nodes import CALLER, HEADER, grown, load

# A consumer of the library may leave a socket to the collector, who comes when he likes.
pytestmark = [
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
    ),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

_FORKS = multiprocessing.get_context("forkserver")
_MONTHS = ("03", "04")
_LAID_AT_ONCE = 700
"""So that a ledger as small as a test's is laid in more than one chunk."""


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes of this machine lie in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(laying, "CHUNK_RECORDS", _LAID_AT_ONCE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with two reports, and rows between them that never counted."""
    with Ledger.create(tmp_path / "first"):
        pass
    with Workspace(tmp_path / "first") as house:
        assert load(house, report(tmp_path, "march", 0)).outcome == "loaded"
        house.usage_log.append("u-outrun", [stated(TENANTS)], [increments("m365.mau", TENANTS)])
        assert load(house, report(tmp_path, "april", 1)).outcome == "loaded"
    return tmp_path / "first"


def report(folder: Path, name: str, number: int) -> Path:
    """A report of many customers, so that rows lie in every partition."""
    rows = [HEADER]
    for month in _MONTHS[number:]:
        for customer in range(150):
            tenant = f"22222222-2222-4222-8222-{customer:012}"
            rows += [
                f"{tenant},Contoso,{workload},{100 + 7 * number + customer % 9},900,C,101,"
                f"2023-01-01,CPOR,2023-{month}-01"
                for workload in ("teams", "exchange", "intune")
            ]
    path = folder / f"{name}.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def answers(place: Path) -> list[tuple[Any, ...]]:
    """What a house says of growth."""
    with Workspace(place) as house:
        return grown(house)


def decided_rows(place: Path) -> list[Any]:
    """The rows of every cut that a decision names, in the order of decisions."""
    with Workspace(place) as house:
        log = house.usage_log
        picture = house.usage_reports.picture()
        log.hold(picture.decided)
        return [
            (cut, batch.record, batch.metric, row)
            for entry in picture.decided
            for cut in entry.decision.cut
            for batch in log.read_attempt(cut)
            for row in batch.rows.rows()
        ]


def test_there_and_back_and_on_every_row_counts_the_same(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folder to Kafka to folder to Kafka, withdrawing and loading between: whole each time."""
    before, rows = answers(folder), decided_rows(folder)
    there = run(capsys, "copy", folder, place.url)
    assert there["exit"] == 0, there
    node, back = node_of(place, tmp_path), tmp_path / "back"
    assert (answers(node), decided_rows(node)) == (before, rows)
    with Workspace(node) as house:  # it goes on, in partitions of all keys, beside what came
        march = house.usage_reports.picture().decided[0].decision.report
        house.usage_reports.withdraw(march, "by mistake", CALLER)
        assert load(house, report(tmp_path, "march-again", 0)).outcome == "loaded"
    came = run(capsys, "copy", place.url, back)
    assert came["exit"] == 0, came
    assert commits(back) == commits(node)
    assert (answers(back), decided_rows(back)) == (answers(node), decided_rows(node))
    with Workspace(back) as house:  # a partition of its own
        last = house.usage_reports.picture().decided[-1].decision.report
        house.usage_reports.withdraw(last, "by mistake", CALLER)
    few = place._replace(prefix=f"{place.prefix}-few")
    create(few)
    refused = run(capsys, "copy", back, few.url)
    assert (refused["exit"], refused["error"]) == (2, "usage_not_moved"), refused
    assert not node_of(few, tmp_path).exists(), "nothing half written"
    enough = place._replace(prefix=f"{place.prefix}-enough")
    create(enough, usage_partitions=7)
    last_move = run(capsys, "copy", back, enough.url)
    assert last_move["exit"] == 0, last_move
    final = node_of(enough, tmp_path)
    assert commits(final) == commits(back)
    assert (answers(final), decided_rows(final)) == (answers(back), decided_rows(back))
    for house_at in (folder, node, back, final):
        assert cli.run(["verify", "--ledger", str(house_at)]) == 0


def test_from_topics_to_topics_and_what_came_since(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy that is made again brings the rows that were loaded meanwhile; an archive, too."""
    run(capsys, "copy", folder, place.url)
    second = place._replace(prefix=f"{place.prefix}-2")
    create(second)
    assert run(capsys, "copy", place.url, second.url)["exit"] == 0
    node = node_of(place, tmp_path)
    with Workspace(node) as house:
        load(house, report(tmp_path, "march-again", 0))
    again = run(capsys, "copy", place.url, second.url)
    assert again["exit"] == 0, again
    assert decided_rows(node_of(second, tmp_path)) == decided_rows(node)
    archive = tmp_path / "log.tar"
    assert run(capsys, "export", "log", archive, "--ledger", place.url)["exit"] == 0
    third = place._replace(prefix=f"{place.prefix}-3")
    create(third)
    keys = ("--keys", folder / "keys.db")
    for aim, at in ((third.url, node_of(third, tmp_path)), (tmp_path / "copy", tmp_path / "copy")):
        came = run(capsys, "import-log", archive, aim, *keys)
        assert came["exit"] == 0, came
        assert (commits(at), decided_rows(at)) == (commits(node), decided_rows(node))
        assert answers(at) == answers(node)


@pytest.mark.parametrize("step", ["laid", "kept", "indexed"])
def test_killed_while_usage_moves_it_goes_on_where_it_stopped(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    """Until it is whole it is no ledger; the same command makes it one, every row at its place."""
    to_kafka = step != "kept"
    if not to_kafka:
        run(capsys, "copy", folder, place.url)
    src, aim = (str(folder), place.url) if to_kafka else (place.url, str(tmp_path / "copy"))
    at = node_of(place, tmp_path) if to_kafka else tmp_path / "copy"
    child = _FORKS.Process(target=_killed, args=(step, str(tmp_path / "state"), ["copy", src, aim]))
    child.start()
    child.join()
    assert child.exitcode == -9, "it was killed at that step"
    assert run(capsys, "info", "--ledger", at)["error"] == "no_ledger"
    done = run(capsys, "copy", src, aim)
    assert done["exit"] == 0, done
    assert (commits(at), decided_rows(at)) == (commits(folder), decided_rows(folder))
    assert cli.run(["verify", "--ledger", str(at)]) == 0


def _killed(step: str, state: str, words: list[str]) -> None:
    os.environ["XDG_STATE_HOME"] = state
    laying.CHUNK_RECORDS = _LAID_AT_ONCE
    where = {"laid": (Laying, "_put"), "kept": (Replica, "keep"), "indexed": (Index, "apply")}
    owner, function = where[step]
    steps._wrap(  # noqa: SLF001  a step of this move, not of the write path
        steps.Step("after", owner, function), lambda: os.kill(os.getpid(), signal.SIGKILL)
    )
    cli.run(words)


def test_a_topic_that_holds_something_else_is_left_alone(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One record of a stranger in the way: refused with the place, and no ledger is made."""
    put(place, place.usage, Message(None, b"stranger"))
    refused = run(capsys, "copy", folder, place.url)
    assert (refused["exit"], refused["error"]) == (4, "other_usage"), refused
    assert run(capsys, "info", "--ledger", node_of(place, tmp_path))["error"] == "no_ledger"


def test_rows_that_are_not_those_that_were_counted_do_not_move(
    folder: Path, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usage log that lost its rows: exit 4 before a record is sent."""
    (folder / "usage.db").unlink()
    copied = run(capsys, "copy", folder, place.url)
    archived = run(capsys, "export", "log", tmp_path / "never.tar", "--ledger", folder)
    assert (copied["exit"], archived["exit"]) == (4, 4), (copied, archived)
    with Ledger.create(tmp_path / "other", log=place.url):
        pass
    with_none = open_usage_log(Ledger.open(tmp_path / "other").folder)
    assert dump(with_none) == []
