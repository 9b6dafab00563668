"""Recording a deadline that passed in silence."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.disputes import silent_dispute_until
from ledger.rules.policy import ClaimState
from ledger.rules.standing import claim_now
from schemas.claims import ClaimLapsed
from schemas.consent import ConsentPassed
from schemas.time import from_us
from schemas.values import Id

CLOCK = "clock"
"""The actor of what happens because time passed."""


class RecordLapse(Command):
    """Record that a deadline of a claim passed: the partner's answer, or the consent window."""

    NAME: ClassVar[str] = "clock.lapse"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "name": "consent"}
    claim: Id
    name: Literal["answer", "consent"]

    def decide(self, facts: Facts, context: Context) -> Decision:
        """What the silence means, effective at the deadline (domain.md §4.2, rows 6 and 8)."""
        if context.actor != CLOCK:
            why = "only the ledger's own clock records that time passed"
            raise Refused(
                "not_permitted", actor=context.actor, command=self.NAME, why=why, who="nobody"
            )
        claim = claim_now(facts, self.claim)
        if claim is None:
            raise Refused("unknown_reference", what="claim", value=self.claim)
        if self.name == "answer":
            return self._answer(facts, context, claim)
        return self._consent(context, claim)

    def _answer(self, facts: Facts, context: Context, claim: Claim) -> Decision:
        due_us = claim.answer_due_us
        awaited = claim.state is ClaimState.PARTNER_ACTION_REQUIRED
        self._require_due(claim, awaited=awaited, due_us=due_us, now_us=context.now_us)
        policy = policy_of(facts, claim.policy)
        event = ClaimLapsed(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=claim.asked,
            due=from_us(due_us),
            dispute_until=silent_dispute_until(facts, policy, claim, due_us),
        )
        return Decision(event, due_us, claim.position)

    def _consent(self, context: Context, claim: Claim) -> Decision:
        due_us = claim.consent_closes_us
        self._require_due(
            claim, awaited=bool(claim.in_window), due_us=due_us, now_us=context.now_us
        )
        event = ConsentPassed(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=claim.in_window,
            due=from_us(due_us),
        )
        return Decision(event, due_us, claim.position)

    def _require_due(self, claim: Claim, *, awaited: bool, due_us: int, now_us: int) -> None:
        if not awaited or now_us < due_us:
            raise Refused("not_due", name=self.name, claim=claim.claim)
