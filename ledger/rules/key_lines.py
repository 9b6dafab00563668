r"""Where in the text of a TOML or JSON file a key stands, so that what is wrong names its line.

No parser of ours: the text was read by the libraries before; this only looks for a known path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Path = Sequence[str | int]
Place = tuple[str | int, ...]

_STRING = r'"""[\s\S]*?"""|' + r"'''[\s\S]*?'''" + r'|"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'"
_TOML = re.compile(rf"#[^\n]*|{_STRING}|[\[\]{{}}=,\n]|[^\s\[\]{{}}=,#\"']+")
_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')


def line_of(text: str, path: Path, *, as_json: bool) -> int:
    r"""The line (from 1) at which ``path`` stands, or else the nearest thing above it.

    >>> line_of('[review]\nanswer = "x"\n', ("review", "answer"), as_json=False)
    2
    >>> line_of('{\n "review": {\n  "answer": 1}}', ("review", "answer"), as_json=True)
    3
    >>> line_of(
    ...     "[[m]]\nid = 1\n[[m]]\nt = [\n {x = 1},\n {x = 2}]", ("m", 1, "t", 1), as_json=False
    ... )
    6
    """
    lines = lines_of(text, as_json=as_json)
    at = tuple(path)
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


def lines_of(text: str, *, as_json: bool) -> dict[Place, int]:
    """The line of every table, key and element of a list, by its path."""
    lines: dict[Place, int] = {}
    for place, line in (_Json if as_json else _Toml)(text).places():
        lines.setdefault(place, line)
    return lines


class _Scan:
    """The marks of a text (brackets, separators, strings, bare words), and where it stands."""

    marks_of: re.Pattern[str]
    separator: str

    def __init__(self, text: str) -> None:
        self._marks: list[tuple[str, int]] = []
        line, counted = 1, 0
        for found in self.marks_of.finditer(text):
            line += text.count("\n", counted, found.start())
            counted = found.start()
            if not found.group().startswith("#"):
                self._marks.append((found.group(), line))
        self._at = 0

    def places(self) -> Iterator[tuple[Place, int]]:
        """Every table, key and element of a list with its line, in the order of the text."""
        raise NotImplementedError

    def _more(self) -> bool:
        return self._at < len(self._marks)

    @property
    def _mark(self) -> str:
        return self._marks[self._at][0]

    @property
    def _line(self) -> int:
        return self._marks[self._at][1]

    def _names(self, until: str) -> Place:
        """The dotted name up to a mark, which is passed."""
        parts: list[str] = []
        while self._more() and self._mark != until:
            quoted = self._mark[0] in "\"'"
            parts += [self._mark[1:-1]] if quoted else [p for p in self._mark.split(".") if p]
            self._at += 1
        self._at += 1
        return tuple(parts)

    def _key(self, above: Place) -> Iterator[tuple[Place, int]]:
        line = self._line
        here = (*above, *self._names(self.separator))
        yield here, line
        yield from self._value(here)

    def _value(self, here: Place) -> Iterator[tuple[Place, int]]:
        """What the value here holds: elements of lists, keys of tables."""
        if not self._more() or self._mark not in ("[", "{"):
            self._at += 1
            return
        listed, count = self._mark == "[", 0
        self._at += 1
        while self._more() and self._mark not in ("]", "}"):
            if self._mark in (",", "\n"):
                self._at += 1
            elif listed:
                yield (*here, count), self._line
                yield from self._value((*here, count))
                count += 1
            else:
                yield from self._key(here)
        self._at += 1


class _Json(_Scan):
    marks_of, separator = _JSON, ":"

    def places(self) -> Iterator[tuple[Place, int]]:
        yield from self._value(())


class _Toml(_Scan):
    marks_of, separator = _TOML, "="

    def places(self) -> Iterator[tuple[Place, int]]:
        table: Place = ()
        last: dict[Place, int] = {}
        while self._more():
            if self._mark == "\n":
                self._at += 1
            elif self._mark == "[":
                line = self._line
                table = self._header(last)
                yield table, line
            else:
                yield from self._key(table)

    def _header(self, last: dict[Place, int]) -> Place:
        """The table a header begins; a list of tables on the way stands for its last element."""
        self._at += 1
        listed = self._mark == "["
        self._at += listed
        names = self._names("]")
        self._at += listed
        path: Place = ()
        for name in names[:-1]:
            path += (name,)
            path += (last[path],) if path in last else ()
        path += names[-1:]
        if listed:
            last[path] = last.get(path, -1) + 1
            path += (last[path],)
        return path
