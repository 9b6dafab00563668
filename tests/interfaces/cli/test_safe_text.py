"""Text of others never steers a terminal, whichever way it is shown."""

from __future__ import annotations

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from interfaces.cli import table
from interfaces.cli.safe_text import safe_json, safe_text

STEERING = frozenset(
    [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x202E, 0x2066, 0xFEFF, 0xD800)]
    + ["\u00ad", "\u3164", "\U000e0041"]
)
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(sorted(STEERING))))


@given(TEXTS)
def test_no_character_that_steers_is_left(text: str) -> None:
    """Each is spelled out; a text without any stays as it is."""
    shown = safe_text(text)
    assert not STEERING & set(shown)
    assert shown == text or STEERING & set(text) or len(shown) > len(text)
    if text.isascii() and text.isprintable():
        assert shown == text


@given(TEXTS)
def test_safe_json_says_the_same(text: str) -> None:
    """A program reads back exactly what was written."""
    written = safe_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert not STEERING & set(written)
    assert json.loads(written) == {text: [text]}


def test_cells_are_never_markup() -> None:
    """Square brackets, emoji names and links of a cell stand as they were written."""
    stream = io.StringIO()
    told = "[bold red]x[/] :smile: [link=http://evil.example]y[/link] \x1b[31m"
    table.show(stream, ["a", "b"], [{"a": told, "b": None}])
    assert (
        "[bold red]x[/] :smile: [link=http://evil.example]y[/link] \\x1b[31m" in stream.getvalue()
    )
    assert "b" not in stream.getvalue().splitlines()[0]


def test_a_narrow_terminal_gets_blocks_in_which_nothing_is_cut() -> None:
    """Where the columns do not fit, each row is its names and values below one another."""

    class Narrow(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Narrow()
    rows = [dict.fromkeys("abcdefgh", "x" * 40), {"a": "last"}]
    table.show(stream, list("abcdefgh"), rows)
    assert stream.getvalue().count("x" * 40) == 8
    assert stream.getvalue().splitlines()[-1] == "a  last"
