"""Which role table is in force: the shipped one until another is adopted (domain.md §2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import orjson

from ledger.decision import Fact, Model
from ledger.rules.role_table import Row, table
from schemas.access import RolesAdopted


class RoleTables(NamedTuple):
    """The rows in force, the name and hash of their table, and every name ever adopted."""

    roles: str = ""
    sha256: str = ""
    adopted: Mapping[str, Row] | None = None

    def row(self, command: str) -> Row:
        """The row of a command; ``KeyError`` for one that no table names."""
        found = self.adopted.get(command) if self.adopted else None
        return found or table()[command]


@lru_cache(maxsize=16)
def _parsed(rows: bytes) -> Mapping[str, Row]:
    return {name: Row.model_validate(entry) for name, entry in orjson.loads(rows).items()}


def _apply(_: RoleTables, fact: Fact) -> RoleTables:
    event = fact.event
    assert isinstance(event, RolesAdopted)
    rows = _parsed(orjson.dumps(event.content["rows"], option=orjson.OPT_SORT_KEYS))
    return RoleTables(event.roles, event.sha256, rows)


ROLE_TABLES = Model(
    name="role_tables", tag="roletables", types=(RolesAdopted,), start=RoleTables(), apply=_apply
)
"""The role table in force; key: ``all``."""
