"""Recording that a licensing agreement ended."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.agreement import AGREEMENT
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.agreements import AgreementEnded
from schemas.values import Id, Instant


class EndAgreement(Command):
    """Record the end of an agreement; its TPOR associations end with it."""

    NAME: ClassVar[str] = "agreement.end"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "agreement": "EA-1",
        "effective_at": "2023-06-30T00:00:00Z",
    }
    agreement: Id
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end, not before the signature and the amendments (domain.md §6)."""
        found = known(facts, AGREEMENT, self.agreement)
        permit(facts, context, self.NAME, tenant=found.tenant)
        still_in_force("agreement", self.agreement, found.ended_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.changed_us,
            because="its signature or last amendment",
        )
        return Decision(AgreementEnded(agreement=self.agreement, tenant=found.tenant), at_us)
