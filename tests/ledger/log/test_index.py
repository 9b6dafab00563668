"""The index finds exactly what a plain look at every event would find."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ledger.log.database import Database
from ledger.log.group import Group, NewEvent, Work
from ledger.log.index import Index, RunningTimer
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.query import Query, QueryItem
from ledger.log.writer import Writer, rebuild_index
from schemas.envelope import Attributes
from schemas.event import Timer

TYPES = ("a.v1", "b.v1", "c.v1")
TAGS = ("x:1", "x:2", "y:1", "z")

types = st.lists(st.sampled_from(TYPES), max_size=2, unique=True).map(tuple)
tags = st.lists(st.sampled_from(TAGS), max_size=3, unique=True).map(tuple)
queries = st.lists(st.builds(QueryItem, types, tags), max_size=3).map(tuple).map(Query)
timers = st.lists(
    st.builds(Timer, st.sampled_from("pq"), st.just("t"), st.none() | st.integers(1, 9)),
    max_size=2,
    unique_by=lambda timer: timer.key,
).map(tuple)
new_events = st.builds(
    NewEvent,
    st.tuples(st.sampled_from(TYPES), tags).map(lambda made: Attributes(*made)),
    st.binary(max_size=30),
    timers,
)
groups = st.lists(st.lists(new_events, min_size=1, max_size=4), max_size=6)


class Log(NamedTuple):
    """A log in memory, with what was written to it."""

    database: Database
    journal: SqliteJournal
    lookup: Index
    written: list[NewEvent]


def log_of(written: list[list[NewEvent]]) -> Log:
    """A log that holds the groups."""
    database = Database(Path(":memory:"))
    journal, index = SqliteJournal(database), Index(database)
    writer = Writer(database, journal, index, "l-test")
    for n, events in enumerate(written):

        def work(group: Group, events: list[NewEvent] = events, n: int = n) -> None:
            group.append(events, n * 1_000_000)

        works: list[Work] = [work]
        assert writer.submit(works) == [None]
    return Log(database, journal, index, [event for events in written for event in events])


@given(groups, queries, st.integers(0, 12), st.integers(1, 5), st.integers(0, 20))
def test_finds_what_a_plain_look_finds(
    written: list[list[NewEvent]], query: Query, after: int, limit: int, upto: int
) -> None:
    """Types, tags, alternatives, bounds and limit: as the query's own words say."""
    log = log_of(written)
    expected = [
        (position, event.attributes.type, event.attributes.tags, event.data)
        for position, event in enumerate(log.written, start=1)
        if after < position <= upto and query.matches(event.attributes.type, event.attributes.tags)
    ][:limit]
    found = [
        (stored.position, stored.type, Attributes.from_bytes(stored.attributes).tags, stored.data)
        for stored in log.lookup.find(query, after=after, limit=limit, upto=upto)
    ]
    assert found == expected
    log.database.close()


@given(groups)
def test_each_event_comes_with_the_commit_that_holds_it(written: list[list[NewEvent]]) -> None:
    """Instant, hash and prev are those of its commit in the journal."""
    log = log_of(written)
    by_position = {
        position: (accepted.head.recorded_at_us, accepted.head.hash, accepted.frame.prev)
        for _, accepted in log.journal.read()
        for position in range(accepted.frame.first, accepted.head.position + 1)
    }
    found = log.lookup.find(Query(), limit=1000)
    assert [stored.position for stored in found] == list(range(1, len(log.written) + 1))
    for stored in found:
        assert (
            stored.recorded_at_us,
            stored.commit_hash,
            stored.prev_hash,
        ) == by_position[stored.position]
    log.database.close()


@given(groups)
def test_a_timer_runs_until_the_latest_event_on_its_key_says_otherwise(
    written: list[list[NewEvent]],
) -> None:
    """Per key the last word counts; what is due comes earliest first."""
    log = log_of(written)
    running: dict[str, RunningTimer] = {}
    for position, event in enumerate(log.written, start=1):
        for key, name, due_us in event.timers:
            running.pop(key, None)
            if due_us is not None:
                running[key] = RunningTimer(key, name, due_us, position)
    for until_us in (0, 4, 9):
        due = [timer for timer in running.values() if timer.due_us <= until_us]
        due.sort(key=lambda timer: (timer.due_us, timer.key))
        assert log.lookup.due(until_us) == due
    log.database.close()


@given(groups)
def test_made_again_it_has_the_same_rows(written: list[list[NewEvent]]) -> None:
    """The index is a function of the commits."""
    log = log_of([[event._replace(timers=()) for event in events] for events in written])

    def rows() -> list[list[tuple[object, ...]]]:
        connection = log.database.connection
        wanted = ("types", "events", "event_tags", "commands")
        return [list(connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in wanted]

    before = rows()
    rebuild_index(log.database, log.journal, log.lookup)
    assert rows() == before
    log.database.close()


@given(groups, st.lists(st.sampled_from(TAGS), unique=True))
def test_a_tag_is_unused_when_no_event_carries_it(
    written: list[list[NewEvent]], wanted: list[str]
) -> None:
    """As a plain look at every event says."""
    log = log_of(written)
    carried = {tag for event in log.written for tag in event.attributes.tags}
    assert log.lookup.unused(wanted) == set(wanted) - carried
    many = [f"n:{n}" for n in range(1000)]
    assert log.lookup.unused([*many, *wanted]) == {*many, *wanted} - carried
    log.database.close()
