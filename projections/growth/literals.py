"""How values and names are written for ClickHouse, so that no input can change a statement.

Parameters are bound by the engine in its text form: escaped for a text, quoted inside an array.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

Parameter = str | int | date | Sequence[str] | Sequence[date]
"""What a question may bind to ``{name:Type}``."""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"})


def parameter(value: Parameter) -> str:
    r"""The text ClickHouse reads back as exactly ``value``.

    >>> parameter("a\tb"), parameter(["it's"]), parameter(date(2023, 1, 1)), parameter(-5)
    ('a\\tb', "['it\\'s']", '2023-01-01', '-5')
    """
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return f"[{','.join(quoted(_text(one)) for one in value)}]"


def _text(value: str | date) -> str:
    return value if isinstance(value, str) else value.isoformat()


_IF = re.compile(r".*-- if (\w+)\n?")


def asked(sql: str, params: Mapping[str, Parameter]) -> str:
    r"""The statement without the lines that end in ``-- if NAME`` where that parameter is empty.

    To plan a condition that holds of everything takes ClickHouse longer than to read a partner's
    rows, so a short question leaves it out.

    >>> asked("SELECT 1\nWHERE a IN {a:Array(String)}  -- if a\n", {"a": ()})
    'SELECT 1\n'
    """

    def needed(line: str) -> bool:
        found = _IF.fullmatch(line)
        return found is None or bool(params[found[1]])

    return "".join(filter(needed, sql.splitlines(keepends=True)))


_PLACE = re.compile(r"\{(\w+):([A-Za-z0-9_() ,]+)\}")


def bound(sql: str, params: Mapping[str, Parameter]) -> str:
    r"""The statement with every ``{name:Type}`` written as a literal of that type.

    For servers that take no parameters of their own. A value can't end its literal.

    >>> bound("SELECT {a:String}, {b:Array(Date)}", {"a": "it's", "b": [date(2023, 1, 1)]})
    "SELECT CAST('it\\'s', 'String'), CAST('[\\'2023-01-01\\']', 'Array(Date)')"
    """

    def literal(place: re.Match[str]) -> str:
        value, kind = params[place[1]], place[2]
        text = value if isinstance(value, str) else parameter(value)
        return f"CAST({quoted(text)}, {quoted(kind)})"

    return _PLACE.sub(literal, sql)


def quoted(text: str) -> str:
    r"""A SQL string literal that means exactly ``text``.

    >>> quoted("it's"), quoted("a\\b")
    ("'it\\'s'", "'a\\\\b'")
    """
    return "'" + text.translate(_ESCAPES).replace("'", "\\'") + "'"


def name(identifier: str) -> str:
    """``identifier`` itself when it is a plain lower-case name; else raises ``ValueError``.

    >>> name("increments_raw")
    'increments_raw'
    """
    if not _NAME.fullmatch(identifier):
        raise ValueError(f"{identifier!r} is not a plain lower-case SQL name")
    return identifier
