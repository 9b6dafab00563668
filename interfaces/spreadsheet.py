"""CSV as spreadsheets read it, and as they must not: no cell is taken for a formula.

A text that begins with ``=``, ``+``, ``-`` or ``@`` (or with what some programs skip before it)
gets an apostrophe in front, which a spreadsheet shows as text; ``plain`` takes it away again, so
that a file written here can be read here (partner_center_files.md §3). Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """A value as one cell of a CSV.

    >>> cell("=1+1"), cell(-5), cell(None), cell(True), cell(["a", "b"])
    ("'=1+1", '-5', '', 'true', 'a;b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        inner = [json.dumps(each) if isinstance(each, Mapping) else str(each) for each in value]
        return escaped(";".join(inner))
    if isinstance(value, Mapping):
        return escaped(json.dumps(value, ensure_ascii=False, default=str))
    return escaped(str(value))


def escaped(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(text: str) -> str:
    """What ``escaped`` was given.

    >>> plain(escaped("@home")), plain("o'clock"), plain("'quoted'")
    ('@home', "o'clock", "'quoted'")
    """
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def line(cells: Iterable[Any]) -> str:
    """One line of CSV without its end; quoted where it must be."""
    text = io.StringIO()
    csv.writer(text).writerow([cell(value) for value in cells])
    return text.getvalue().removesuffix("\r\n")


def columns_of(rows: Sequence[Mapping[str, Any]], first: Sequence[str]) -> list[str]:
    """Every name that a row has, those of ``first`` in front."""
    named = dict.fromkeys(name for row in rows for name in row)
    return [*(name for name in first if name in named or not rows)] + [
        name for name in named if name not in first
    ]
