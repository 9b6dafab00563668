"""Erasing a person."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.person import PERSON_ERASED
from ledger.refusal import Refused
from ledger.rules.references import still_in_force
from ledger.rules.roles import permit
from schemas.persons import PersonErased
from schemas.time import FOREVER_US
from schemas.values import Id


class ErasePerson(Command):
    """Erase a person: its key is destroyed, and its contacts can't be read any more, by anybody.

    Name the key as `attribution person keys` lists it. Every proof still verifies.
    """

    NAME: ClassVar[str] = "person.erase"
    EXAMPLE: ClassVar[dict[str, Any]] = {"key": "p-0123456789abcdef"}
    key: Id
    reason: Literal["asked", "retention", "mistake"] = "asked"

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The erasure; whoever keeps the keys destroys the key once this is durable (DESIGN §8)."""
        permit(facts, context, self.NAME)
        erased_us = facts(PERSON_ERASED, self.key)
        still_in_force("person", self.key, erased_us or FOREVER_US)
        if not context.holds_key(self.key):
            raise Refused("unknown_reference", what="person key", value=self.key)
        return Decision(PersonErased(key=self.key, reason=self.reason), context.now_us)
