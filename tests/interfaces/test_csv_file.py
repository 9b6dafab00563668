"""Tables as CSV: what a spreadsheet reads is what was meant, and nothing runs."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from interfaces.csv_file import cell, line, plain, write_rows


def written(rows: list[dict[str, object]], separator: str = ",") -> str:
    """The file of rows with the columns a and b."""
    stream = io.StringIO()
    write_rows(stream, ("a", "b"), rows, separator=separator)
    return stream.getvalue()


def test_a_text_that_looks_like_a_formula_is_escaped() -> None:
    """Each of the signs that begin one, and the control characters that hide it."""
    for text in ("=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1"):
        assert cell(text) == f"'{text}"


def test_a_number_stays_a_number() -> None:
    """A credit is negative, and no formula."""
    assert [cell(value) for value in ("-30.5", "+3", -2, 4.5)] == ["-30.5", "+3", "-2", "4.5"]


def test_a_cell_that_is_missing_is_empty() -> None:
    """And a header stands above all."""
    assert written([{"a": 1}, {"b": None}]) == "a,b\n1,\n,\n"


def test_the_separator_can_be_a_tab() -> None:
    """As Partner Center's own files have it."""
    assert written([{"a": "x, y", "b": True}], "\t") == "a\tb\nx, y\ttrue\n"


# No text of the ledger holds control characters (schemas.values).
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20))
def test_a_reader_gets_the_text_back(text: str) -> None:
    """Quotes and commas survive; only an apostrophe may stand before."""
    (_, row) = csv.reader(io.StringIO(written([{"a": text, "b": "x"}]), newline=""))
    assert row[0].removeprefix("'") == text.removeprefix("'")


_PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.lists(_PLAIN.filter(lambda text: not text.startswith("'")), min_size=2, max_size=5))
def test_a_line_that_was_written_is_read_back_as_it_was(cells: list[str]) -> None:
    """``plain`` takes the apostrophe away again."""
    read = next(csv.reader([line(cells)], strict=True))
    assert [plain(each) for each in read] == cells
