"""CSV that no spreadsheet takes for a formula, and that is read back as it was."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces import spreadsheet

_TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_is_escaped(text: str) -> None:
    """The cell begins with an apostrophe (partner_center_files.md §3)."""
    assert next(csv.reader([spreadsheet.line([text])], strict=True))[0][0] == "'"


@given(st.lists(_TEXT.filter(lambda text: not text.startswith("'")), min_size=2, max_size=5))
def test_what_is_written_is_read_back(cells: list[str]) -> None:
    """Commas, quotes and signs in any text."""
    read = next(csv.reader([spreadsheet.line(cells)], strict=True))
    assert [spreadsheet.plain(cell) for cell in read] == cells


def test_numbers_stay_numbers() -> None:
    """A negative number is no formula."""
    assert spreadsheet.line([-5, 1.5, True, None]) == "-5,1.5,true,"
