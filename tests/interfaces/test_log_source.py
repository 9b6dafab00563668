"""The log as views and growth are fed by it: every event once, in order, from any position."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfaces.growth_sources import LogDecisions, UsageIncrements
from interfaces.log_source import LogSource
from interfaces.workspace import Workspace
from projections.record import START, Record
from tests.interfaces.conftest import Run
from tests.interfaces.small_story import line


@pytest.fixture
def workspace(told: Path) -> Iterator[Workspace]:
    """The small ledger, open."""
    with Workspace(told) as workspace:
        yield workspace


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_every_event_comes_once_whatever_the_page(workspace: Workspace, limit: int) -> None:
    """Commits hold several events; a page may end inside one."""
    source = LogSource(workspace.reader)
    found: list[Record] = []
    while page := source.after(found[-1].position if found else 0, limit):
        found += page
    head = source.head()
    assert [record.position for record in found] == list(range(1, head.position + 1))
    assert (found[-1].commit_hash, found[-1].recorded_at_us) == head[1:]
    assert all(record.effective_at_us for record in found)


def test_any_position_can_be_asked_for_in_any_order(workspace: Workspace) -> None:
    """Seeking gives what reading on gives."""
    source = LogSource(workspace.reader)
    everything = source.after(0, 1000)
    for position in (5, 3, 14, 0, len(everything)):
        assert source.after(position, 4) == everything[position : position + 4]
        assert source.after(position, 4) == everything[position : position + 4]


def test_one_event_is_found_as_reading_on_gives_it(workspace: Workspace) -> None:
    """The event that a claim's history words is the one that was folded."""
    source = LogSource(workspace.reader)
    everything = source.after(0, 1000)
    assert [source.event_at(record.position) for record in everything] == everything


def test_what_is_appended_later_is_found(ledger: Path, run: Run) -> None:
    """A source at the head goes on when the log has grown."""
    with Workspace(ledger) as workspace:
        source = LogSource(workspace.reader)
        head = source.head().position
        assert source.after(head, 10) == []
        data = {"organisation": "900", "name": "New", "country": "CZ", "domains": ["new.example"]}
        told = line("organisation.register", "x", "2020-11-02T09:00:00Z", **data)
        assert run("submit", "-", stdin=json.dumps(told).encode()).code == 0
        (record,) = source.after(head, 10)
        assert (record.position, record.type) == (head + 1, "organisation.registered.v1")
        assert source.recorded_at_us(head + 1) == record.recorded_at_us


def test_an_empty_log_has_no_head(tmp_path: Path) -> None:
    """Before the first event there is only the start."""
    from ledger.log.reader import Reader

    path = tmp_path / "chain.db"
    reader = Reader(path)
    assert LogSource(reader).head() == START
    assert LogSource(reader).after(0, 10) == []
    reader.close()


def test_growth_sees_the_decisions_it_asks_for(workspace: Workspace) -> None:
    """By type, in a span of positions, older versions read as the newest."""
    decisions = LogDecisions(workspace.reader)
    head = decisions.head()
    found = list(decisions.events(("usage.report.loaded.v1",), 0, head))
    assert [data["report"] for _, _, data in found] == ["h-5", "h-6"]
    after_first = list(decisions.events(("usage.report.loaded.v1",), found[0][0], head))
    assert after_first == found[1:]
    assert [name for _, name, _ in decisions.events(("customer.registered.v2",), 0, head)] == [
        "customer.registered.v2"
    ]


def test_growth_is_fed_from_any_offset_of_the_usage_log(workspace: Workspace) -> None:
    """The batches that hold an offset at or beyond the one asked for, and no statement."""
    increments = UsageIncrements(workspace.usage_log)
    every = list(increments.increments(0, 0))
    assert {batch.attempt for batch in every} == {it.attempt for it in every if it.rows.num_rows}
    for asked in range(workspace.usage_log.end_offset() + 1):
        found = [batch.first_offset for batch in increments.increments(0, asked)]
        assert found == [
            batch.first_offset
            for batch in every
            if batch.first_offset + batch.rows.num_rows > asked
        ]
