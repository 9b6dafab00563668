"""The sink under violence: killed, stopped and raced, it loses nothing and doubles nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.clickhouse.servers import ROOT, server
from tests.conftest import SOAK
from tests.projections.growth.estate import MICRO
from tests.projections.growth.feeder import ATTEMPTS, PARTITIONS, ROWS, TENANTS
from tests.waiting import PATIENCE_SECONDS

KILLS = 40 if SOAK else 6
RACES = 10 if SOAK else 1
COUNTED = (ATTEMPTS - 1) * PARTITIONS * TENANTS


@contextmanager
def feeding(target: str, seed: int, *then: str) -> Iterator[subprocess.Popen[str]]:
    """A feeder that has opened its target."""
    command = [sys.executable, "-m", "tests.projections.growth.feeder", target, str(seed), *then]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "opened\n"
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def audited(target: str) -> dict[str, Any]:
    """What the tables hold after one feeding that nobody disturbs."""
    with feeding(target, 1, "audit") as process:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def assert_exact(found: dict[str, Any]) -> None:
    """Every increment once, by partition and offset; the view and the credit as the base."""
    assert found["base"] == {"rows": ROWS, "distinct": ROWS, "sum": ROWS * MICRO}
    assert found["view"] == {"rows": ROWS, "sum": ROWS * MICRO}
    assert found["credited"] == COUNTED * MICRO
    assert found["differing"] == []


def test_sigkill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Round after round with other batch sizes, on a table with a slow view."""
    chance, folder = Random(40), str(tmp_path / "analytics")
    for number in range(KILLS):
        with feeding(folder, number) as process:
            time.sleep(chance.uniform(0.0, 2.5))
            process.kill()
    assert_exact(audited(folder))


def test_zombies_that_race_add_nothing(tmp_path: Path) -> None:
    """Several sinks of one server with other batch sizes, each stopped and woken amid its work."""
    chance = Random(7)
    with server(tmp_path / "server") as address:
        target = f"{address}/violence"
        for number in range(RACES):
            with (
                feeding(target, 3 * number) as first,
                feeding(target, 3 * number + 1) as second,
                feeding(target, 3 * number + 2) as third,
            ):
                for _ in range(6):
                    stopped = chance.choice([first, second, third])
                    stopped.send_signal(signal.SIGSTOP)
                    time.sleep(chance.uniform(0.1, 0.6))
                    stopped.send_signal(signal.SIGCONT)
        found = audited(target)
    assert_exact(found)
