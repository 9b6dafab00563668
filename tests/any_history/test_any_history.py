"""Whatever anybody does in whatever order, the rules of the ledger hold at every position."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from ledger.commands import catalogue
from tests.any_history.machine import FOLDERS, STARTS, AnyHistory
from tests.any_history.wishes import ALL, CLOCK
from tests.conftest import SOAK
from tests.scenarios.market import open_market

PARTS = 4
HISTORIES = 25_000 if SOAK else 110
"""Of each part, which draws its own: 440 in a test run, 100,000 in a soak."""

STEPS = 50

MOST_HISTORIES = 400
"""Histories until every command has to have been accepted once."""


@pytest.fixture(scope="module", autouse=True)
def _market() -> Iterator[None]:
    """The market that every history begins with."""
    folder = Path(tempfile.mkdtemp(prefix="market-", dir=FOLDERS))
    AnyHistory.market = open_market(folder / "ledger")
    yield
    shutil.rmtree(folder)


@pytest.mark.timeout(0 if SOAK else 900)
@pytest.mark.parametrize("part", range(PARTS))
def test_any_history_keeps_the_rules(part: int, request: pytest.FixtureRequest) -> None:
    """Any commands by any actors at any time: what machine and invariants promise holds.

    Without a seed of its own each part would play the very histories of the others.
    """
    of_run = request.config.option.hypothesis_seed
    run_state_machine_as_test(
        seeded(f"{of_run} {part}")(type(f"Part{part}", (AnyHistory,), {})),
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(900)
def test_every_command_is_accepted_in_some_history() -> None:
    """A command that random histories only get refused is not tried: say how its parts fit.

    ``fitting.py`` says how; a command that the wishes don't fit at all shows up here.
    """
    assert set(ALL) == set(catalogue.COMMANDS) | set(catalogue.INTERNAL)
    AnyHistory.did.clear()
    never = list(ALL)
    for seed in range(MOST_HISTORIES):
        play(seed)
        never = [command for command in ALL if not AnyHistory.did[command] and command not in CLOCK]
        if not never:
            return
    pytest.fail(f"accepted in none of {MOST_HISTORIES} histories: {', '.join(never)}")


def play(seed: int) -> None:
    """One history of the market without hypothesis: the same for the same number."""
    chance = Random(seed)
    history = AnyHistory()
    try:
        history.adopt(
            policy=chance.choice(list(STARTS)), mood=chance.choice(["market", "market", "claims"])
        )
        for _ in range(STEPS):
            history.step(chance.randrange(2**32))
    finally:
        history.teardown()
