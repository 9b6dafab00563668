"""Recording that incumbents let their time to answer a challenge pass."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.arbitration import ARBITRATION
from ledger.refusal import Refused
from ledger.rules.standing import claim_now
from schemas.disputes import ArbitrationUnanswered, Side
from schemas.time import from_us
from schemas.values import Id

CLOCK = "clock"
"""The actor of what happens because time passed."""


class RecordSilence(Command):
    """Record that the incumbents of an arbitration did not answer in time."""

    NAME: ClassVar[str] = "clock.silence"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-2", "name": "incumbent"}
    claim: Id
    name: Literal["incumbent"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The silence, effective at the deadline; from then on it blocks nobody (§14.7)."""
        if context.actor != CLOCK:
            why = "only the ledger's own clock records that time passed"
            raise Refused(
                "not_permitted", actor=context.actor, command=self.NAME, why=why, who="nobody"
            )
        claim, challenge = claim_now(facts, self.claim), facts(ARBITRATION, self.claim).own
        if claim is None or challenge is None or context.now_us < challenge.due_us:
            raise Refused("not_due", name=self.name, claim=self.claim)
        awaited = challenge.awaited if claim.asked else ()
        silent = [found for one in awaited if (found := claim_now(facts, one))]
        event = ArbitrationUnanswered(
            tenant=claim.tenant,
            challenger=Side(claim=claim.claim, location=claim.location),
            silent=tuple(Side(claim=one.claim, location=one.location) for one in silent),
            due=from_us(challenge.due_us),
        )
        return Decision(event, challenge.due_us, claim.position)
