"""How long a person waits: for help, and for the whole story of the demo."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.blocks import Plan, Spread
from bench.table import Row, at_most, number

ROOT = Path(__file__).parents[1]


def measure(plan: Plan) -> Iterator[Row]:
    """`attribution --help` (the quickest of several) and the demo."""
    command = [sys.executable, "-m", "interfaces.cli.main", "--help"]
    took = Spread.of([_milliseconds(command) for _ in range(plan.pick(1, 9))])
    detail = f"median {number(took.median)} ms, at most {number(took.high)} ms"
    yield at_most("attribution --help", "ms", took.low, 250, detail)
    tell = ROOT / "examples" / "five_partners" / "tell.py"
    seconds = _milliseconds([sys.executable, str(tell), str(plan.new_folder("demo") / "d")]) / 1000
    yield at_most("make demo, warm", "s", seconds, 20)


def _milliseconds(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000
