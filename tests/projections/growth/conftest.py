"""One chDB folder for the tests of a module, and a database in it for each test.

A process has one open folder, and chDB leaves threads behind at each closing: so neither a session
for each test, nor one that would keep the tests of other modules from opening theirs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from projections.growth.engine import ChdbEngine
from tests.projections.growth.estate import Estate

NewEngine = Callable[[], ChdbEngine]


@pytest.fixture(scope="module")
def analytics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder this process keeps open while the tests of a module run."""
    folder = tmp_path_factory.getbasetemp() / "analytics"
    keeper = ChdbEngine(folder)
    yield folder
    keeper.close()


@pytest.fixture(scope="module")
def new_engine(analytics: Path) -> Iterator[NewEngine]:
    """Makes engines, each on a database nobody used before."""
    made: list[ChdbEngine] = []

    def make() -> ChdbEngine:
        made.append(ChdbEngine(analytics, database=f"test_{secrets.token_hex(8)}"))
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
