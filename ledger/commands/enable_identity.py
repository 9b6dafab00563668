"""Enabling a disabled identity: its attribution resumes."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.identity import IDENTITY
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.references import known
from ledger.rules.roles import permit
from schemas.directory import IdentityEnabled
from schemas.values import Id, Instant


class EnableIdentity(Command):
    """Record that a disabled identity can sign in again; what its links measure resumes."""

    NAME: ClassVar[str] = "identity.enable"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "identity": "dev-1",
        "effective_at": "2021-03-15T00:00:00Z",
    }
    identity: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The return of its attribution; a deleted identity stays deleted (domain.md §6.2 [P])."""
        found = known(facts, IDENTITY, self.identity)
        permit(facts, context, self.NAME, location=found.location)
        if found.state != "disabled":
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
        return Decision(IdentityEnabled(identity=self.identity, location=found.location), at_us)
