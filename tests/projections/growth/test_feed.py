"""Feeding is exactly once: over any batches, any crash between two steps, and any SIGKILL."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from ledger.errors import DamagedError
from projections.growth import store
from projections.growth.engine import AnalyticsEngine
from projections.growth.feed import catch_up
from projections.growth.literals import Parameter
from projections.growth.sources import SqliteHoldings
from tests.projections.growth.conftest import NewEngine
from tests.projections.growth.estate import Estate, increment
from tests.projections.growth.feeding import BATCH_ROWS, dump
from tests.projections.growth.small_estate import TEAMS, small_estate
from tests.waiting import PATIENCE_SECONDS


class Crash(Exception):  # noqa: N818 - not an error of anyone: the process would be gone
    """The process dies here."""


class DiesAtInsert:
    """An engine whose process dies at its n-th insert, before or after it was done."""

    def __init__(self, engine: AnalyticsEngine, at: int, *, done: bool) -> None:
        self._engine, self._left, self._done = engine, at, done

    def execute(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """Pass on."""
        self._engine.execute(sql, params)

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """Pass on."""
        return self._engine.query(sql, params)

    def insert_arrow(self, table: str, rows: pa.Table, token: str) -> None:
        """Pass on, and die when the count is reached."""
        self._left -= 1
        if self._left > 0 or self._done:
            self._engine.insert_arrow(table, rows, token)
        if self._left == 0:
            raise Crash

    def rest(self) -> None:
        """Pass on."""
        self._engine.rest()

    def close(self) -> None:
        """Pass on."""
        self._engine.close()


def test_feeding_again_adds_nothing(engine: AnalyticsEngine, estate: Estate) -> None:
    """The second call finds every table at the head; the third brings only what is new."""
    small_estate(estate)
    first = estate.feed(engine)
    assert first == (estate.chain.last, 10, 4, 2)
    before = dump(engine)
    assert estate.feed(engine) == (estate.chain.last, 0, 0, 0)
    assert dump(engine) == before
    position = estate.load("a3", [increment("2023-10", 5, **TEAMS)])
    assert estate.feed(engine) == (position, 1, 0, 1)


def test_the_answerable_position_moves_with_events_that_feed_nothing(
    engine: AnalyticsEngine, estate: Estate
) -> None:
    """A head with nothing in it for growth is still a position an answer can be pinned to."""
    store.make_tables(engine)
    assert store.answerable(engine) == 0
    for _ in range(3):
        estate.tell("claim.submitted.v1", claim="c1")
    assert estate.feed(engine).position == 3
    assert store.answerable(engine) == 3


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_crash_at_any_insert_leaves_nothing_twice_and_nothing_out(
    new_engine: NewEngine, estate: Estate, *, done: bool
) -> None:
    """Whichever insert the process dies at, done or not, the next feeding completes it once."""
    small_estate(estate)
    whole = new_engine()
    estate.feed(whole)
    crashes = 0
    for at in range(1, 11):
        torn = new_engine()
        try:
            estate.feed(DiesAtInsert(torn, at, done=done))
        except Crash:
            crashes += 1
        assert store.answerable(torn) <= estate.chain.last
        estate.feed(torn)
        assert dump(torn) == dump(whole)
    assert crashes == 9  # two partitions, facts, holdings and mark, attempts, three of credit


def test_no_answer_sees_an_attempt_before_its_rows(new_engine: NewEngine, estate: Estate) -> None:
    """Whatever insert is the last one done, every attempt entered has all its rows."""
    small_estate(estate)
    for at in range(1, 6):
        torn = new_engine()
        with pytest.raises(Crash):
            estate.feed(DiesAtInsert(torn, at, done=True))
        lacking = torn.query(
            "SELECT a.attempt, any(a.increments) AS told, count(i.attempt) AS found "
            "FROM attempts AS a LEFT JOIN increments_raw AS i USING (attempt) "
            "WHERE a.kind != 'seen' GROUP BY a.attempt HAVING told != found"
        )
        assert lacking.to_pylist() == []


@pytest.mark.parametrize("told", [0, 2])
def test_a_decision_that_counts_other_rows_than_the_log_holds_stops_the_feeding(
    engine: AnalyticsEngine, estate: Estate, told: int
) -> None:
    """One row missing, or one too many: damaged, and the attempt is in no answer."""
    estate.log.append("a1", [increment("2023-08", 5, **TEAMS)])
    position = estate.decide("a1", increments=told)
    with pytest.raises(DamagedError, match=rf"Position {position} counts {told} .* given 1"):
        estate.feed(engine)
    assert store.answerable(engine) == 0


def test_holdings_come_in_whole_positions(estate: Estate) -> None:
    """However small the batches, no position is split between two of them, and none is lost."""
    rows = [estate.hold("CPOR", str(number), "2023-01-01", **TEAMS) for number in range(7)]
    for row in rows[:3]:
        estate.forget(row)
    estate.views.execute("UPDATE holdings SET known_to = 9 WHERE row_id > 3")
    whole = pl.concat(b.rows for b in estate.holdings().changes(0, estate.chain.last))
    for batch_rows in range(1, 15):
        batches = list(estate.holdings(batch_rows).changes(0, estate.chain.last))
        assert pl.concat(batch.rows for batch in batches).equals(whole)
        starts = [batch.rows["position"][0] for batch in batches]
        ends = [batch.upto for batch in batches]
        assert all(end < start for end, start in zip(ends, starts[1:], strict=False))
    assert len(whole) == 14


def test_holdings_are_read_from_where_the_table_stands(estate: Estate) -> None:
    """Only what became or ceased to be known after one position, up to another."""
    row = estate.hold("CPOR", "1", "2023-01-01", **TEAMS)
    estate.hold("CPOR", "2", "2023-01-01", **TEAMS)
    estate.forget(row)
    estate.hold("CPOR", "3", "2023-01-01", **TEAMS)
    view = SqliteHoldings(estate.views, 4)
    (batch,) = view.changes(1, 3)
    told = zip(*(batch.rows[name].to_list() for name in ("position", "sign")), strict=True)
    assert list(told) == [(2, 1), (3, -1)]


def test_growth_waits_for_the_slower_of_chain_and_view(
    engine: AnalyticsEngine, estate: Estate
) -> None:
    """A view that is behind the chain holds the answerable position back."""
    small_estate(estate)
    behind = SqliteHoldings(estate.views, 4)
    assert catch_up(engine, estate.log, estate.chain, behind).position == 4
    assert estate.feed(engine).position == estate.chain.last


def test_dropping_the_tables_and_feeding_again_gives_the_same_rows(
    engine: AnalyticsEngine, estate: Estate
) -> None:
    """Everything here can be thrown away (DESIGN §2.5)."""
    small_estate(estate)
    estate.feed(engine)
    before = dump(engine)
    store.drop_tables(engine)
    estate.feed(engine)
    assert dump(engine) == before


FEED = """
import json, sys
from pathlib import Path
from projections.growth.engine import ChdbEngine
from tests.projections.growth.feeding import dump, large_estate
engine = ChdbEngine(sys.argv[1])
estate = large_estate()
print("opened", flush=True)
estate.feed(engine)
print(json.dumps(dump(engine, digest=True)), flush=True)
engine.close()
"""


def feeder(folder: Path) -> subprocess.Popen[str]:
    """A process of its own that feeds a large estate into a folder."""
    command = [sys.executable, "-c", FEED, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_feeder_is_resumed_exactly_once(tmp_path: Path) -> None:
    """SIGKILL at random moments of the feeding; the last, undisturbed feeding completes it."""
    chance = random.Random(12)
    for _ in range(4):
        with feeder(tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "opened\n"
            time.sleep(chance.uniform(0.0, 0.9))
            process.send_signal(signal.SIGKILL)
    with feeder(tmp_path) as process:
        resumed, _ = process.communicate(timeout=PATIENCE_SECONDS)
    with feeder(tmp_path / "fresh") as process:
        fresh, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert json.loads(resumed.splitlines()[-1]) == json.loads(fresh.splitlines()[-1])
    assert json.loads(fresh.splitlines()[-1])["increments_raw"][0]["rows"] == 10 * BATCH_ROWS
