"""Deciding between a challenger and the holder of its slots."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.arbitration import ARBITRATION, Challenge
from ledger.decision_models.claim import Claim, Consent
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.arbitration import INSIDE, compared, contested, may_be_replaced, outside
from ledger.rules.claim_steps import in_state, judged_claim
from ledger.rules.consent import terms, window_beside, yes_since_us
from ledger.rules.disputes import dispute_until
from ledger.rules.effective import effective_us
from ledger.rules.exclusivity import (
    free_since,
    on_living_subscriptions,
    reach_of,
    vacated,
)
from ledger.rules.policy import ClaimState
from ledger.rules.proof import complete
from ledger.rules.standing import living_claim
from schemas.disputes import ArbitrationDecided, ComparedProof
from schemas.values import Comment, ConsentMode, Id, Instant, SlotName


class DecideArbitration(Command):
    """Decide who holds contested slots: the challenger (``claim``) or the incumbent.

    A winning challenger gets every slot that its claim still asks for, free ones too; ``slots`` can
    name some that the incumbent keeps, to be decided first.
    """

    NAME: ClassVar[str] = "arbitration.decide"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-2",
        "outcome": "incumbent_stays",
        "reason": "The incumbent's acknowledgement is the more recent one.",
    }
    claim: Id
    outcome: Literal["incumbent_stays", "challenger_wins"]
    reason: Comment
    effective_at: Instant | None = None
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _winner_takes_all(self) -> Self:
        if self.slots and self.outcome == "challenger_wins":
            raise ValueError(
                "slots can be named only for incumbent_stays: decide those the incumbent keeps"
                " first, then let the challenger win the rest"
            )
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """One event that ends the loser and starts the winner at one instant (domain.md §5)."""
        claim = judged_claim(facts, context, self.NAME, self.claim)
        in_state(claim, self.NAME, ClaimState.UNDER_REVIEW, ClaimState.DISPUTE)
        if self.outcome == "challenger_wins":
            return self._challenger_wins(facts, context, claim)
        return self._incumbent_stays(facts, context, claim)

    def _incumbent_stays(self, facts: Facts, context: Context, claim: Claim) -> Decision:
        policy = policy_of(facts, claim.policy)
        found = contested(facts, policy, claim)
        slots = tuple(dict.fromkeys(self.slots)) or tuple(found)
        if not set(slots) <= set(found):
            names, known_ones = ", ".join(slots), ", ".join(found)
            raise Refused("not_asked", claim=claim.claim, slots=names, contested=known_ones)
        event = ArbitrationDecided(
            tenant=claim.tenant,
            challenger=_compared(claim),
            slots=slots,
            outcome="incumbent_stays",
            reason=self.reason,
            dispute_until=dispute_until(facts, policy, claim, context.now_us),
            closed=set(slots) == set(found) or None,
            **_sides(facts, claim, [rival for slot in slots for rival in found[slot]]),
        )
        at_us = effective_us(context, self.NAME, self.effective_at)
        return Decision(event, at_us, claim.position)

    def _challenger_wins(self, facts: Facts, context: Context, claim: Claim) -> Decision:
        policy = policy_of(facts, claim.policy)
        rivals = [rival for slot in contested(facts, policy, claim).values() for rival in slot]
        reach = reach_of(policy, claim)
        since_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=yes_since_us(policy.consent.mode, claim),
            because="the customer's yes",
        )
        free_since(facts, reach, claim.asked, since_us, holder_ends=True)
        on_living_subscriptions(facts, claim.slots_named(claim.asked))
        complete(facts, policy, claim)
        if policy.consent.mode is ConsentMode.EXPLICIT and claim.consent is not Consent.CONFIRMED:
            # The loser ends and the winner starts at one instant; so the yes has to be there.
            raise Refused("customers_yes_first", policy=policy.policy, claim=claim.claim)
        may_be_replaced(facts, context, policy, claim, rivals)
        consent = terms(facts, policy, claim, context.now_us)
        beside = vacated(facts, reach, claim.asked, rivals)
        sides = _sides(facts, claim, rivals, loses=(*claim.asked, *beside))
        inside = sides["same_organisation"]
        event = ArbitrationDecided(
            tenant=claim.tenant,
            challenger=_compared(claim),
            slots=claim.asked,
            outcome="challenger_wins",
            reason=self.reason,
            dispute_until=None if inside else _losers_dispute_until(facts, context, rivals),
            consent_mode=consent.mode,
            consent_closes=consent.closes,
            silence_confirms=consent.silence_confirms,
            vacated=beside or None,
            **sides,
        )
        return Decision(event, since_us, claim.position)


def _sides(
    facts: Facts, claim: Claim, rivals: Sequence[str], loses: Collection[str] = ()
) -> dict[str, Any]:
    """The incumbents, and by which rule they are compared with the claim.

    With what is lost, each carries the window that goes on for what it keeps.
    """
    sides = [living_claim(facts, rival) for rival in dict.fromkeys(rivals)]
    inside = not outside(facts, claim, rivals)
    told = facts(ARBITRATION, claim.claim).own
    return {
        "incumbents": tuple(_incumbent(side, told, loses) for side in sides),
        "rule": INSIDE if inside else compared(claim, sides),
        "same_organisation": inside or None,
    }


def _incumbent(side: Claim, told: Challenge | None, loses: Collection[str]) -> ComparedProof:
    answer = None
    if told and side.claim in told.told:
        answer = "silent" if side.claim in told.awaited else "answered"
    closes = window_beside(side, loses) if loses else None
    return _compared(side).model_copy(update={"consent_closes": closes, "answer": answer})


def _compared(claim: Claim) -> ComparedProof:
    return ComparedProof(
        claim=claim.claim,
        location=claim.location,
        acknowledged_on=claim.proof.acknowledged_on,
        documents=claim.proof.documents,
    )


def _losers_dispute_until(facts: Facts, context: Context, losers: Sequence[str]) -> datetime | None:
    """The latest end among the losers' own times to dispute; None when no loser may."""
    ends = []
    for loser in losers:
        claim = living_claim(facts, loser)
        policy = policy_of(facts, claim.policy)
        ends.append(dispute_until(facts, policy, claim, context.now_us))
    return max((end for end in ends if end), default=None)
