"""Commands in a CSV: the header checked first, then one command a row, as lines of JSON are.

Comma, semicolon or tab; a BOM, CRLF, quoted cells and line breaks within them are all read. What is
wrong with a row is told by its line and column, and the other rows go on.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import BinaryIO, NamedTuple

import orjson

from interfaces.bulk import csv_columns, names
from interfaces.bulk.csv_columns import Column
from interfaces.bulk.lines import LONGEST_LINE, LOT, Line
from interfaces.bulk.problems import Problem, shown
from interfaces.bulk.read import Defaults, ReadLine, read
from interfaces.csv_file import plain
from ledger.errors import BadInputError

OWN = ("id", "actor", "at", "correlation", "command")
"""Columns about the row itself; any may be left out, ``command`` where all rows have the same."""

_SEPARATORS = ",;\t"
_INDEX = re.compile(r"\[[0-9]+\]")


class BadHeaderError(BadInputError):
    """A header that can't be a command's: no row of the file was read."""

    code = "bad_header"


class Header(NamedTuple):
    """What each column of a file stands for: one of the row's own names, or a field."""

    names: tuple[str, ...]
    separator: str
    command: str


def lots(stream: BinaryIO, command: str, defaults: Defaults) -> Iterator[list[ReadLine]]:
    """The rows as read commands, in order, in lots; ``command`` is that of rows that name none.

    Raises ``BadHeaderError`` before the first row.
    """
    lines = _Lines(stream)
    first = next(lines, "")
    header = _header(first, command)
    reader = csv.reader(lines, delimiter=header.separator, strict=True)
    lot: list[ReadLine] = []
    for number, cells in _records(reader, lines):
        if not isinstance(cells, Problem) and not any(cell.strip() for cell in cells):
            continue
        lot.append(_row(number, cells, header, defaults))
        if len(lot) == LOT:
            yield lot
            lot = []
    if lot:
        yield lot


def template(name: str) -> tuple[list[str], dict[str, object]]:
    """The header of a CSV of one command, and a row that is well formed."""
    known = names.named(name)
    columns = csv_columns.columns_of(known.model)
    cells = csv_columns.cells_of(known.example, columns)
    header = ["id", "actor", "at", *(column.name for column in columns)]
    return header, {"id": "an-id-of-your-own", **cells}


class _Lines:
    """Decoded lines with their number; bytes that are no UTF-8 as surrogates, long ones cut."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.number = stream, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text = self._stream.readline(LONGEST_LINE)
        if not text:
            raise StopIteration
        if not self.number:
            text = text.removeprefix(b"\xef\xbb\xbf")
        self.number += 1
        if len(text) == LONGEST_LINE and not text.endswith(b"\n"):
            while rest := self._stream.readline(LONGEST_LINE):
                if rest.endswith(b"\n"):
                    break
        return text.decode("utf-8", "surrogateescape")


def _header(line: str, command: str) -> Header:
    if line.startswith(("\xff\xfe", "\udcff\udcfe", "\udcfe\udcff")):
        raise BadHeaderError("The file is UTF-16, not UTF-8.", hint="Save it as CSV UTF-8.")
    separator = max(_SEPARATORS, key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error as error:
        raise BadHeaderError(f"The header can't be read: {error}.", hint=_ADVICE) from error
    found = tuple(cell.strip() for cell in cells)
    while found and not found[-1]:  # a spreadsheet's empty columns at the end
        found = found[:-1]
    _require(found, command)
    return Header(found, separator, command)


_ADVICE = "`attribution commands NAME --csv` writes a header that fits, with an example."


def _require(found: Sequence[str], command: str) -> None:
    if not found:
        raise BadHeaderError("The file has no header.", hint=_ADVICE)
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise BadHeaderError(
            f"The header names {twice[0] or '(nothing)'} twice.", hint="Name each column once."
        )
    if not command and "command" not in found:
        raise BadHeaderError(
            "The file does not say which command its rows are.",
            hint="Name it with --command claim.submit, or in a column command.",
        )
    known = set(OWN)
    for name in [command] if command else names.names():
        known.update(column.name for column in _columns(name))
    for name in found:
        if name not in known:
            near = get_close_matches(name, sorted(known), n=2, cutoff=0.6)
            hint = f"Did you mean {' or '.join(near)}?" if near else _ADVICE
            what = command or "a command"
            raise BadHeaderError(f"There is no column {name!r} of {what}.", hint=hint)


def _records(
    reader: Iterator[list[str]], lines: _Lines
) -> Iterator[tuple[int, list[str] | Problem]]:
    """Each record with the line it begins on; one that can't be read as its problem."""
    while True:
        number = lines.number + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = "Write quotes in pairs, and a quote within a cell twice."
            yield number, Problem("malformed_line", f"The row can't be read: {error}.", hint)


