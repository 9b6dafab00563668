"""Deleting an identity: its attribution stops for good."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.identity import IDENTITY
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.directory import IdentityDeleted
from schemas.values import Id, Instant


class DeleteIdentity(Command):
    """Record that an identity was deleted; what its links measure stops for good."""

    NAME: ClassVar[str] = "identity.delete"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "identity": "dev-1",
        "effective_at": "2021-04-01T00:00:00Z",
    }
    identity: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of its attribution (domain.md §6.2)."""
        found = known(facts, IDENTITY, self.identity)
        permit(facts, context, self.NAME, location=found.location)
        if found.state == "deleted":
            raise Refused(
                "identity_state", identity=self.identity, state=found.state, command=self.NAME
            )
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.since_us,
            because=f"since when it is {found.state}",
        )
        return Decision(IdentityDeleted(identity=self.identity, location=found.location), at_us)
