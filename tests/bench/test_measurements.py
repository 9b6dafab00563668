"""The measurements run: a table of numbers nobody can print is worth nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import MEASUREMENTS

ROOT = Path(__file__).parents[2]
AT_LEAST = {
    "one": 6,
    "many": 2,
    "bulk": 1,
    "rebuild": 2,
    "memory": 4,
    "holders": 4,
    "usage": 2,
    "busy": 22,
}
"""Rows that each measurement prints, at least one a promise; ``start`` runs the whole demo."""


@pytest.mark.parametrize(
    "name", [name for name in MEASUREMENTS if name not in ("start", "kafka_usage")]
)
def test_every_measurement_runs_at_toy_size_and_prints_its_rows(name: str, tmp_path: Path) -> None:
    """``python -m bench --quick NAME`` tells work, ours and floor of each row; nothing is timed."""
    _require_rows(name, tmp_path, AT_LEAST[name])


def test_usage_on_kafka_is_measured(kafka_servers: str, tmp_path: Path) -> None:
    """On the broker of this run; both clients have their row."""
    _require_rows("kafka_usage", tmp_path, 2, {**os.environ, "LEDGER_TEST_KAFKA": kafka_servers})


def _require_rows(
    name: str, folder: Path, count: int, environment: dict[str, str] | None = None
) -> None:
    told = folder / "rows.json"
    command = [sys.executable, "-m", "bench", name, "--quick", "--json", str(told)]
    ended = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stderr
    rows = json.loads(told.read_text("utf-8"))
    assert len(rows) == count
    for row in rows:
        assert row["work"] in ended.stdout
        assert row["ours"][0].isdigit()
        assert row["floor"].startswith((">=", "<="))
        assert row["met"] in (True, False)
