"""Nodes killed at any moment and at each step of the write path, on a real broker."""

from __future__ import annotations

import random
from pathlib import Path

from ledger.cluster.place import Place
from tests.integration.faults.arena import arena
from tests.integration.faults.conftest import Report
from tests.integration.faults.plan import times
from tests.integration.faults.steps import STEPS


def test_a_node_killed_at_any_moment_breaks_nothing(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """SIGKILL at random instants while another node goes on."""
    count = times("node killed at any moment")
    with arena(tmp_path, place) as nodes:
        nodes.start()
        for _ in range(count):
            victim = random.choice("ab")
            nodes.progress(victim, more=random.randint(1, 6))
            nodes.kill(victim)
            nodes.start(victim)
        nodes.progress("a")
        nodes.progress("b")
        nodes.stop()
        report(nodes.judge("node killed at any moment", count))


def test_a_node_killed_at_each_step_breaks_nothing(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """Every place between two effects, at the first time or a later one; each is reached."""
    count = times("node killed at a step")
    names = list(STEPS)
    with arena(tmp_path, place) as nodes:
        nodes.start("b")
        for n in range(count):
            step, later = names[n % len(names)], n >= len(names)
            passes = random.randint(1, 5) if later and STEPS[step].function != "_begin" else 0
            nodes.start("a", dies=(step, passes))
            nodes.dead("a")
        nodes.start("a")
        nodes.progress("a")
        nodes.stop()
        report(nodes.judge("node killed at a step", count))
