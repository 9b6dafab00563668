"""A reader waits for what comes and moves on over what was not asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from eventsourcing.dcb.api import DCBEvent

from ledger.log.query import EVERYTHING, Query, QueryItem
from ledger.log.recorder import ChainRecorder

WANTED = Query((QueryItem(("wanted",)),))


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[ChainRecorder]:
    """Something that appends."""
    made = ChainRecorder(tmp_path / "chain.db")
    yield made
    made.close()


def test_waiting_in_vain_ends_when_the_time_is_over(recorder: ChainRecorder) -> None:
    """No event, no page, and the position stays."""
    reader = recorder.reader()
    page = reader.page_or_wait(EVERYTHING, after=0, timeout_seconds=0.1)
    assert (page.events, page.upto) == ([], 0)


def test_a_sparse_query_moves_on_with_the_log(recorder: ChainRecorder) -> None:
    """What was not asked for is passed once, never read again."""
    recorder.append([DCBEvent("other", b"") for _ in range(5)])
    reader = recorder.reader()
    page = reader.page_or_wait(WANTED, after=0, timeout_seconds=0)
    assert (page.events, page.upto) == ([], 5)
    recorder.append([DCBEvent("wanted", b""), DCBEvent("other", b"")])
    page = reader.page_or_wait(WANTED, after=page.upto, timeout_seconds=0)
    assert ([stored.position for stored in page.events], page.upto) == ([6], 7)


def test_a_full_page_does_not_skip_what_follows(recorder: ChainRecorder) -> None:
    """Cut by its limit, a page ends at its last event."""
    recorder.append([DCBEvent("wanted", b"") for _ in range(5)])
    page = recorder.reader().page_or_wait(WANTED, after=0, timeout_seconds=0, limit=3)
    assert ([stored.position for stored in page.events], page.upto) == ([1, 2, 3], 3)


def test_another_process_commit_is_seen_soon(recorder: ChainRecorder, tmp_path: Path) -> None:
    """Without this process' doorbell the wait looks again by itself."""
    other = ChainRecorder(tmp_path / "chain.db")
    reader = recorder.reader()
    sender = Thread(target=other.append, args=([DCBEvent("wanted", b"")],))
    sender.start()
    page = reader.page_or_wait(WANTED, after=0, timeout_seconds=10)
    sender.join()
    other.close()
    assert [stored.position for stored in page.events] == [1]


def test_reading_page_by_page_gives_everything_once(recorder: ChainRecorder) -> None:
    """More events than a page holds come whole and in order, also up to a bound."""
    for _ in range(3):
        recorder.append([DCBEvent("wanted", b"") for _ in range(400)])
    reader = recorder.reader()
    assert [stored.position for stored in reader.read()] == list(range(1, 1201))
    assert [stored.position for stored in reader.read(upto=700)] == list(range(1, 701))
    assert [stored.position for stored in reader.read(after=100, limit=550)] == list(
        range(101, 651)
    )
