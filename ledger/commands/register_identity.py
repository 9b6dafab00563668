"""Registering an identity of a partner."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.identity import IDENTITY
from ledger.rules.references import unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.parties import IdentityRegistered
from schemas.values import Id, TenantId


class RegisterIdentity(Command):
    """Make a partner's user or service principal known, which can link a partner id (PAL)."""

    NAME: ClassVar[str] = "identity.register"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "identity": "dev-1",
        "kind": "user",
        "location": "101",
    }
    identity: Id
    kind: Literal["user", "service_principal"]
    location: Id
    home_tenant: TenantId | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The registration; the id must be new and the location registered (domain.md §6.2)."""
        permit(facts, context, self.NAME, location=self.location)
        living_location(facts, self.location)
        unused(facts, IDENTITY, self.identity)
        event = IdentityRegistered(
            identity=self.identity,
            kind=self.kind,
            location=self.location,
            home_tenant=self.home_tenant,
        )
        return Decision(event, context.now_us)
