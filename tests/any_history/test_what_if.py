"""Whatever happened, deciding it all again with nothing changed comes to the very same."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from interfaces.log_source import LogSource
from ledger.app import Ledger
from ledger.deciding import CLOCK_ACTOR
from ledger.facts import fact_of
from ledger.supposing.commands_again import AGAIN, name_of
from ledger.supposing.replay import Replay, Replayed, scratch_ledger
from ledger.supposing.supposition import Supposition, shifted, without
from projections.runner import Views, catch_up
from projections.supposed_holdings import unlike
from tests.any_history.machine import FOLDERS, STARTS, AnyHistory
from tests.conftest import SOAK
from tests.scenarios.market import open_market

HISTORIES = 2_000 if SOAK else 40
STEPS = 40
MOODS = ("market", "market", "claims", "muddle")


@pytest.fixture(scope="module", autouse=True)
def _market() -> Iterator[None]:
    """The market that every history begins with."""
    folder = Path(tempfile.mkdtemp(prefix="market-", dir=FOLDERS))
    AnyHistory.market = open_market(folder / "ledger")
    yield
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one."""
    with tempfile.TemporaryDirectory(dir=FOLDERS) as place:
        yield Path(place)


def played(seed: int) -> AnyHistory:
    """One history of the market; the same for the same number."""
    chance = Random(seed)
    history = AnyHistory()
    history.adopt(policy=chance.choice(list(STARTS)), mood=chance.choice(MOODS))
    for _ in range(STEPS):
        history.step(chance.randrange(2**32))
    return history


def views_of(ledger: Ledger, path: Path) -> tuple[Path, int]:
    """The views of a ledger, and where they end."""
    with closing(ledger.reader()) as reader, closing(Views(path)) as views:
        catch_up(LogSource(reader), views)
    return path, ledger.head.position


def replayed(real: Ledger, supposed: Supposition, path: Path) -> tuple[Ledger, Replayed]:
    """The scratch ledger of a supposition, and what came of each event."""
    with closing(real.reader()) as log:
        scratch = scratch_ledger(path, log.find(limit=1)[0])
        return scratch, Replay(scratch, log, supposed, real.head.position, strange={}).run()


@pytest.mark.timeout(0 if SOAK else 900)
def test_its_own_date_changes_nothing_in_any_history(folder: Path) -> None:
    """From wherever it begins: no event is otherwise, no deadline, no holding.

    And over all histories nearly every command is decided again.
    """
    seen: Counter[str] = Counter()
    for seed in range(HISTORIES):
        history = played(seed)
        real, chance = history.ledger, Random(seed)
        with closing(real.reader()) as log:
            facts = [fact_of(stored) for stored in log.read(after=1)]
            able = [
                fact
                for fact in facts
                if fact.actor != CLOCK_ACTOR and name_of(fact) not in (None, "policy.adopt")
            ]
            # Mostly from the beginning: everything is decided again then.
            own = chance.choice([able[0], able[0], chance.choice(able)])
            supposed = shifted(log, own.position, own.effective_at_us)
        scratch, told = replayed(real, supposed, folder / f"{seed}")
        with scratch:
            assert {one.became for one in told.fates.values()} <= {"carried"}, (seed, told.fates)
            assert (told.lapses, told.head) == ({}, real.head.position), seed
            before = views_of(real, folder / f"{seed}-before.db")
            after = views_of(scratch, folder / f"{seed}-after.db")
            assert unlike(before, after) == ([], []), seed
        history.teardown()
        seen.update(name_of(fact) or "" for fact in facts if fact.position >= own.position)
    never = set(AGAIN.values()) - set(seen)
    assert len(never) <= len(AGAIN) // 4, f"decided again in no history: {sorted(never)}"


@pytest.mark.timeout(0 if SOAK else 900)
def test_without_any_event_the_rest_is_decided_refused_or_carried(folder: Path) -> None:
    """Every event has one fate; the scratch log is whole; the real one is not touched."""
    refused: Counter[str] = Counter()
    for seed in range(HISTORIES // 2):
        history = played(seed)
        real, chance = history.ledger, Random(seed)
        head = real.head
        with closing(real.reader()) as log:
            facts = [fact_of(stored) for stored in log.read(after=1)]
            able = [
                fact.position
                for fact in facts
                if fact.actor != CLOCK_ACTOR and not fact.event.TYPE.startswith("usage.report.")
            ]
            supposed = without(log, chance.choice(able))
        scratch, told = replayed(real, supposed, folder / f"{seed}")
        with scratch:
            assert sum(told.counts.values()) == head.position - 1, seed
            gone = sum(told.counts[one] for one in ("left_out", "refused", "not_lapsed"))
            assert scratch.head.position == head.position - gone + len(told.lapses), seed
            views_of(scratch, folder / f"{seed}.db")
        assert all(one.code for one in told.fates.values() if one.became == "refused")
        refused.update(one.code for one in told.fates.values() if one.code)
        assert real.head == head
        history.teardown()
    assert len(refused) >= 3, refused
