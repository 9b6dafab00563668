"""How every step of a claim begins: the claim exists, the actor may, the state allows it."""

from __future__ import annotations

from ledger.decision import Context, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.incentives import programmes_of
from ledger.refusal import Refused
from ledger.rules.policy import ClaimState
from ledger.rules.roles import permit
from ledger.rules.separation import judge_apart
from ledger.rules.standing import living_claim


def partners_claim(facts: Facts, context: Context, command: str, claim: str) -> Claim:
    """The claim, for a step that its own partner location takes."""
    found = living_claim(facts, claim)
    permit(
        facts,
        context,
        command,
        organisation=found.organisation,
        location=found.location,
        programmes=programmes_of(facts, found.solution_area, found.activity),
    )
    return found


def judged_claim(facts: Facts, context: Context, command: str, claim: str) -> Claim:
    """The claim, for a step that a reviewer without interest in it takes."""
    found = living_claim(facts, claim)
    permit(facts, context, command)
    judge_apart(facts, context, found)
    return found


def customers_claim(facts: Facts, context: Context, command: str, claim: str) -> Claim:
    """The claim, for a step that its customer takes."""
    found = living_claim(facts, claim)
    permit(facts, context, command, tenant=found.tenant)
    return found


def in_state(claim: Claim, command: str, *allowed: ClaimState) -> None:
    """Refuse, as ``wrong_state``, a step that the claim's state does not allow."""
    if claim.state not in allowed:
        raise Refused(
            "wrong_state",
            command=command,
            claim=claim.claim,
            state=spoken(claim.state),
            allowed=" or ".join(spoken(state) for state in allowed),
        )


def spoken(state: ClaimState) -> str:
    """A state in the words of people.

    >>> spoken(ClaimState.UNDER_REVIEW)
    'under review'
    """
    return state.replace("_", " ")
