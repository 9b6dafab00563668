"""Tables as CSV or TSV that a spreadsheet opens without running anything.

UTF-8, a header line, LF. A text that a spreadsheet would take for a formula (`=`, `+`, `-` or `@`
first, or a control character before it) gets an apostrophe in front; numbers stay numbers.
"""

from __future__ import annotations

import csv
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

    >>> cell("=1+1"), cell("-30.5"), cell(None), cell(True), cell("@x")
    ("'=1+1", '-30.5', '', 'true', "'@x")
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text
