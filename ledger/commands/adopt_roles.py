"""Adopting a role table."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import PrivateAttr, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.role_tables import ROLE_TABLES
from ledger.refusal import Refused
from ledger.rules import role_table
from ledger.rules.content import digest
from ledger.rules.role_table import RoleTable
from ledger.rules.roles import permit
from schemas.access import RolesAdopted
from schemas.values import Content


class AdoptRoles(Command):
    """Adopt a role table, in force from now on: a shipped variant by name, or one of your own.

    It states the rows that differ from the shipped table; the event embeds the table whole.
    """

    NAME: ClassVar[str] = "roles.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {"builtin": "CREATE_PAGE"}
    builtin: str | None = None
    content: Content | None = None

    _table: RoleTable = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        if (self.builtin is None) == (self.content is None):
            raise ValueError("give either builtin, the name of a shipped role table, or content")
        content = role_table.builtin(self.builtin) if self.builtin else dict(self.content or {})
        self._table = role_table.parse(content)
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, the whole table embedded, so that a replay knows it (DESIGN §5)."""
        permit(facts, context, self.NAME)
        content = role_table.whole(self._table)
        sha256 = digest(content)
        if facts(ROLE_TABLES, "all").sha256 == sha256:
            raise Refused("roles_already_adopted", roles=self._table.roles)
        event = RolesAdopted(roles=self._table.roles, content=content, sha256=sha256)
        return Decision(event, context.now_us)
