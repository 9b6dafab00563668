"""Which events a reader asks for: the query of the dynamic consistency boundary (DESIGN §2.1).

An event matches a query without items, or when it matches one item: its type is among the item's
types (or the item names none) and it carries all of the item's tags.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class QueryItem(NamedTuple):
    """Types (any of) and tags (all of)."""

    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def matches(self, type_name: str, tags: Sequence[str]) -> bool:
        """Whether an event of this type with these tags is asked for."""
        return (not self.types or type_name in self.types) and set(self.tags) <= set(tags)


class Query(NamedTuple):
    """Any of the items; everything when there are none."""

    items: tuple[QueryItem, ...] = ()

    def matches(self, type_name: str, tags: Sequence[str]) -> bool:
        """Whether an event of this type with these tags is asked for."""
        return not self.items or any(item.matches(type_name, tags) for item in self.items)


EVERYTHING = Query()


def positions_sql(
    query: Query, type_ids: Callable[[str], int | None], after: int
) -> tuple[str, list[object]]:
    """SQL that selects the positions beyond ``after`` of the events asked for, and its values."""
    if not query.items:
        return "SELECT position FROM events WHERE position > ?", [after]
    parts, values = [], []
    for item in query.items:
        part, part_values = _item_sql(item, type_ids, after)
        parts.append(part)
        values += part_values
    return " UNION ".join(parts), values


def _item_sql(
    item: QueryItem, type_ids: Callable[[str], int | None], after: int
) -> tuple[str, list[object]]:
    known = [number for name in item.types if (number := type_ids(name)) is not None]
    marks = ", ".join("?" * len(known))
    typed = f" AND e.type IN ({marks})" if item.types else ""
    if not item.tags:
        if not item.types:
            return "SELECT position FROM events WHERE position > ?", [after]
        return f"SELECT e.position FROM events e WHERE e.position > ?{typed}", [after, *known]
    joins = "".join(
        f" JOIN event_tags t{n} ON t{n}.tag = ? AND t{n}.position = t0.position"
        for n in range(1, len(item.tags))
    )
    events = " JOIN events e ON e.position = t0.position" if item.types else ""
    sql = (
        f"SELECT t0.position FROM event_tags t0{joins}{events}"
        f" WHERE t0.tag = ? AND t0.position > ?{typed}"
    )
    return sql, [*item.tags[1:], item.tags[0], after, *known]
