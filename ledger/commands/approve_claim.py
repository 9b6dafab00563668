"""Approving a claim."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import in_state, judged_claim, some_asked
from ledger.rules.consent import awaits_yes, terms, yes_since_us
from ledger.rules.effective import effective_us
from ledger.rules.exclusivity import Reach, free_since, occupied, on_living_subscriptions, reach_of
from ledger.rules.policy import ClaimState, Policy
from ledger.rules.proof import complete
from schemas.claims import ClaimApproved
from schemas.time import iso
from schemas.values import Comment, Id, Instant, SlotName


class ApproveClaim(Command):
    """Accept a claim's proof: the partner holds its slots from now on, or from an earlier date.

    Of a claim for several slots, ``slots`` can name those that are approved first.
    """

    NAME: ClassVar[str] = "claim.approve"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "comment": "Proof complete."}
    claim: Id
    effective_at: Instant | None = None
    back_dated_because: Comment | None = None
    comment: Comment | None = None
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The approval, if every slot is free over the whole interval (domain.md §4.2, row 4)."""
        claim = judged_claim(facts, context, self.NAME, self.claim)
        in_state(claim, self.NAME, ClaimState.UNDER_REVIEW, ClaimState.DISPUTE)
        policy = policy_of(facts, claim.policy)
        since_us = self._since_us(context, policy, claim)
        asked = some_asked(claim, self.slots)
        reach = reach_of(policy, claim)
        _uncontested(facts, reach, claim.claim, asked)
        free_since(facts, reach, asked, since_us, holder_ends=False)
        on_living_subscriptions(facts, claim.slots_named(asked))
        complete(facts, policy, claim)
        consent = terms(facts, policy, claim, context.now_us)
        event = ClaimApproved(
            claim=claim.claim,
            tenant=claim.tenant,
            location=claim.location,
            slots=asked,
            consent_mode=consent.mode,
            awaits_yes=awaits_yes(consent.mode, claim),
            consent_closes=consent.closes,
            silence_confirms=consent.silence_confirms,
            back_dated_because=self.back_dated_because,
            comment=self.comment,
        )
        return Decision(event, since_us, claim.position)

    def _since_us(self, context: Context, policy: Policy, claim: Claim) -> int:
        since_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=yes_since_us(policy.consent.mode, claim),
            because="the customer's yes",
        )
        if since_us < context.now_us:
            if not policy.review.back_dating:
                raise Refused("back_dating_not_allowed", policy=policy.policy)
            if not self.back_dated_because:
                raise Refused("reason_needed", value=iso(since_us))
        return since_us


def _uncontested(facts: Facts, reach: Reach, claim: str, asked: tuple[str, ...]) -> None:
    taken = occupied(facts, reach, asked)
    if taken:
        slots, rivals = (", ".join(dict.fromkeys(names)) for names in zip(*taken, strict=True))
        raise Refused("contested", claim=claim, slots=slots, rivals=rivals)
