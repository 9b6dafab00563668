"""Who may touch a draft: the incentive roles of its location; others don't learn that it exists."""

from __future__ import annotations

from ledger.decision import Context, Facts
from ledger.decision_models.draft import DRAFT, Draft
from ledger.decision_models.incentives import incentives, programmes_of
from ledger.refusal import Refused
from ledger.rules.policy import ClaimState
from ledger.rules.roles import permit
from schemas.values import Activity, SolutionArea


def sees(facts: Facts, context: Context, draft: Draft) -> bool:
    """Whether the actor knows of the draft: whoever may change it does, and nobody else."""
    try:
        _permit(facts, context, "claim.edit", draft)
    except Refused:
        return False
    return True


def own_draft(facts: Facts, context: Context, command: str, claim: str) -> Draft:
    """The draft, for a step that its own partner location takes."""
    draft = facts(DRAFT, claim)
    if draft is None or not sees(facts, context, draft):
        raise Refused("unknown_reference", what="draft", value=claim)
    _permit(facts, context, command, draft)
    _still_draft(draft, command)
    return draft


def draft_to_submit(facts: Facts, context: Context, command: str, claim: str) -> Draft | None:
    """The draft that a submission completes, if there is one; refused where it is another's."""
    draft = facts(DRAFT, claim)
    if draft is None or draft.state is ClaimState.SUBMITTED:
        return None
    if not sees(facts, context, draft):
        raise Refused("already_exists", what="claim", value=claim)
    _still_draft(draft, command)
    return draft


def location_named(claim: str, given: str | None, draft: Draft | None) -> str:
    """Whose claim it is: the location given, or that of the draft."""
    location = given or (draft.location if draft else None)
    if location is None:
        raise Refused("claim_incomplete", claim=claim, missing="location")
    return location


def _permit(facts: Facts, context: Context, command: str, draft: Draft) -> None:
    permit(
        facts,
        context,
        command,
        organisation=draft.organisation,
        location=draft.location,
        programmes=programmes_drafted(facts, draft.content.solution_area, draft.content.activity),
    )


def programmes_drafted(
    facts: Facts, area: SolutionArea | None, activity: Activity | None
) -> frozenset[str]:
    """The incentive programmes that a draft is about: every one while it does not say."""
    if area is None or activity is None:
        return frozenset(incentives(facts))
    return programmes_of(facts, area, activity)


def _still_draft(draft: Draft, command: str) -> None:
    if draft.state is not ClaimState.DRAFT:
        raise Refused(
            "wrong_state", command=command, claim=draft.claim, state=draft.state, allowed="a draft"
        )
