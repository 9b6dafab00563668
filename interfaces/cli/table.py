"""Rows for people: a table where the terminal is wide enough, else one block of lines a row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from interfaces.cli.safe_text import safe_text

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]

_WHOLE = len("2020-07-01T00:00:00Z")  # what is no longer is never broken over lines
_GAP = 2
_NUMBER = re.compile(r"(-?[0-9]+(\.[0-9]+)?)?")
_PIPE_WIDTH = 10_000  # a pipe has no width: nothing is wrapped or cut there


def show(stream: TextIO, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write the rows; a column that nobody fills is left out, to make room for the others."""
    names = [name for name in columns if any(cell(row.get(name)) for row in rows)]
    cells = [[safe_text(cell(row.get(name))) for name in names] for row in rows]
    titles = [title(name) for name in names]
    terminal = console(stream)
    needed = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    least = sum(min(width, _WHOLE) for width in needed) + _GAP * (len(names) - 1)
    if least <= terminal.width:
        _table(terminal, titles, cells)
    else:
        stream.writelines(line + "\n" for line in _blocks(titles, cells))


def console(stream: TextIO) -> Console:
    """A Rich console that takes no text for markup; in a pipe it neither colours nor wraps."""
    from rich.console import Console

    return Console(
        file=stream,
        markup=False,
        highlight=False,
        emoji=False,
        width=None if stream.isatty() else _PIPE_WIDTH,
    )


def title(name: str) -> str:
    """A column's or field's name as people read it."""
    return name.replace("_", " ")


def cell(value: Any) -> str:
    """A value as people read it.

    >>> cell(None), cell(True), cell(["a", 1])
    ('', 'yes', 'a, 1')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _table(terminal: Console, titles: list[str], cells: list[list[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, _GAP - 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for name, column in zip(titles, zip(*cells, strict=True), strict=True):
        width = max(map(len, column))
        table.add_column(
            Text(name),
            overflow="fold",
            no_wrap=width <= _WHOLE,
            min_width=min(width, _WHOLE),
            justify="right" if all(map(_NUMBER.fullmatch, column)) else "left",
        )
    for row in cells:
        table.add_row(*map(Text, row))
    terminal.print(table)


def _blocks(titles: list[str], cells: list[list[str]]) -> Iterator[str]:
    width = max(map(len, titles))
    for n, row in enumerate(cells):
        if n:
            yield ""
        for name, value in zip(titles, row, strict=True):
            if value:
                yield f"{name.ljust(width)}  {value}"
