"""Answering a challenge as the incumbent."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.arbitration import ARBITRATION, Challenge
from ledger.refusal import Refused
from ledger.rules.claim_steps import partners_claim
from ledger.rules.proof import not_dated_ahead
from ledger.rules.standing import claim_now
from schemas.disputes import ArbitrationAnswered
from schemas.time import iso
from schemas.values import Comment, Id, Proof


class AnswerArbitration(Command):
    """Answer a challenge of what a claim holds, perhaps with a fresher proof."""

    NAME: ClassVar[str] = "arbitration.answer"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "statement": "We still run the service; the customer signed for it again.",
        "proof": {
            "documents": [{"title": "Statement of work, third year", "sha256": "ef" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2021-03-02",
        },
    }
    claim: Id
    statement: Comment
    proof: Proof | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The answer to all open challenges, in time; it names no rival (domain.md §5, §14.2)."""
        claim = partners_claim(facts, context, self.NAME, self.claim)
        open_ones = [one for one in facts(ARBITRATION, self.claim).against if _open(facts, one)]
        if not open_ones:
            raise Refused("not_challenged", claim=self.claim)
        in_time = [one for one in open_ones if context.now_us < one.due_us]
        if not in_time:
            due, now = iso(max(one.due_us for one in open_ones)), iso(context.now_us)
            raise Refused("challenge_answer_late", claim=self.claim, due=due, now=now)
        if self.proof:
            not_dated_ahead(context, self.proof)
        settled = [one.challenger for one in in_time if _last(facts, one, self.claim)]
        event = ArbitrationAnswered(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            statement=self.statement,
            proof=self.proof,
            challengers=tuple(one.challenger for one in in_time),
            settled=tuple(settled),
        )
        return Decision(event, context.now_us, claim.position)


def _open(facts: Facts, challenge: Challenge) -> bool:
    """Whether the challenger still asks for anything."""
    challenger = claim_now(facts, challenge.challenger)
    return challenger is not None and bool(challenger.asked)


def _last(facts: Facts, challenge: Challenge, claim: str) -> bool:
    """Whether no other incumbent's answer is awaited."""
    own = facts(ARBITRATION, challenge.challenger).own
    return own is None or not own.answered_by(claim).awaited