def _row(number: int, cells: list[str] | Problem, header: Header, defaults: Defaults) -> ReadLine:
    if isinstance(cells, Problem):
        return ReadLine(number, "", header.command, None, (cells,))
    if len(cells) > len(header.names) and any(cells[len(header.names) :]):
        message = f"The row has {len(cells)} cells, the header {len(header.names)} columns."
        hint = f"Quote a cell that holds {header.separator!r}."
        return ReadLine(
            number, "", header.command, None, (Problem("malformed_line", message, hint),)
        )
    filled = {
        name: plain(cell.strip())
        for name, cell in zip(header.names, cells, strict=False)
        if cell.strip()
    }
    own = {name: filled.pop(name) for name in OWN if name in filled}
    command = own.setdefault("command", header.command)
    own.setdefault("id", _own_id(command, filled))
    broken = next((name for name, cell in (own | filled).items() if not _encodes(cell)), None)
    if broken is not None:
        return _wrong(number, own, "bad_value", broken, "is not UTF-8", "Save it as CSV UTF-8.")
    return _command(number, own, filled, defaults)


def _command(
    number: int, own: dict[str, str], filled: dict[str, str], defaults: Defaults
) -> ReadLine:
    try:
        columns = {one.name: one for one in _columns(own["command"])}
    except BadInputError as error:
        problem = Problem(error.code, error.message, error.hint, "command", shown(own["command"]))
        return ReadLine(number, own["id"], own["command"], None, (problem,))
    foreign = next((name for name in filled if name not in columns), None)
    if foreign is not None:
        hint = f"Leave the cell empty: {own['command']} has no such field."
        return _wrong(number, own, "unknown_field", foreign, "does not belong here", hint)
    try:
        data = csv_columns.data_of({columns[name]: cell for name, cell in filled.items()})
    except ValueError as error:
        hint = f"Columns of one list need as many elements each, {csv_columns.SEPARATOR} between."
        problem = Problem("bad_value", f"The lists have unlike lengths: {error}.", hint)
        return ReadLine(number, own["id"], own["command"], None, (problem,))
    line = Line(number, orjson.dumps({**own, "data": data}))
    found = read(line, defaults)
    return found._replace(problems=tuple(map(_of_column, found.problems)))


@cache
def _columns(command: str) -> tuple[Column, ...]:
    return csv_columns.columns_of(names.named(command).model)


def _of_column(problem: Problem) -> Problem:
    """The problem with the column in place of the path in the JSON that was made of the row."""
    return problem._replace(
        field=_INDEX.sub("", problem.field).removeprefix("data."),
        message=_INDEX.sub("", problem.message).replace("data.", "column "),
    )


def _wrong(
    number: int, own: dict[str, str], code: str, column: str, what: str, hint: str
) -> ReadLine:
    problem = Problem(code, f"column {column} {what}.", hint, column)
    return ReadLine(number, own["id"], own["command"], None, (problem,))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _own_id(command: str, filled: dict[str, str]) -> str:
    """An id made of what the row says: the same row is the same command, wherever it stands."""
    said = repr((command, sorted(filled.items()))).encode("utf-8", "surrogateescape")
    return f"csv-{hashlib.sha256(said).hexdigest()[:24]}"
