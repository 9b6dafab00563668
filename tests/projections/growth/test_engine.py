"""What the embedded engine alone promises: a folder has one owner (the rest: test_port.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from ledger.errors import BusyError
from projections.growth.engine import AnalyticsError, ChdbEngine
from tests.projections.growth.conftest import NewEngine
from tests.waiting import PATIENCE_SECONDS

HOLD = """
import sys, time
from projections.growth.engine import ChdbEngine
engine = ChdbEngine(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
engine.close()
"""

TRY = """
import sys
from ledger.errors import BusyError
from projections.growth.engine import ChdbEngine
try:
    ChdbEngine(sys.argv[1], wait_seconds=float(sys.argv[2])).close()
except BusyError as error:
    print(error.code, error.exit_code, error)
else:
    print("opened")
"""

NUMBERS = """
CREATE TABLE numbers (a Int64) ENGINE = MergeTree ORDER BY a
SETTINGS non_replicated_deduplication_window = 100
"""


def numbers(*values: int) -> pa.Table:
    """A table of one column."""
    return pa.table({"a": pa.array(values, pa.int64())})


def run(script: str, *args: str) -> str:
    """What a Python process of its own prints."""
    command = [sys.executable, "-c", script, *args]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    ).stdout


def test_engines_of_one_process_share_the_folder_and_keep_their_tables(
    new_engine: NewEngine,
) -> None:
    """Two databases side by side; closing one engine leaves the other working."""
    first, second = new_engine(), new_engine()
    first.execute(NUMBERS)
    second.execute(NUMBERS)
    first.insert_arrow("numbers", numbers(1), "t")
    assert second.query("SELECT count() AS n FROM numbers")["n"].to_pylist() == [0]
    second.close()
    second.close()
    assert first.query("SELECT count() AS n FROM numbers")["n"].to_pylist() == [1]
    with pytest.raises(AnalyticsError, match="closed"):
        second.query("SELECT 1")


def test_a_second_folder_in_one_process_is_busy(analytics: Path, tmp_path: Path) -> None:
    """ClickHouse in process opens one folder at a time; the error names the one that is open."""
    with pytest.raises(BusyError, match=str(analytics)) as caught:
        ChdbEngine(tmp_path)
    assert (caught.value.code, caught.value.exit_code) == ("analytics_busy", 5)


def test_another_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    """It waits a little, then says busy and names the process; afterwards it opens."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "60"], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        said = run(TRY, str(tmp_path), "0.3")
        assert said.startswith("analytics_busy 5")
        assert f"process {holder.pid}" in said
        assert holder.poll() is None, "it was told while the other still held the folder"
        holder.kill()
    assert run(TRY, str(tmp_path), "0.3") == "opened\n"


def test_another_process_that_waits_long_enough_gets_the_folder(tmp_path: Path) -> None:
    """A holder that ends in time is waited for."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "1"], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert run(TRY, str(tmp_path), "30") == "opened\n"
