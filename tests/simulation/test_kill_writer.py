"""Killing the process at any point loses nothing acknowledged and leaves nothing half done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 2_000 if os.environ.get("LEDGER_SOAK") == "1" else 100


def test_a_hundred_kills_lose_nothing_and_leave_nothing_half_done(tmp_path: Path) -> None:
    """SIGKILL at random instants: 0 lost, 0 doubled, 0 gaps, and the chain verifies."""
    command = [sys.executable, "-m", "tests.simulation.kill_writer"]
    seed = int.from_bytes(os.urandom(4))
    run = subprocess.run(
        [*command, str(tmp_path / "l"), str(ROUNDS), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"seed {seed}: {run.stderr}"
    counts = json.loads(run.stdout)
    wrong = {name: counts[name] for name in ("lost", "doubled", "gaps", "silent", "redone")}
    assert wrong == dict.fromkeys(wrong, 0), f"seed {seed}: {counts}"
    assert counts["rounds"] == ROUNDS
    assert counts["acknowledged"] > ROUNDS
