"""The writer: one group at a time, everybody answered, nothing half kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from ledger.log.database import Database
from ledger.log.group import SOFT_BYTES, Group, NewEvent, Work
from ledger.log.index import Index
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.writer import Writer
from schemas.envelope import Attributes
from tests.waiting import PATIENCE_SECONDS, until


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A writer on a new file."""
    database = Database(tmp_path / "chain.db")
    yield Writer(database, SqliteJournal(database), Index(database), "l-test")
    database.close()


def appending(*texts: str, at_us: int = 0) -> Work:
    """A work that appends events of these texts."""

    def work(group: Group) -> None:
        events = [NewEvent(Attributes("t"), text.encode()) for text in texts]
        group.append(events, max(at_us, group.recorded_at_us))

    return work


def failing(error: Exception) -> Work:
    """A work that raises."""

    def work(_: Group) -> None:
        raise error

    return work


def texts(writer: Writer) -> list[str]:
    """The texts in the log, in order."""
    return [e.data.decode() for _, commit in writer.journal.read() for e in commit.frame.events]


def test_a_work_that_raises_gets_its_error_and_the_others_go_on(writer: Writer) -> None:
    """Each work is judged alone."""
    error = ValueError("no")
    assert writer.submit([appending("a"), failing(error), appending("b")]) == [None, error, None]
    assert texts(writer) == ["a", "b"]


def test_a_group_of_refusals_writes_nothing(writer: Writer) -> None:
    """No events, no commit, no ring."""
    rings = writer.doorbell.rings
    writer.submit([failing(ValueError("no"))])
    assert (writer.head.position, writer.doorbell.rings) == (0, rings)


@pytest.mark.parametrize("where", ["before_group", "before_keep"])
def test_when_a_group_cannot_be_kept_it_never_was(writer: Writer, where: str) -> None:
    """The error reaches every caller, caches are dropped, and the next group is fine."""
    forgotten: list[bool] = []
    writer.on_forget.append(lambda: forgotten.append(True))
    hooks: list[Callable[..., None]] = getattr(writer, where)

    def full(*_: object) -> None:
        raise OSError("disk on fire")

    hooks.append(full)
    with pytest.raises(OSError, match="disk on fire"):
        writer.submit([appending("a")])
    assert (texts(writer), forgotten, writer.journal.head().position) == ([], [True], 0)
    hooks.remove(full)
    assert writer.submit([appending("b")]) == [None]
    assert texts(writer) == ["b"]


def test_large_groups_are_cut_into_commits_that_read_fast(writer: Writer) -> None:
    """Same instant, but no commit much beyond the soft size; an append is never cut."""
    together = ["x" * 30_000] * 5
    writer.submit([appending("y" * 1000) for _ in range(200)] + [appending(*together)])
    commits = list(writer.journal.read())
    sizes = [len(data) for data, _ in commits]
    assert max(sizes[:-1]) < SOFT_BYTES + 2_000
    assert [e.data.decode() for e in commits[-1][1].frame.events][-5:] == together


def test_events_of_one_instant_share_a_commit_and_others_do_not(writer: Writer) -> None:
    """recorded_at is the commit's time."""
    writer.submit([appending("a", at_us=5), appending("b", at_us=5), appending("c", at_us=9)])
    found = [
        (accepted.head.recorded_at_us, len(accepted.frame.events))
        for _, accepted in writer.journal.read()
    ]
    assert found == [(5, 2), (9, 1)]


def test_callers_at_once_are_answered_after_one_durable_group(writer: Writer) -> None:
    """While one group is kept, the callers that wait make the next: fewer groups than works."""
    groups: list[int] = []
    writer.before_group.append(lambda works: groups.append(len(works)))
    start = Barrier(32)

    def call(name: int) -> None:
        start.wait()
        for n in range(20):
            assert writer.submit([appending(f"{name}-{n}")]) == [None]

    callers = [Thread(target=call, args=(name,)) for name in range(32)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(texts(writer)) == sorted(f"{name}-{n}" for name in range(32) for n in range(20))
    assert sum(groups) == 640
    assert len(groups) < 640


def test_callers_who_are_answered_and_ask_again_share_the_next_group(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group waits for them a moment, instead of taking the other half of the callers alone."""
    monkeypatch.setattr("ledger.log.writer.GATHER_SECONDS", 600.0)
    sizes: list[int] = []
    writer.before_group.append(lambda works: sizes.append(len(works)))
    begun, others_wait = Event(), Event()

    def slow(group: Group) -> None:
        begun.set()
        assert others_wait.wait(PATIENCE_SECONDS)
        appending("a")(group)

    def first() -> None:
        writer.submit([slow])
        time.sleep(0.2)  # time enough for the others to go ahead alone, if they would
        writer.submit([appending("again")])

    leader = Thread(target=first)
    leader.start()
    assert begun.wait(PATIENCE_SECONDS)
    others = [Thread(target=writer.submit, args=([appending(name)],)) for name in "bc"]
    for other in others:
        other.start()
    until(lambda: writer.waiting == len(others), "the others wait")
    others_wait.set()
    for thread in (leader, *others):
        thread.join()
    assert sizes == [1, 3]


def test_who_is_alone_is_never_kept_waiting_for_others(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One caller after another: each is a group of its own at once."""
    monkeypatch.setattr("ledger.log.writer.GATHER_SECONDS", 600.0)
    for text in "abc":
        writer.submit([appending(text)])
    assert texts(writer) == ["a", "b", "c"]


def test_nobody_is_told_kept_when_dropping_what_is_warm_fails_too(writer: Writer) -> None:
    """A group that was lost is an error for each of its callers, whatever goes wrong after it."""
    inside, go_on = Event(), Event()
    answers: list[object] = []

    def hold(_: Group) -> None:
        inside.set()
        assert go_on.wait(PATIENCE_SECONDS)

    def broken(*_: object) -> None:
        raise OSError("disk on fire")

    def call() -> None:
        try:
            answers.append(writer.submit([appending("a")]))
        except OSError as error:
            answers.append(str(error))

    callers = [Thread(target=lambda: writer.submit([hold])), Thread(target=call)]
    callers[0].start()
    assert inside.wait(PATIENCE_SECONDS)
    writer.before_keep.append(broken)
    writer.on_forget.append(broken)
    callers += [Thread(target=call) for _ in range(3)]
    for caller in callers[1:]:
        caller.start()
    until(lambda: writer.waiting == 4, "four callers wait: one group")
    go_on.set()
    for caller in callers:
        caller.join()
    assert (answers, texts(writer)) == (["disk on fire"] * 4, [])


def test_what_could_not_be_dropped_is_dropped_before_the_next_group(writer: Writer) -> None:
    """No decision is made on states of a group that was lost, though forgetting failed once."""
    forgotten: list[int] = []

    def fails_once() -> None:
        forgotten.append(1)
        if len(forgotten) == 1:
            raise OSError("not now")

    def interrupted() -> None:
        raise KeyboardInterrupt

    writer.on_forget.append(fails_once)
    writer.before_keep.append(interrupted)
    with pytest.raises(OSError, match="not now"):
        writer.submit([appending("a")])
    writer.before_keep.clear()
    assert writer.submit([appending("b")]) == [None]
    assert (texts(writer), len(forgotten)) == (["b"], 2)


def test_an_interrupted_group_never_was_and_the_writer_goes_on(writer: Writer) -> None:
    """Control-C inside a work reaches the caller; nothing is kept, and nobody waits for ever."""

    def interrupted(_: Group) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        writer.submit([appending("a"), interrupted])
    assert writer.submit([appending("b")]) == [None]
    assert texts(writer) == ["b"]
