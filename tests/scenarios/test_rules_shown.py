"""Every rule that has to be shown has a scenario, or names the test that it has instead."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.scenarios.features import read
from tests.scenarios.market import MARKET

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RULES = tomllib.loads((HERE / "rules.toml").read_text("utf-8"))
SCENARIOS = [one for path in sorted(HERE.glob("*.feature")) if path != MARKET for one in read(path)]
NAMES = {one.name for one in SCENARIOS}
SHOWN: dict[str, set[str]] = {}
for _scenario in SCENARIOS:
    for _source in "; ".join(_scenario.sources).split("; "):
        _found = re.match(r"domain\.md §([\d.]+), (\w+)(?:-(\d+))?", _source)
        if _found:
            _section, _first, _last = _found.groups()
            _run = range(int(_first), int(_last) + 1) if _last else ()
            SHOWN.setdefault(_section, set()).update(map(str, _run) if _last else [_first])

BULLETS = {
    (section, bullet): shown
    for section, bullets in RULES.items()
    if section.startswith("bullets of ")
    for bullet, shown in bullets.items()
}


@pytest.mark.parametrize("section", RULES["numbered"])
def test_each_numbered_rule_is_the_source_of_a_scenario(section: str) -> None:
    """A row, item or case without one is named."""
    missing = [one for one in RULES["numbered"][section] if one not in SHOWN.get(section, ())]
    assert not missing, f"domain.md §{section}: no scenario comes from {', '.join(missing)}"


@pytest.mark.parametrize("rule", BULLETS, ids=" ".join)
def test_each_bullet_is_shown_by_the_scenarios_named_for_it(rule: tuple[str, str]) -> None:
    """A scenario that was renamed or removed is missed here."""
    assert BULLETS[rule]
    for shown in BULLETS[rule]:
        assert shown in NAMES or (ROOT / shown).exists(), f"there is no scenario {shown!r}"


@pytest.mark.parametrize("rule", RULES["shown_by_tests"])
def test_what_a_test_shows_instead_is_there(rule: str) -> None:
    """The file or folder that is named holds tests."""
    assert (ROOT / RULES["shown_by_tests"][rule]).exists()
