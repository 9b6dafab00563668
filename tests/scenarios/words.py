"""How scenarios spell things: fields, values, instants, and customers by their nicknames."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from schemas.time import from_iso, from_us, iso

NICKNAMES = {
    "contoso": "00000000-0000-4000-8000-0000000000c1",
    "fabrikam": "00000000-0000-4000-8000-0000000000f1",
    "northwind": "00000000-0000-4000-8000-0000000000a1",
}
"""Customers that scenarios call by name; their tenant ids are written and read for them."""

REPORTED = (
    "CustomerTenantId",
    "CustomerName",
    "WorkloadName",
    "MonthlyActiveUsers",
    "PaidAvailableUnits",
    "Date",
)
"""The columns of the usage reports that scenarios write."""

INSTANT = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"
"""A day, or a day and a time in UTC: ``2023-11-20``, ``2023-11-20 10:00``."""

_AGO = re.compile(r"\{(\d+) days ago\}")
_OPEN, _CLOSE = "[{", "]}"


def instant(text: str) -> str:
    """An instant as commands take it; a day alone is its first moment.

    >>> instant("2023-11-20"), instant("2023-11-20 10:00"), instant("2023-11-20T10:00:01Z")
    ('2023-11-20T00:00:00Z', '2023-11-20T10:00:00Z', '2023-11-20T10:00:01Z')
    """
    day, _, time = text.removesuffix("Z").replace("T", " ").partition(" ")
    hours = time or "00:00"
    return f"{day}T{hours}{':00' if hours.count(':') == 1 else ''}Z"


def instant_or_day(text: str) -> str:
    """An instant as questions take it: a day stays a day, which asks for its last moment.

    >>> instant_or_day("2023-11-20"), instant_or_day("2023-11-20 10:00"), instant_or_day("17")
    ('2023-11-20', '2023-11-20T10:00:00Z', '17')
    """
    return instant(text) if " " in text or "T" in text else text


def reported(row: dict[str, str]) -> tuple[str, ...]:
    """A row of a usage report, from a table's ``month customer workload seats users``.

    >>> reported(
    ...     {
    ...         "month": "2023-10",
    ...         "customer": "contoso",
    ...         "workload": "teams",
    ...         "seats": "620",
    ...         "users": "560",
    ...     }
    ... )[2:]
    ('teams', '560', '620', '2023-10-01')
    """
    tenant = NICKNAMES[row["customer"]]
    month = f"{row['month']}-01"
    return (tenant, row["customer"].title(), row["workload"], row["users"], row["seats"], month)


def fields(text: str) -> dict[str, str]:
    """The fields of a line such as ``claim=C-1 workloads=[teams, exchange] comment="Two words"``.

    >>> fields('claim=C-1 workloads=[teams, exchange] comment="Two words"')
    {'claim': 'C-1', 'workloads': '[teams, exchange]', 'comment': 'Two words'}
    """
    found = {}
    for word in split(text, " "):
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ValueError(f"{word!r} is no field; write name=value")
        found[name] = json.loads(value) if value.startswith('"') else value
    return found


def split(text: str, between: str) -> Iterator[str]:
    """The parts between separators that stand outside of brackets and quotes."""
    part, depth, quoted = "", 0, False
    for n, sign in enumerate(text):
        if sign == '"' and text[n - 1 : n] != "\\":
            quoted = not quoted
        depth += 0 if quoted else (sign in _OPEN) - (sign in _CLOSE)
        if sign == between and not depth and not quoted:
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += sign
    if part.strip():
        yield part.strip()


def items(text: str) -> list[str]:
    """The items of a list in brackets, or the one item there is.

    >>> items("[teams, exchange]"), items("teams"), items("[]")
    (['teams', 'exchange'], ['teams'], [])
    """
    return list(split(text[1:-1], ",")) if text.startswith("[") and text.endswith("]") else [text]


def typed(text: str, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """A value as a field of that JSON schema takes it: text stays text, the rest is JSON."""
    kinds = set(_kinds(schema, whole))
    if "array" in kinds and text.startswith("["):
        (inner,) = [one for one in _choices(schema, whole) if one.get("type") == "array"]
        return [typed(item, inner.get("items", {}), whole) for item in items(text)]
    if "object" in kinds and text.startswith("{"):
        return json.loads(text)
    if kinds & {"integer", "number", "boolean"}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    if _is_instant(schema, whole) and re.fullmatch(INSTANT, text):
        return instant(text)
    return json.loads(text) if text.startswith('"') else text


def _choices(schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        yield from _choices(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _choices(choice, whole)
    if "type" in schema:
        yield schema


def _kinds(schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    return (choice["type"] for choice in _choices(schema, whole))


def _is_instant(schema: dict[str, Any], whole: dict[str, Any]) -> bool:
    return any(choice.get("format") == "date-time" for choice in _choices(schema, whole))


def with_ids(value: Any, name: str = "") -> Any:
    """The same with tenant ids in place of nicknames: in fields about tenants, and inside names.

    >>> with_ids({"tenant": "contoso", "name": "contoso", "slot": "cpor:m365:fabrikam:teams"})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'tenant': '00000000-0000-4000-8000-0000000000c1', 'name': 'contoso',
     'slot': 'cpor:m365:00000000-0000-4000-8000-0000000000f1:teams'}
    """
    if isinstance(value, dict):
        return {key: with_ids(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [with_ids(each, name) for each in value]
    if not isinstance(value, str):
        return value
    if "tenant" in name or name == "to":
        return NICKNAMES.get(value, value)
    if ":" not in value:
        return value
    return ":".join(NICKNAMES.get(part, part) for part in value.split(":"))


def with_nicknames(value: Any) -> Any:
    """The same with nicknames in place of tenant ids, wherever they stand."""
    if isinstance(value, dict):
        return {key: with_nicknames(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [with_nicknames(each) for each in value]
    if isinstance(value, str):
        for nickname, tenant in NICKNAMES.items():
            value = value.replace(tenant, nickname)
    return value


def days_ago(value: Any, at: str) -> Any:
    """The same with ``{30 days ago}`` as the day so long before an instant."""
    if isinstance(value, dict):
        return {key: days_ago(each, at) for key, each in value.items()}
    if isinstance(value, list):
        return [days_ago(each, at) for each in value]
    if isinstance(value, str):
        day = from_us(from_iso(at))
        return _AGO.sub(lambda n: (day - timedelta(days=int(n[1]))).date().isoformat(), value)
    return value


def at_path(value: Any, path: str) -> Any:
    """What stands at a dotted path; a list on the way is looked into item by item.

    >>> at_path({"slots": [{"outcome": "held"}, {"outcome": "asked"}]}, "slots.outcome")
    ['held', 'asked']
    """
    name, _, rest = path.partition(".")
    if isinstance(value, list) and not name.isdecimal():
        return [at_path(each, path) for each in value]
    if isinstance(value, list):
        found = value[int(name)] if int(name) < len(value) else None
    elif isinstance(value, dict):
        if name not in value:
            raise ValueError(f"there is no {name!r}; there are {', '.join(map(str, value))}")
        found = value[name]
    else:
        raise ValueError(f"{value!r} has no {name!r}")  # noqa: TRY004  wrong words, not wrong types
    return at_path(found, rest) if rest else found


def same(expected: str, found: Any) -> bool:
    """Whether a value is what a scenario wrote for it.

    >>> same("[teams, exchange]", ["teams", "exchange"]), same("nothing", None), same("1", 1)
    (True, True, True)
    >>> same("2023-11-20 10:00", "2023-11-20T10:00:00Z"), same("*", "anything")
    (True, True)
    """
    if expected == "*":
        return found is not None
    if isinstance(found, list):
        wanted = items(expected) if expected.startswith("[") else [expected]
        return len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(found, dict):
        return bool(json.loads(expected) == found)
    if found is None:
        return expected in ("nothing", "nobody", "null", "")
    if isinstance(found, bool):
        return expected in (str(found).lower(), "yes" if found else "no")
    return expected == str(found) or _same_instant(expected, str(found))


def _same_instant(expected: str, found: str) -> bool:
    if not re.fullmatch(INSTANT, expected):
        return False
    try:
        return iso(from_iso(instant(expected))) == iso(from_iso(found))
    except ValueError:
        return False
