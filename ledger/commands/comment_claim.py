"""Saying something about a claim."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.actor import ACTOR
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.rules.claim_steps import in_state, partners_claim
from ledger.rules.separation import judge_apart
from schemas.access import Role
from schemas.claims import ClaimCommented
from schemas.values import Comment, Id


class CommentClaim(Command):
    """Comment on a claim, as its partner or as a reviewer; its history shows the comment."""

    NAME: ClassVar[str] = "claim.comment"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "comment": "The customer signs next week.",
    }
    claim: Id
    comment: Comment

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The comment, in the states where the policy takes it (domain.md §4.2, Editing)."""
        claim = partners_claim(facts, context, self.NAME, self.claim)
        editing = policy_of(facts, claim.policy).editing
        by = _side(facts, context, claim)
        if by == "partner":
            in_state(claim, self.NAME, *editing.comments_of_partner)
        else:
            judge_apart(facts, context, claim)
            in_state(claim, self.NAME, *editing.comments_of_reviewer)
        event = ClaimCommented(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            by=by,
            comment=self.comment,
        )
        return Decision(event, context.now_us, claim.position)


def _side(facts: Facts, context: Context, claim: Claim) -> Literal["partner", "reviewer"]:
    """For whom the actor speaks: for the partner, where it has a role at its location."""
    actor = facts(ACTOR, context.actor)
    for role in (Role.INCENTIVE_ADMIN, Role.INCENTIVE_USER):
        if actor.holds(role, context.now_us, location=claim.location):
            return "partner"
    return "reviewer"
