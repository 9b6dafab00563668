"""Conditions of a question, put together from what was asked; values are always bound."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]


def where(conditions: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """``WHERE`` and its values from ``condition -> value``; those asked with None are left out.

    A condition is SQL with one ``?`` per value; a tuple stands for several values.

    >>> where({"tenant = ?": "t", "partner = ?": None, "x < ? OR y < ?": (1, 2)})
    (' WHERE (tenant = ?) AND (x < ? OR y < ?)', ['t', 1, 2])
    """
    asked = {text: value for text, value in conditions.items() if value is not None}
    values = [part for value in asked.values() for part in _parts(value)]
    return (" WHERE " + " AND ".join(f"({text})" for text in asked) if asked else ""), values


def rows(views: sqlite3.Connection, sql: str, values: list[Any]) -> list[Row]:
    """The answer, one dict per row under the names of its columns."""
    cursor = views.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def one(views: sqlite3.Connection, sql: str, *values: Any) -> Row | None:
    """The first row of the answer, or None."""
    return next(iter(rows(views, sql, list(values))), None)


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
