"""`python -m bench.replay LEDGER log|growth`: replay in this process, tell seconds and peak.

A rebuild writes in a process of its own: the peak is this process's and that one's together, each
at its highest, as if both had been so at one time.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from interfaces.workspace import Workspace
from ledger.log.writer import rebuild_index
from ledger.usage.log import Cut, verify
from projections.runner import rebuild_file


def main(folder: Path, steps: str) -> dict[str, object]:
    """Replay what was asked for; seconds and peak megabytes by the end of each step."""
    seconds: dict[str, float] = {}
    peaks: dict[str, float] = {"start": peak_mb()}

    def timed(name: str, step: Callable[[], object]) -> None:
        began = time.perf_counter()
        with children.watched():
            step()
        seconds[name] = time.perf_counter() - began
        peaks[name] = peak_mb() + children.peak_mb

    children = _Children()
    with Workspace(folder) as workspace:
        if steps == "log":
            timed("index", lambda: _index(workspace))
            timed("views", lambda: rebuild_file(workspace.source, workspace.ledger.folder.views))
            timed("usage", lambda: _verify_usage(workspace))
        else:
            timed("views", lambda: workspace.views)
            timed("growth tables", lambda: workspace.analytics)
            timed("question", lambda: _ask(workspace))
    return {"seconds": seconds, "peaks_mb": peaks, "peak_mb": peak_mb() + children.peak_mb}


class _Children:
    """Looks at the processes that this one started, ten times a second while they are watched.

    ``ru_maxrss`` of children would begin with what their parent had.
    """

    def __init__(self) -> None:
        self.peak_mb = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within it the peak is followed."""
        over = threading.Event()
        looking = threading.Thread(target=self._look, args=(over,), daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()

    def _look(self, over: threading.Event) -> None:
        own = os.getpid()
        listed = Path(f"/proc/{own}/task/{own}/children")
        while not over.wait(0.1):
            pids = listed.read_text("ascii").split() if listed.exists() else []
            self.peak_mb = max(self.peak_mb, sum(map(_resident_mb, pids)))


def _resident_mb(pid: str) -> float:
    try:
        return _high_water_mb(Path(f"/proc/{pid}/status"))
    except (OSError, StopIteration):  # it has just ended
        return 0.0


def _high_water_mb(status: Path) -> float:
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def _index(workspace: Workspace) -> None:
    writer = workspace.ledger.writer
    rebuild_index(writer.database, writer.journal, writer.index)


def _verify_usage(workspace: Workspace) -> None:
    for counted in workspace.usage_reports.picture().counted():
        for cut in counted.decision.cut:
            assert isinstance(cut, Cut)
            verify(workspace.usage_log, cut)


def _ask(workspace: Workspace) -> None:
    from projections.growth.growth import growth

    # As columns: hundreds of thousands of rows as Python objects would be what is measured.
    answer = growth(workspace.analytics, by=["month", "workload", "partner"])
    assert answer.table.num_rows


def peak_mb() -> float:
    """The most memory this process ever had resident, in megabytes.

    From the kernel's own high-water mark where there is one: ``ru_maxrss`` begins, on Linux, with
    what the parent had when it forked.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return _high_water_mb(status)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), sys.argv[2]), sys.stdout)
