"""Telling the incumbents that another claims what they hold."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.arbitration import contested, outside
from ledger.rules.calendar import parse_term
from ledger.rules.claim_steps import in_state, judged_claim
from ledger.rules.policy import ClaimState
from schemas.disputes import ArbitrationOpened, Side
from schemas.values import Comment, Id

_TERM = parse_term("5 business days")
"""For claims under a policy that was adopted before incumbents were told (domain.md §5, 3)."""


class OpenArbitration(Command):
    """Tell the holders of what a claim asks for; each may answer until a deadline."""

    NAME: ClassVar[str] = "arbitration.open"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-2",
        "comment": "Please send your most recent proof for Teams.",
    }
    claim: Id
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """Who is told of what, and until when each may answer (domain.md §5, 2-3; §14.7).

        It can be done again, with a new deadline, when more is asked for or the holder changed.
        """
        claim = judged_claim(facts, context, self.NAME, self.claim)
        in_state(claim, self.NAME, ClaimState.UNDER_REVIEW, ClaimState.DISPUTE)
        policy = policy_of(facts, claim.policy)
        found = contested(facts, policy, claim)
        rivals = outside(facts, claim, [one for rivals in found.values() for one in rivals])
        if not rivals:
            raise Refused("rivals_of_one_organisation", claim=claim.claim, slots=", ".join(found))
        told = {rival.claim for rival in rivals}
        term = policy.arbitration.incumbent_answer if policy.arbitration else _TERM
        event = ArbitrationOpened(
            tenant=claim.tenant,
            challenger=Side(claim=claim.claim, location=claim.location),
            incumbents=tuple(Side(claim=one.claim, location=one.location) for one in rivals),
            slots=tuple(slot for slot, holders in found.items() if told.intersection(holders)),
            comment=self.comment,
            answer_due=deadline(facts, policy, context.now_us, term),
        )
        return Decision(event, context.now_us, claim.position)
