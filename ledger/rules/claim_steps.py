"""How every step of a claim begins: the claim exists, the actor may, the state allows it."""

from __future__ import annotations

from collections.abc import Collection

from ledger.decision import Context, Facts
from ledger.decision_models.claim import CLAIM, Claim
from ledger.decision_models.draft import DRAFT
from ledger.decision_models.incentives import programmes_of
from ledger.refusal import Refused
from ledger.rules.drafts import sees
from ledger.rules.policy import ClaimState
from ledger.rules.roles import permit
from ledger.rules.separation import judge_apart
from ledger.rules.standing import living_claim


def partners_claim(facts: Facts, context: Context, command: str, claim: str) -> Claim:
    """The claim, for a step that its own partner location takes."""
    if facts(CLAIM, claim) is None:
        _not_a_draft(facts, context, command, claim)
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


def _not_a_draft(facts: Facts, context: Context, command: str, claim: str) -> None:
    """Tell the partner whose draft it is that it has to be submitted first; nobody else."""
    draft = facts(DRAFT, claim)
    if draft is None or not sees(facts, context, draft):
        return
    raise Refused(
        "wrong_state", command=command, claim=claim, state=draft.state, allowed="submitted"
    )


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
            allowed=" or ".join(spoken(state) for state in allowed) or "under another policy",
        )


def some_asked(claim: Claim, named: Collection[str]) -> tuple[str, ...]:
    """The slots named, or all that wait for a decision; others are refused as ``not_waiting``."""
    slots = tuple(dict.fromkeys(named)) or claim.asked
    if not set(slots) <= set(claim.asked):
        shown = ", ".join(claim.asked) or "nothing"
        raise Refused("not_waiting", claim=claim.claim, slots=", ".join(slots), asked=shown)
    return slots


def some_held(claim: Claim, named: Collection[str]) -> tuple[str, ...]:
    """The slots named, or all that the claim holds; others are refused as ``not_held``."""
    slots = tuple(dict.fromkeys(named)) or claim.held
    if not claim.held or not set(slots) <= set(claim.held):
        named_ones, held = ", ".join(slots) or "anything", ", ".join(claim.held) or "nothing"
        raise Refused("not_held", claim=claim.claim, slots=named_ones, held=held)
    return slots


def spoken(state: ClaimState) -> str:
    """A state in the words of people.

    >>> spoken(ClaimState.UNDER_REVIEW)
    'under review'
    """
    return state.replace("_", " ")
