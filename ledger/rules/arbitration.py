"""Who is in the way of a claim, what they were told, and how the sides compare (domain.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.decision import Context, Facts
from ledger.decision_models.arbitration import ARBITRATION
from ledger.decision_models.claim import Claim
from ledger.refusal import Refused
from ledger.rules.exclusivity import occupied, reach_of
from ledger.rules.policy import Policy
from ledger.rules.standing import living_claim
from schemas.time import iso

NEWER = {
    "challenger": "the challenger's acknowledgement is the newest",
    "incumbent": "an incumbent's acknowledgement is the newest",
    "equal": "the newest acknowledgements of both sides are of one day",
    "undated": "a side has no dated acknowledgement",
}
"""What the comparison of the newest proofs found."""

INSIDE = (
    "Both claims are of one organisation: they are no rivals, and the association moves inside it"
    " (domain.md §14.6)."
)


def contested(facts: Facts, policy: Policy, claim: Claim) -> dict[str, list[str]]:
    """The slots the claim asks for and others hold, each with the claims in its way.

    Refused as ``not_contested`` when there are none.
    """
    found: dict[str, list[str]] = {}
    for slot, rival in occupied(facts, reach_of(policy, claim), claim.asked):
        found.setdefault(slot, []).append(rival)
    if not found:
        raise Refused("not_contested", claim=claim.claim)
    return found


def outside(facts: Facts, claim: Claim, rivals: Iterable[str]) -> list[Claim]:
    """The claims among the rivals' that are of another organisation, without repeats."""
    found = [living_claim(facts, rival) for rival in dict.fromkeys(rivals)]
    return [rival for rival in found if rival.organisation != claim.organisation]


def may_be_replaced(
    facts: Facts, context: Context, policy: Policy, claim: Claim, rivals: Sequence[str]
) -> None:
    """Return only if every rival was told, and answered or let its time pass (domain.md §14.7).

    Refused as ``incumbent_not_told`` or ``incumbent_may_answer``. The time is judged by the
    deadline, whether or not the clock recorded the silence.
    """
    if policy.arbitration is None or not policy.arbitration.waits:
        return
    others = [rival.claim for rival in outside(facts, claim, rivals)]
    challenge = facts(ARBITRATION, claim.claim).own
    untold = [rival for rival in others if challenge is None or rival not in challenge.told]
    if untold:
        raise Refused("incumbent_not_told", claim=claim.claim, rivals=", ".join(untold))
    awaited = [rival for rival in others if challenge and rival in challenge.awaited]
    if challenge and awaited and context.now_us < challenge.due_us:
        raise Refused(
            "incumbent_may_answer",
            claim=claim.claim,
            rivals=", ".join(awaited),
            due=iso(challenge.due_us),
            now=iso(context.now_us),
        )


def compared(challenger: Claim, incumbents: Sequence[Claim]) -> str:
    """The rule's words for the comparison of the newest proof of each side (domain.md §5, 4)."""
    theirs = [side.proof.acknowledged_on for side in incumbents]
    own, dated = challenger.proof.acknowledged_on, [day for day in theirs if day]
    if own is None or len(dated) < len(theirs):
        found = "undated"
    elif own == max(dated):
        found = "equal"
    else:
        found = "challenger" if own > max(dated) else "incumbent"
    return f"The most recent proofs of both sides are compared (domain.md §5, 4): {NEWER[found]}."
