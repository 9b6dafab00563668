"""Whatever anybody does in whatever order, the rules of the ledger hold at every position."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from ledger.commands import catalogue
from tests.any_history.machine import FOLDERS, AnyHistory
from tests.any_history.wishes import ALL
from tests.conftest import SOAK
from tests.scenarios.market import open_market

PARTS = 4
HISTORIES = 25_000 if SOAK else 100
"""Of each part: 400 in a test run, 100,000 in a soak."""

STEPS = 50


@pytest.fixture(scope="module", autouse=True)
def _market() -> Iterator[None]:
    """The market that every history begins with."""
    folder = Path(tempfile.mkdtemp(prefix="market-", dir=FOLDERS))
    AnyHistory.market = open_market(folder / "ledger")
    yield
    shutil.rmtree(folder)


@pytest.mark.parametrize("part", range(PARTS))
def test_any_history_keeps_the_rules(part: int) -> None:
    """Any commands by any actors at any time: what machine and invariants promise holds."""
    assert part in range(PARTS)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        AnyHistory,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_command_is_wished_for() -> None:
    """A new command of the catalogue is among the wishes without a word."""
    assert set(ALL) == set(catalogue.COMMANDS) | set(catalogue.INTERNAL)
