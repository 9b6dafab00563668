"""Replaying a whole ledger: the most memory that a fresh process ever has resident.

Without ClickHouse it judges every commit, makes the index and the views anew and digests the usage
log; with it, it feeds the growth tables besides and asks them one question.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import estate
from bench.blocks import Plan
from bench.table import Row, at_most, number

LIMIT_MB, LIMIT_WITH_CLICKHOUSE_MB = 500, 800
ROOT = Path(__file__).parents[1]


def measure(plan: Plan) -> Iterator[Row]:
    """Two sizes, one four times the other, so that growth with size would show."""
    largest = estate.Size(plan.pick(200, 200_000, 1_000_000), plan.pick(1000, 1_000_000, 5_000_000))
    for size in (estate.Size(largest.decisions // 4, largest.increments // 4), largest):
        folder = plan.new_folder("replay") / "ledger"
        estate.build(folder, size)
        for steps, limit in (("log", LIMIT_MB), ("growth", LIMIT_WITH_CLICKHOUSE_MB)):
            found = _replayed(folder, steps)
            with_chdb = ", with chDB" if steps == "growth" else ""
            work = f"replay {size.decisions:,} decisions, {size.increments:,} increments{with_chdb}"
            detail = ", ".join(
                f"{name} {number(seconds)} s, {found['peaks_mb'][name]:.0f} MB"
                for name, seconds in found["seconds"].items()
            )
            yield at_most(work, "MB", found["peak_mb"], limit, detail)


def _replayed(folder: Path, steps: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.replay", str(folder), steps]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, Any] = json.loads(answer)
    return found
