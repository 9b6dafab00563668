"""The measurements run: a table of numbers nobody can print is worth nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import MEASUREMENTS
from tests import brokers
from tests.integration.conftest import kafka_servers  # noqa: F401  a fixture

ROOT = Path(__file__).parents[2]
AT_LEAST = {
    "one": 6,
    "many": 2,
    "bulk": 1,
    "rebuild": 2,
    "memory": 4,
    "holders": 4,
    "growth": 8,
    "usage": 2,
    "sink": 3,
    "busy": 22,
    "levels": 2,
    "parts": 4,
    "kafka": 6,
    "kafka_usage": 2,
    "caught": 3,
    "subscriber": 1,
}
"""Rows that each measurement prints, at least one a promise; ``start`` runs the whole demo."""

NOTHING_PROMISED = ("parts",)
"""Measurements that say what bounds others."""

ON_KAFKA = ("caught", "kafka_usage", "sink", "subscriber")


@pytest.mark.parametrize("name", [name for name in MEASUREMENTS if name != "start"])
def test_every_measurement_runs_at_toy_size_and_prints_its_rows(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """``python -m bench --quick NAME`` tells work, ours and floor of each row; nothing is timed."""
    environment = dict(os.environ)
    if name in ON_KAFKA:
        environment[brokers.VARIABLE] = request.getfixturevalue("kafka_servers")
    told = tmp_path / "rows.json"
    command = [sys.executable, "-m", "bench", name, "--quick", "--json", str(told)]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    rows = json.loads(told.read_text("utf-8"))
    assert len(rows) == AT_LEAST[name]
    for row in rows:
        assert row["work"] in ended.stdout
        assert row["ours"][0].isdigit()
        if name not in NOTHING_PROMISED:
            assert row["floor"].startswith((">=", "<="))
            assert row["met"] in (True, False)
