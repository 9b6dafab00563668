"""`attribution sink` and `attribution analytics`: another ClickHouse, checked, waited for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from interfaces.workspace import Workspace
from projections.growth import ddl, store
from projections.growth.schema import CREDITED
from projections.growth.server import ServerEngine
from tests.clickhouse.servers import ROOT, bridge, server
from tests.interfaces.conftest import Run
from tests.waiting import PATIENCE_SECONDS, until

NOWHERE = "clickhouse://127.0.0.1:1/growth"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server's address."""
    with server(tmp_path_factory.mktemp("server")) as found:
        yield found


def test_a_sink_feeds_a_server_that_then_answers_as_the_folder_does(
    run: Run, ledger: Path, address: str
) -> None:
    """`--once` ends when all is fed; a second sink finds nothing to do; answers are the same."""
    del ledger
    there = ("--analytics", f"{address}/mine")
    for _ in range(2):
        assert run("sink", "--once", *there).code == 0
    words = ("growth", "--by", "month,partner,workload", "--json")
    assert run(*words, *there).out == run(*words).out
    assert run("analytics", "check", *there).code == 0


def test_the_tables_of_another_ledger_are_left_alone(
    run: Run, ledger: Path, tmp_path: Path, address: str
) -> None:
    """A database belongs to the ledger that was fed into it first."""
    there = ("--analytics", f"{address}/theirs")
    assert run("sink", "--once", *there, "--ledger", ledger).code == 0
    assert run("init", tmp_path / "other").code == 0
    for words in (("sink", "--once"), ("growth",)):
        ended = run(*words, *there, "--ledger", tmp_path / "other")
        assert (ended.code, "of another ledger" in ended.err or "not of" in ended.err) == (4, True)


def test_tables_of_another_format_are_refused_until_they_are_made_again(
    run: Run, ledger: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal says how; made again, they answer."""
    del ledger
    url = f"{address}/older"
    monkeypatch.setenv("ATTRIBUTION_ANALYTICS", url)
    assert run("sink", "--once").code == 0
    engine = ServerEngine(url)
    engine.execute("TRUNCATE TABLE growth_tables")
    engine.close()
    ended = run("growth")
    assert (ended.code, "rebuild --only analytics" in ended.err) == (4, True)
    assert run("rebuild", "--only", "analytics").code == 0
    assert run("growth", "--json").objects != []


@pytest.mark.parametrize("url", ["http://localhost/x", "clickhouse://localhost", "clickhouse:///x"])
def test_what_is_no_address_is_refused(reading: Run, url: str) -> None:
    """The answer says how an address is written."""
    ended = reading("growth", "--analytics", url)
    assert (ended.code, "clickhouse://HOST:PORT/DATABASE" in ended.err) == (2, True)


def test_a_server_that_is_away_is_named(reading: Run) -> None:
    """A question ends as busy; the password is not shown."""
    ended = reading("growth", "--analytics", "clickhouse://me:secret@127.0.0.1:1/growth")
    assert (ended.code, "can't be reached" in ended.err, "secret" in ended.err) == (5, True, False)


def test_a_sink_waits_for_its_server_and_goes_on_when_it_comes(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """Health and log say what it waits for; the ledger takes commands meanwhile."""
    health, log = tmp_path / "health", tmp_path / "log"
    environment = {**os.environ, "ATTRIBUTION_LEDGER": str(ledger)}
    command = [sys.executable, "-m", "interfaces.cli.main", "sink", "--analytics", NOWHERE]
    with (
        log.open("w") as said,
        subprocess.Popen(
            [*command, "--health", str(health)], cwd=ROOT, env=environment, stderr=said
        ) as sink,
    ):
        until(lambda: "analytics_away" in log.read_text(), "the sink says that its server is away")
        assert json.loads(health.read_text())["error"] == "analytics_away"
        assert run("info").code == 0
        sink.send_signal(signal.SIGTERM)
        assert sink.wait(PATIENCE_SECONDS) == 0
    with bridge(tmp_path / "server") as (address, _):
        assert run("sink", "--once", "--analytics", f"{address}/late").code == 0


def test_a_check_finds_what_was_tampered_with(run: Run, ledger: Path) -> None:
    """One credited row too many, and the check ends with 4 and says where."""
    assert run("analytics", "check").code == 0
    with Workspace(ledger) as workspace:
        engine = workspace.analytics
        found = engine.query("SELECT * FROM credited_keys WHERE held AND growth_micro > 0 LIMIT 1")
        row = pl.DataFrame(pl.from_arrow(found)).select(
            pl.col(name).cast(kind) for name, kind in CREDITED.items()
        )
        engine.insert_arrow("credited_keys", row.to_arrow(), "tampered")
    ended = run("analytics", "check")
    assert (ended.code, "credit of m365.mau" in ended.err) == (4, True)
    assert run("rebuild", "--only", "analytics").code == 0
    assert run("analytics", "check").code == 0


def test_the_statements_for_a_server_make_the_tables(reading: Run, address: str) -> None:
    """What is shown is what is made; a server takes each statement."""
    shown = reading("analytics", "ddl").out
    assert shown.count("CREATE TABLE IF NOT EXISTS") == len(store.TABLES) + 1
    engine = ServerEngine(f"{address}/by_hand")
    for statement in ddl.statements():
        engine.execute(statement.rstrip(";"))
    made = engine.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
    assert set(store.TABLES) < set(made["name"].to_pylist())
    engine.close()


def test_the_statements_for_a_cluster_replicate_every_table(reading: Run) -> None:
    """No table is left on one machine, and each remembers tokens longer than an outage."""
    shown = reading("analytics", "ddl", "--cluster", "it's").out
    statements = [each for each in shown.split(";\n") if "CREATE" in each]
    replicated = [each for each in statements if "ENGINE = Replicated" in each]
    assert len(replicated) == len(store.TABLES) + 1
    assert all("ON CLUSTER 'it\\'s'" in each for each in statements)
    assert all("replicated_deduplication_window_seconds" in each for each in replicated)
    assert (
        "ReplicatedSummingMergeTree('/clickhouse/tables/{shard}/{database}/credited_holders'"
        in (shown)
    )
    assert "non_replicated" not in shown
    spread = [each for each in statements if "ENGINE = Distributed" in each]
    assert len(spread) == len(ddl.SHARDED_BY)
