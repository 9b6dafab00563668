"""`python -m bench [NAME ...]`: measure, print each row as it comes, then the whole table.

Ends with 0 whatever was measured: a floor that is not met is told, not hidden, and never a test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.blocks import Plan, fsync_ms
from bench.table import Row, lines, number, plain

MEASUREMENTS = {
    "one": "bench.one_caller",
    "many": "bench.many_callers",
    "bulk": "bench.bulk_submit",
    "rebuild": "bench.rebuild_views",
    "memory": "bench.replay_memory",
    "holders": "bench.holders_latency",
    "busy": "bench.busy_estate",
    "usage": "bench.usage_load",
    "sink": "bench.sink",
    "growth": "bench.growth_questions",
    "levels": "bench.levels",
    "start": "bench.start_up",
    "caught": "bench.caught_up",
    "subscriber": "bench.to_subscriber",
    "kafka": "bench.kafka_chain",
    "kafka_usage": "bench.usage_on_kafka",
    "parts": "bench.parts",
}
"""By the name given on the command line, the module that measures it."""


def main(arguments: list[str]) -> int:
    """Run what was asked for and print it."""
    asked = _parser().parse_args(arguments)
    size = "quick" if asked.quick else "large" if asked.large else "usual"
    rows: list[Row] = []
    with TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        plan = Plan(Path(folder), size)
        print(machine(plan), flush=True)
        for name in asked.names or MEASUREMENTS:
            rows += _measured(name, plan)
    print()
    print("\n".join(lines(rows)))
    if asked.json:
        asked.json.write_text(json.dumps([plain(row) for row in rows], indent=1) + "\n", "utf-8")
    return 0


def machine(plan: Plan) -> str:
    """What the numbers were measured on."""
    sync = fsync_ms(plan.folder)
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores, one fsync {number(sync.median)} ms "
        f"({number(sync.low)} .. {number(sync.high)}), size {plan.size}"
    )


def _measured(name: str, plan: Plan) -> Iterator[Row]:
    measure: Callable[[Plan], Iterator[Row]] = import_module(MEASUREMENTS[name]).measure
    began = time.perf_counter()
    for row in measure(plan):
        seconds = time.perf_counter() - began
        print(f"[{name} {seconds:.0f} s] " + " | ".join(filter(None, row.cells())), flush=True)
        yield row


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="toy sizes: only that it runs")
    parser.add_argument("--large", action="store_true", help="the full million, minutes long")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    parser.add_argument("--folder", type=Path, help="measure the disk that holds this folder")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
