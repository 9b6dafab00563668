"""Where in the text of a TOML or JSON file a key stands, so that what is wrong names its line.

No parser of ours: the text was read by the libraries before; this only looks for a known path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

Path = Sequence[str | int]

_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:\"[^\"]*\"|[A-Za-z0-9_.-])+)\s*=")


def line_of(text: str, path: Path, *, as_json: bool) -> int:
    r"""The line (from 1) at which the key of ``path`` stands, or else the nearest above it.

    >>> line_of('[review]\nanswer = "x"\n', ("review", "answer"), as_json=False)
    2
    >>> line_of('{\n "review": {\n  "answer": 1}}', ("review", "answer"), as_json=True)
    3
    """
    keys = [str(part) for part in path if isinstance(part, str)]
    lines = dict(_json_keys(text) if as_json else _toml_keys(text))
    while keys:
        if tuple(keys) in lines:
            return lines[tuple(keys)]
        keys.pop()
    return 1


def _toml_keys(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _dotted(header[1])
            yield table, number
        elif key:
            yield (*table, *_dotted(key[1])), number


def _dotted(name: str) -> tuple[str, ...]:
    return tuple(part.strip('" ') for part in re.findall(r'"[^"]*"|[^.]+', name))


def _json_keys(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every key of objects in objects, by the strings that a colon follows."""
    path: list[str] = []
    pending = ""
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}:\[\]]', text):
        mark, line = found.group(), text.count("\n", 0, found.start()) + 1
        if mark.startswith('"'):
            pending = json.loads(mark)
        elif mark == ":":
            yield (*(name for name in path if name), pending), line
        elif mark in "{[":
            path.append(pending)
            pending = ""
        else:
            path.pop()
