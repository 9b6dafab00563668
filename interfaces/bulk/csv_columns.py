"""The columns of a command in a CSV: one a field, inner fields dotted, lists with ``;`` between.

``claim.submit`` has ``customer_contact.name``, ``workloads`` (``teams;exchange``), and for its
documents ``proof.documents.title`` and ``proof.documents.sha256``, whose n-th elements belong
together. A cell that begins with ``[`` or ``{`` is read as JSON where a list or an object is
wanted, so that nothing is out of reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel

SEPARATOR = ";"
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")

Path = tuple[str, ...]


class Column(NamedTuple):
    """A field: where it stands, what its cells hold, and how deep the list lies that it is of.

    ``listed`` is the length of the path to a list of objects; 0 where there is none. ``many`` says
    that the cell itself is a list.
    """

    path: Path
    kind: str
    many: bool = False
    listed: int = 0

    @property
    def name(self) -> str:
        """What stands in the header."""
        return ".".join(self.path)


def columns_of(model: type[BaseModel]) -> tuple[Column, ...]:
    """Every column that a command of the model can have, in the order of its fields."""
    schema = model.model_json_schema()
    return tuple(_columns(schema, schema.get("$defs", {}), (), 0))


def _columns(
    found: Mapping[str, Any], inner: Mapping[str, Any], path: Path, listed: int
) -> Iterator[Column]:
    for name, declared in found.get("properties", {}).items():
        here, kind = (*path, name), _resolved(declared, inner)
        if kind.get("properties"):
            yield from _columns(kind, inner, here, listed)
        elif kind.get("type") == "array":
            yield from _list(_resolved(kind.get("items", {}), inner), inner, here, listed)
        else:
            yield Column(here, _kind(kind), listed=listed)


def _list(
    items: Mapping[str, Any], inner: Mapping[str, Any], here: Path, listed: int
) -> Iterator[Column]:
    if listed:  # a list within a list: as JSON
        yield Column(here, "json", listed=listed)
    elif items.get("properties"):
        yield from _columns(items, inner, here, len(here))
    else:
        yield Column(here, _kind(items), many=True)


def _resolved(declared: Mapping[str, Any], inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """The declaration without references, and without the null that an optional field adds."""
    while True:
        if "$ref" in declared:
            declared = inner[declared["$ref"].rpartition("/")[2]]
            continue
        ways = [each for each in declared.get("anyOf", ()) if each.get("type") != "null"]
        if len(ways) != 1:
            return declared
        declared = ways[0]


def _kind(found: Mapping[str, Any]) -> str:
    kind = found.get("type", "string" if "enum" in found or "const" in found else "json")
    return "json" if kind in ("object", "array") else str(kind)


def data_of(cells: Mapping[Column, str]) -> dict[str, Any]:
    """The command's data from its filled cells.

    What a cell holds that its field can't be is left as text, for the command's own model to
    refuse. Raises ``ValueError`` where the lists of one group have unlike lengths.
    """
    data: dict[str, Any] = {}
    groups: dict[Path, dict[Column, list[str]]] = {}
    for column, text in cells.items():
        if column.listed:
            parts = [part.strip() for part in text.split(SEPARATOR)]
            groups.setdefault(column.path[: column.listed], {})[column] = parts
        else:
            _put(data, column.path, _cell(column, text))
    for place, group in groups.items():
        _put(data, place, _objects(group))
    return data


def _objects(group: Mapping[Column, list[str]]) -> list[dict[str, Any]]:
    counts = {column.name: len(parts) for column, parts in group.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise ValueError(told)
    found: list[dict[str, Any]] = [{} for _ in range(next(iter(counts.values())))]
    for column, parts in group.items():
        for each, text in zip(found, parts, strict=True):
            if text:
                _put(each, column.path[column.listed :], _value(column.kind, text))
    return found


def _cell(column: Column, text: str) -> Any:
    if column.many:
        if text.startswith("["):
            return _json(text)
        parts = (part.strip() for part in text.split(SEPARATOR))
        return [_value(column.kind, part) for part in parts if part]
    return _value(column.kind, text)


def _value(kind: str, text: str) -> Any:
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and _DECIMAL.fullmatch(text):
        return float(text)
    if kind == "boolean":
        return _TRUTH.get(text.lower(), text)
    return _json(text) if kind == "json" else text


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _put(data: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


def cells_of(data: Mapping[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    """The data of a command as cells, by the names of their columns: ``data_of`` the other way."""
    return {column.name: value for column in columns if (value := _taken(data, column)) is not None}


def _taken(data: Mapping[str, Any], column: Column) -> Any:
    place = column.path[: column.listed] if column.listed else column.path
    found: Any = data
    for name in place:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    if not column.listed:
        return found
    rest = column.path[column.listed :]
    return [_inner(each, rest) for each in found]


def _inner(found: Any, rest: Path) -> Any:
    for name in rest:
        found = found.get(name, "") if isinstance(found, Mapping) else ""
    return found
