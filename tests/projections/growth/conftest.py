"""One chDB folder a test process, and a database in it for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from projections.growth.engine import ChdbEngine
from tests.projections.growth.estate import Estate

NewEngine = Callable[[], ChdbEngine]


@pytest.fixture(scope="session")
def analytics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder this process keeps open from the first growth test to the last."""
    folder = tmp_path_factory.mktemp("analytics")
    keeper = ChdbEngine(folder)
    yield folder
    keeper.close()


@pytest.fixture(scope="session")
def new_engine(analytics: Path) -> Iterator[NewEngine]:
    """Makes engines, each on a database nobody used before."""
    made: list[ChdbEngine] = []
    numbers = count(1)

    def make() -> ChdbEngine:
        made.append(ChdbEngine(analytics, database=f"test_{next(numbers)}"))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(new_engine: NewEngine) -> ChdbEngine:
    """An engine on a database of this test's own."""
    return new_engine()


@pytest.fixture
def estate() -> Iterator[Estate]:
    """An empty estate."""
    empty = Estate()
    yield empty
    empty.close()
