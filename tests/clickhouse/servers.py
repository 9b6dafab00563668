"""Where the tests' ClickHouse server comes from.

In this order: ``LEDGER_TEST_CLICKHOUSE`` (clickhouse://user:password@host:port, without a database)
when it is set; a container where a Docker engine runs; else the bridge of this folder, which speaks
the server's protocol in front of chDB. The tests are the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "LEDGER_TEST_CLICKHOUSE"
ROOT = Path(__file__).parents[2]


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of a server to use until the end of the block, without a database."""
    if named := os.environ.get(VARIABLE):
        yield named
    elif _docker():
        from testcontainers.clickhouse import ClickHouseContainer

        with ClickHouseContainer("clickhouse/clickhouse-server:25.8") as container:
            yield container.get_connection_url().rpartition("/")[0]
    else:
        with bridge(folder) as (address, _):
            yield address


@contextmanager
def bridge(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The bridge in front of chDB in ``folder``: its address and its process."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.clickhouse.bridge", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"clickhouse://127.0.0.1:{int(process.stdout.readline())}", process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _docker() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=20)
    return asked.returncode == 0
