"""The role table: who may do what, as it ships and as an operator adopts another (domain.md §2).

The shipped table is ``roles.toml``. Where the sources disagree, ``role_tables/`` holds a variant
for each page of them: the rows that differ, which an adoption lays over the shipped table.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from ledger.errors import BadInputError
from schemas.access import Role
from schemas.values import Id, Text, Value

BUILTIN = ("SHIPPED", "CREATE_PAGE", "MANAGE_PAGE", "PERMISSIONS_PAGE")
"""The shipped tables; a variant has the name of the page of the sources that says it."""

LASTING = ("roles.adopt", "role.grant operator", "role.revoke operator")
"""Rows that no adopted table may change: a ledger never loses the way back."""

_MOST_HOURS = 24 * 90


class Relation(StrEnum):
    """How the scope of a role must relate to what a command is about."""

    ANY = "any"
    OWN_LOCATION = "own_location"
    OWN_ORGANISATION = "own_organisation"
    OWN_TENANT = "own_tenant"


class Row(Value):
    """The roles that may do a command, and whether the identity it is about may do it itself.

    ``after_hours`` is how long a role that this row grants takes to propagate; only rows of
    ``role.grant`` have it.
    """

    may: Mapping[Role, Relation] = Field(min_length=1)
    itself: bool = False
    after_hours: Annotated[int, Field(ge=0, le=_MOST_HOURS)] = 0
    source: Text


class RoleTable(Value):
    """A role table as a file states it: its name, and the rows that differ from the shipped."""

    roles: Id
    title: Text
    rows: dict[str, Row]

    @model_validator(mode="after")
    def _rows_can_change(self) -> Self:
        for name, row in self.rows.items():
            if name not in table():
                near = get_close_matches(name, table(), n=1)
                also = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"there is no row {name!r}{also}")
            if name in LASTING:
                raise ValueError(f"the row {name!r} can't be changed: a ledger keeps its operator")
            if row.after_hours and not name.startswith("role.grant "):
                raise ValueError(f"{name!r} grants no role, so it has no after_hours")
        return self


@cache
def table() -> Mapping[str, Row]:
    """The shipped role table: a row for each command (``role.grant X`` for each role)."""
    text = files("ledger.rules").joinpath("roles.toml").read_text("utf-8")
    rows = {name: Row.model_validate(entry) for name, entry in tomllib.loads(text).items()}
    return MappingProxyType(rows)


def parse(content: Mapping[str, Any]) -> RoleTable:
    """The role table that a content states; ``BadInputError`` names key, value and the fault."""
    try:
        return RoleTable.model_validate(content)
    except ValidationError as error:
        raise _bad(error) from error


def builtin(name: str) -> dict[str, Any]:
    """The content of a shipped variant; ``BadInputError`` for an unknown name."""
    if name.upper() not in BUILTIN:
        raise BadInputError(
            f"There is no shipped role table {name!r}.",
            hint=f"Shipped are {', '.join(BUILTIN)}; or give your own as content.",
            code="unknown_builtin",
        )
    path = files("ledger.rules").joinpath("role_tables", f"{name.lower()}.toml")
    return tomllib.loads(path.read_text("utf-8"))


def whole(changed: RoleTable) -> dict[str, Any]:
    """The content of an adoption: every row in force, the changed ones laid over the shipped."""
    rows = {**table(), **changed.rows}
    return {
        "roles": changed.roles,
        "title": changed.title,
        "rows": {
            name: row.model_dump(mode="json", exclude_defaults=True) for name, row in rows.items()
        },
    }


def _bad(error: ValidationError) -> BadInputError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "the content"
    shown = "is missing" if first["type"] == "missing" else f"is {_short(first['input'])}"
    fault = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    return BadInputError(
        f"In the role table, {key} {shown}: {fault}." + (f" {more} more like it." if more else ""),
        hint="Compare with a shipped one: ledger/rules/roles.toml, ledger/rules/role_tables.",
        code="bad_role_table",
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
