"""What a command answers: tables for people, JSON with one object a line, or CSV.

Answers go to stdout; notes, progress and errors to stderr. Nothing a user typed, and nothing an
event holds, is read as markup or reaches the terminal as a control character.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from interfaces import csv_file
from interfaces.cli import table
from interfaces.cli.safe_text import safe_json, safe_text
from interfaces.cli.table import Row

if TYPE_CHECKING:
    from interfaces.cli.sight import Gate


class Output:
    """The ways to answer: ``as_json`` for programs, ``as_csv`` for spreadsheets, else tables."""

    def __init__(self, *, as_json: bool, as_csv: bool = False, gate: Gate | None = None) -> None:
        self.as_json = as_json
        self.as_csv = as_csv
        self._gate = gate

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, empty: str) -> None:
        """A list: one JSON object, or line of CSV, a row with all its values; else a table.

        The table shows ``columns``; in CSV they come first.

        ``empty`` is what people are told when there is no row. Rows that the one who asks may not
        see are left out.
        """
        if self._gate:
            rows = self._gate.rows(rows)
        if self.as_csv:
            self._csv(columns, list(rows))
            return
        if self.as_json:
            for row in rows:
                self._object(row)
            return
        listed = list(rows)
        if listed:
            table.show(sys.stdout, columns, listed)
        else:
            write(sys.stdout, safe_text(empty))

    def _csv(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        names = csv_file.columns_of(rows, columns)
        lines: list[list[Any]] = [names, *([row.get(name) for name in names] for row in rows)]
        for cells in lines:
            write(sys.stdout, safe_text(csv_file.line(cells)))

    def record(self, row: Row) -> None:
        """One thing: a JSON object, or its names and values below one another."""
        if self._gate:
            row = self._gate.one(row)
        if self.as_json:
            self._object(row)
            return
        width = max(map(len, row), default=0)
        for name, value in row.items():
            self.text(f"{table.title(name).ljust(width)}  {table.cell(value)}")

    def object(self, value: Row) -> None:
        """One JSON object on one line."""
        self._object(self._gate.one(value) if self._gate else value)

    @staticmethod
    def _object(value: Row) -> None:
        write(sys.stdout, safe_json(json.dumps(value, ensure_ascii=False, default=str)))

    def text(self, line: str = "") -> None:
        """A line for people."""
        if self._gate:
            self._gate.text()
        write(sys.stdout, safe_text(line))

    def heading(self, line: str) -> None:
        """A line above a list, for people only: it would be no row."""
        if not (self.as_json or self.as_csv):
            self.text(line)

    def note(self, line: str) -> None:
        """A remark about the answer, for people only."""
        if not self.as_json:
            write(sys.stderr, safe_text(line))


def write(stream: TextIO, line: str) -> None:
    """One line, flushed, so that a pipe has it now; letters outside its encoding as ``?``."""
    encoding = stream.encoding or "utf-8"
    stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()


@contextmanager
def progress(what: str, total: int | None, *, amid_answers: bool = False) -> Iterator[ProgressBar]:
    """A bar on stderr, gone at the end; silence where that is no terminal.

    With ``amid_answers`` lines are written meanwhile, so a terminal that shows them gets no bar.
    """
    if not sys.stderr.isatty() or (amid_answers and sys.stdout.isatty()):
        yield ProgressBar()
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=table.console(sys.stderr), transient=True
    ) as bar:
        yield _RichBar(bar, bar.add_task(what, total=total))


class ProgressBar:
    """How far a long work is; this one keeps silent."""

    shown = False

    def reach(self, done: int) -> None:
        """The work is ``done`` of its total."""


class _RichBar(ProgressBar):
    shown = True

    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task = bar, task

    def reach(self, done: int) -> None:
        self._bar.update(self._task, completed=done)
