"""Keys and their lines: judged on every table that ships, and on texts made from any content."""

from __future__ import annotations

import doctest
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import key_lines
from ledger.rules.key_lines import line_of, lines_of

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(
    path
    for room in ("ledger", "projections", "interfaces")
    for path in (ROOT / room).rglob("*.toml")
)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value that holds no other, with the path to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from leaves(inner, (*path, n))
    else:
        yield path, value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_line_of_every_value_that_ships_holds_its_key_and_value(path: Path) -> None:
    """Tables, lists of tables, inline tables and lists over several lines."""
    text = path.read_text("utf-8")
    lines, found = text.splitlines(), lines_of(text, as_json=False)
    for place, value in leaves(tomllib.loads(text)):
        line = lines[found[place] - 1]
        if isinstance(place[-1], str):
            assert place[-1] in line, place
        if '"""' in line:
            continue
        if isinstance(value, str) and '"' not in value:
            assert value in line, place
        elif isinstance(value, int) and not isinstance(value, bool):
            assert str(value) in line.replace("_", ""), place


_names = st.text("abc", min_size=1, max_size=2)
_contents = st.recursive(
    st.integers(0, 9) | st.text('x":[]{},#', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_names, _contents, max_size=4))
def test_in_json_with_one_value_a_line_each_stands_on_its_own(content: dict[str, Any]) -> None:
    """Whatever the texts hold: counted from the top, values come in order."""
    text = json.dumps(content, indent=1)
    lines = text.splitlines()
    where = lines_of(text, as_json=True)
    found = [where[place] for place, _ in leaves(content)]
    assert found == sorted(set(found))
    for line, (_, value) in zip(found, leaves(content), strict=True):
        assert json.dumps(value) in lines[line - 1]


def test_what_is_missing_is_told_by_what_stands_above_it() -> None:
    """A key that is not there is missed in its table."""
    text = "a = 1\n[[b]]\nc = 2\n[[b]]\nd = 3\n"
    assert line_of(text, ("b", 1, "c"), as_json=False) == 4
    assert line_of(text, ("z",), as_json=False) == 1


def test_the_examples_hold() -> None:
    """Docstrings tell the truth."""
    assert doctest.testmod(key_lines).failed == 0
