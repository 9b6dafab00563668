"""Tables as CSV or TSV that a spreadsheet opens without running anything.

UTF-8, a header line, LF. A text that a spreadsheet would take for a formula (`=`, `+`, `-` or `@`
first, or a control character before it) gets an apostrophe in front; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def write_rows(
    stream: TextIO,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    separator: str = ",",
) -> None:
    """The header and one line a row; a column that a row lacks, or None, is an empty cell."""
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in columns])


def cell(value: Any) -> str:
    """A value as the text of its cell.

    A list stands in one cell, ``;`` between.

    >>> cell("=1+1"), cell("-30.5"), cell(None), cell(True), cell("@x"), cell(["a", "b"])
    ("'=1+1", '-30.5', '', 'true', "'@x", 'a;b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = _text(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def plain(text: str) -> str:
    """What a cell was made of: without the apostrophe that kept it from being a formula.

    >>> plain(cell("@home")), plain("o'clock"), plain("'quoted'")
    ('@home', "o'clock", "'quoted'")
    """
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text


def line(cells: Iterable[Any]) -> str:
    """One line of CSV without its end."""
    text = io.StringIO()
    csv.writer(text).writerow([cell(value) for value in cells])
    return text.getvalue().removesuffix("\r\n")


def columns_of(rows: Sequence[Mapping[str, Any]], first: Sequence[str]) -> list[str]:
    """Every name that a row has, those of ``first`` in front; ``first`` where there is no row."""
    named = dict.fromkeys(name for row in rows for name in row)
    front = [name for name in first if name in named or not rows]
    return [*front, *(name for name in named if name not in front)]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ";".join(map(_text, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
