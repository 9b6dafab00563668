"""The recorder over the chain passes the library's own test cases for dynamic boundaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.persistence import IntegrityError, ProgrammingError

from ledger.errors import RefusedError
from ledger.log import reader
from ledger.log import recorder as chain_recorder
from ledger.log.recorder import ChainRecorder
from tests.ledger.log.library_cases import CASES, LibraryCases


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[ChainRecorder]:
    """A recorder over a new file."""
    made = ChainRecorder(tmp_path / "chain.db")
    yield made
    made.close()


@pytest.mark.parametrize("case", CASES)
def test_passes_the_librarys_cases(
    recorder: ChainRecorder, case: Callable[[LibraryCases, ChainRecorder], None]
) -> None:
    """Append, read, conditions, limits and subscription, on a file, as the library demands."""
    case(LibraryCases(), recorder)


def test_a_second_recorder_on_the_file_sees_and_guards_the_same_log(
    recorder: ChainRecorder, tmp_path: Path
) -> None:
    """Conditions hold across connections, as across processes."""
    other = ChainRecorder(tmp_path / "chain.db")
    query = DCBQuery(items=[DCBQueryItem(tags=["seat:1"])])
    recorder.append([DCBEvent("taken", b"", ["seat:1"])], DCBAppendCondition(query))
    with pytest.raises(IntegrityError):
        other.append([DCBEvent("taken", b"", ["seat:1"])], DCBAppendCondition(query))
    assert [found.position for found in other.read()] == [1]
    other.close()


def test_of_many_callers_on_one_boundary_exactly_one_wins(recorder: ChainRecorder) -> None:
    """Sixteen threads want ten seats: each seat is taken once, positions have no gap."""
    won: list[tuple[int, int]] = []

    def take(caller: int) -> None:
        for seat in range(10):
            query = DCBQuery(items=[DCBQueryItem(tags=[f"seat:{seat}"])])
            event = DCBEvent("taken", str(caller).encode(), [f"seat:{seat}"])
            try:
                won.append((seat, recorder.append([event], DCBAppendCondition(query))))
            except IntegrityError:
                continue

    callers = [Thread(target=take, args=(caller,)) for caller in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(seat for seat, _ in won) == list(range(10))
    assert [found.position for found in recorder.read()] == list(range(1, 11))


def test_events_of_one_append_stand_together_or_not_at_all(recorder: ChainRecorder) -> None:
    """An append larger than a commit is refused whole and takes no position."""
    lot = [DCBEvent("t", b"x" * 60_000, []) for _ in range(10)]
    with pytest.raises(RefusedError, match="larger than the commit") as refused:
        recorder.append(lot)
    assert refused.value.code == "commit_too_large"
    with pytest.raises(RefusedError) as refused:
        recorder.append([DCBEvent("t", b"x" * 70_000, [])])
    assert refused.value.code == "event_too_large"
    assert recorder.append([DCBEvent("t", b"", [])]) == 1


def test_an_empty_append_is_a_mistake(recorder: ChainRecorder) -> None:
    """No events, no position: the caller is told."""
    with pytest.raises(ProgrammingError):
        recorder.append([])


def test_a_subscription_wakes_at_once(
    recorder: ChainRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An append in this process wakes a waiting subscriber by itself, not the poll.

    Without the doorbell each event would wait for a look that comes after an hour.
    """
    monkeypatch.setattr(reader, "LOOK_AGAIN_SECONDS", 3600.0)
    monkeypatch.setattr(chain_recorder, "_WAIT_SECONDS", 3600.0)
    with recorder.subscribe() as subscription:
        for position in range(1, 21):
            sender = Thread(target=recorder.append, args=([DCBEvent("t", b"", [])],))
            sender.start()
            assert next(subscription).position == position
            sender.join()


def test_a_stopped_subscription_ends(recorder: ChainRecorder) -> None:
    """Leaving the block ends the iteration; nothing waits for ever."""
    recorder.append([DCBEvent("t", b"", [])])
    with recorder.subscribe() as subscription:
        next(subscription)
        subscription.stop()
        assert list(subscription) == []
