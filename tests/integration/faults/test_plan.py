"""The plan of faults keeps its promise of how many there are."""

from __future__ import annotations

from tests.integration.faults.plan import PLAN


def test_a_run_plays_150_faults_and_a_soak_20_000() -> None:
    """Each fault of the plan is played by a test that takes its number from here."""
    assert sum(times.run for times in PLAN.values()) >= 150
    assert sum(times.soak for times in PLAN.values()) >= 20_000
