"""The rules in plain words: every scenario of this folder played on a real ledger."""

from __future__ import annotations

import doctest
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli import main
from tests.scenarios import words
from tests.scenarios.features import Scenario, read
from tests.scenarios.market import MARKET, open_market
from tests.scenarios.stage import Stage
from tests.scenarios.steps import Ask, Player, ScenarioError

HERE = Path(__file__).parent
SECTIONS = dict(
    line.split(maxsplit=1)
    for line in (HERE / "sections.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
)
"""Sections of domain.md, and their titles."""

SCENARIOS = [
    scenario for path in sorted(HERE.glob("*.feature")) if path != MARKET for scenario in read(path)
]
_SOURCE = re.compile(r"(domain\.md|DESIGN) §(\d+(?:\.\d+)*)(?:, .+)?(?: \[P\])?")


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger folder in which the market stands; copied by each scenario."""
    return open_market(tmp_path_factory.mktemp("market") / "ledger")


@pytest.fixture
def stage(market: Path, tmp_path: Path) -> Iterator[Stage]:
    """The market, for one scenario."""
    folder, files = tmp_path / "ledger", tmp_path / "files"
    shutil.copytree(market, folder)
    files.mkdir()
    stage = Stage(folder, files)
    yield stage
    stage.close()


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks the command line about the stage's ledger; answers in JSON, complaints as text."""

    def asked(line: str, stage: Stage, _: str) -> list[dict[str, Any]] | str:
        monkeypatch.setenv("ATTRIBUTION_LEDGER", str(stage.folder))
        monkeypatch.chdir(stage.files)
        said = [words.with_ids(word, "tenant") for word in shlex.split(line)]
        capsys.readouterr()
        code = main.run([*said, "--json"])
        out, err = capsys.readouterr()
        if code:
            return str(words.with_nicknames(err or out))
        return [words.with_nicknames(json.loads(each)) for each in out.splitlines()]

    return asked


def test_scenarios_are_found() -> None:
    """A folder moved or a pattern mistyped would else pass in silence."""
    assert len(SCENARIOS) >= 10


def test_the_examples_of_words_hold() -> None:
    """What values, fields and instants are said to mean is what they mean."""
    assert doctest.testmod(words) == (0, doctest.testmod(words).attempted)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.place} {one.name}")
def test_scenario(scenario: Scenario, stage: Stage, ask: Ask) -> None:
    """What is given, done and then seen is as written; the views equal a rebuild, all verifies."""
    wrong = ""
    try:
        Player(stage, ask).play(scenario)
    except ScenarioError as error:
        wrong = str(error)
    if wrong:
        pytest.fail(wrong, pytrace=False)  # its place is in the scenario, not in Python
    stage.check()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.place)
def test_every_scenario_names_the_section_it_comes_from(scenario: Scenario) -> None:
    """A reviewer can open the rule beside it: each source is a section of domain.md or DESIGN."""
    assert scenario.sources, f"{scenario.place}: write a line `Source: domain.md §...` below it"
    for source in scenario.sources:
        for one in source.split("; "):
            found = _SOURCE.fullmatch(one)
            assert found, f"{scenario.place}: {one!r} is not like `domain.md §5, 1`"
            known = found[1] == "DESIGN" or found[2] in SECTIONS
            assert known, f"{scenario.place}: domain.md has no §{found[2]}"
