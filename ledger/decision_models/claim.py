"""How each event leaves a claim: the fold of every step of domain.md §4.2."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ledger.decision import Fact, Model
from ledger.decision_models.claim_state import LOST, Claim, Consent, Delivered, SlotOutcome
from ledger.rules.policy import ClaimState
from schemas.claims import (
    ClaimActionRequested,
    ClaimAmended,
    ClaimApproved,
    ClaimDisassociated,
    ClaimImported,
    ClaimLapsed,
    ClaimProofAdded,
    ClaimRejected,
    ClaimResubmitted,
    ClaimReviewStarted,
    ClaimSubmitted,
)
from schemas.consent import ConsentConfirmed, ConsentDeclined, ConsentPassed, NoticeBounced
from schemas.disputes import ArbitrationAnswered, ArbitrationDecided, ClaimDisputed
from schemas.event import Event
from schemas.migrations import CustomerMigrated
from schemas.subscriptions import SubscriptionEnded, SubscriptionMoved
from schemas.time import to_us
from schemas.values import ConsentMode, Slot

__all__ = ["CLAIM", "LOST", "Claim", "Consent", "Delivered", "SlotOutcome"]

_ONCE_HELD = (SlotOutcome.HELD, SlotOutcome.AWAITING_CONSENT, SlotOutcome.REPLACED)


def _us(instant: datetime | None) -> int:
    return 0 if instant is None else to_us(instant)


def _final_unless(disputable: datetime | None) -> ClaimState:
    return ClaimState.REJECTED if disputable else ClaimState.REJECTED_FINAL


def _submitted(fact: Fact, event: ClaimSubmitted) -> Claim:
    return Claim(
        claim=event.claim,
        tenant=event.tenant,
        location=event.location,
        organisation=event.organisation,
        policy=event.policy,
        solution_area=event.solution_area,
        activity=event.activity,
        slots=event.slots,
        outcomes=(SlotOutcome.ASKED,) * len(event.slots),
        state=ClaimState.SUBMITTED,
        position=fact.position,
        submitted_us=fact.effective_at_us,
        first_submitted_us=fact.effective_at_us,
        proof=Delivered.of(event.proof),
        reachable=not event.contact_in_partner_domain,
    )


def _imported(fact: Fact, event: ClaimImported) -> Claim:
    return Claim(
        claim=event.claim,
        tenant=event.tenant,
        location=event.location,
        organisation=event.organisation,
        policy=event.policy,
        solution_area=event.solution_area,
        activity=event.activity,
        slots=event.slots,
        outcomes=(SlotOutcome.HELD,) * len(event.slots),
        state=ClaimState.APPROVED,
        position=fact.position,
        submitted_us=fact.effective_at_us,
        first_submitted_us=fact.effective_at_us,
        proof=Delivered(frozenset(), None, 0),
        reachable=True,
        consent=Consent.PASSED,
        consented_us=fact.effective_at_us,
    )


def _review_started(claim: Claim, fact: Fact, _: ClaimReviewStarted) -> Claim:
    return claim._replace(state=ClaimState.UNDER_REVIEW, position=fact.position)


def _action_requested(claim: Claim, _: Fact, event: ClaimActionRequested) -> Claim:
    return claim._replace(
        state=ClaimState.PARTNER_ACTION_REQUIRED, answer_due_us=_us(event.answer_due)
    )


def _resubmitted(claim: Claim, fact: Fact, event: ClaimResubmitted) -> Claim:
    # An answer that came in time but was keyed in late undoes the lapse recorded meanwhile.
    again = claim._replace(state=ClaimState.SUBMITTED).turned(
        claim.names(SlotOutcome.LAPSED), SlotOutcome.ASKED, ClaimState.SUBMITTED
    )
    return again._replace(
        submitted_us=fact.effective_at_us,
        proof=Delivered.of(event.proof),
        lapsed=False,
        dispute_until_us=claim.dispute_until_us if again.lost else 0,
    )


def _proof_added(claim: Claim, _: Fact, event: ClaimProofAdded) -> Claim:
    return claim._replace(proof=claim.proof.and_also(event.proof))


def _answered_challenge(claim: Claim, _: Fact, event: ArbitrationAnswered) -> Claim:
    if event.claim != claim.claim or event.proof is None:
        return claim
    return claim._replace(proof=claim.proof.and_also(event.proof))


def _approved(claim: Claim, fact: Fact, event: ClaimApproved) -> Claim:
    awaits_yes = event.awaits_yes
    if awaits_yes is None:
        said_yes = claim.consent is Consent.CONFIRMED
        awaits_yes = event.consent_mode is ConsentMode.EXPLICIT and not said_yes
    outcome = SlotOutcome.AWAITING_CONSENT if awaits_yes else SlotOutcome.HELD
    begun = _consent_begun(claim, fact, event)
    return claim.turned(event.slots, outcome, ClaimState.APPROVED, position=fact.position, **begun)


def _consent_begun(
    claim: Claim, fact: Fact, event: ClaimApproved | ArbitrationDecided
) -> dict[str, Any]:
    """What changes about a claim's consent when it is approved or wins its arbitration."""
    mode = event.consent_mode
    changes: dict[str, Any] = {
        "consent_mode": mode,
        "consent_closes_us": _us(event.consent_closes),
    }
    changes["consented"] = _consented_before(claim, event.slots)
    if mode is ConsentMode.EXPLICIT and claim.consent is Consent.CONFIRMED:
        consent = Consent.CONFIRMED
    elif mode is ConsentMode.EXPLICIT or not event.silence_confirms:
        consent = Consent.NEEDED
    elif mode is ConsentMode.OPT_OUT_WINDOW:
        consent = Consent.WINDOW
    else:
        consent = Consent.STANDING
        changes["consented_us"] = fact.recorded_at_us
    return {"consent": consent, **changes}


def _consented_before(claim: Claim, begun: tuple[str, ...]) -> tuple[str, ...]:
    """The slots whose consent was settled when that of ``begun`` began."""
    before = claim.consented
    if claim.consent is Consent.PASSED or claim.consent is Consent.CONFIRMED:
        before += claim.names(*_ONCE_HELD)
    return tuple(slot for slot in dict.fromkeys(before) if slot not in begun)


def _rejected(claim: Claim, _: Fact, event: ClaimRejected) -> Claim:
    if event.held:
        # At its own partner's request: nothing that could be disputed was lost.
        return claim.turned(event.slots, SlotOutcome.GIVEN_BACK, ClaimState.REJECTED_FINAL)
    return claim.turned(
        event.slots,
        SlotOutcome.REJECTED,
        _final_unless(event.dispute_until),
        dispute_until_us=_us(event.dispute_until),
    )


def _lapsed(claim: Claim, _: Fact, event: ClaimLapsed) -> Claim:
    return claim.turned(
        event.slots,
        SlotOutcome.LAPSED,
        _final_unless(event.dispute_until),
        dispute_until_us=_us(event.dispute_until),
        lapsed=True,
    )


def _disassociated(claim: Claim, _: Fact, event: ClaimDisassociated) -> Claim:
    return claim.turned(event.slots, SlotOutcome.GIVEN_BACK, ClaimState.REJECTED_FINAL)


def _amended(claim: Claim, _: Fact, event: ClaimAmended) -> Claim:
    # Slots that are no longer asked for stay on the claim, so that its history can be told.
    known = {slot.slot for slot in claim.slots}
    added = tuple(slot for slot in event.slots if slot.slot not in known)
    wanted = {slot.slot for slot in event.slots}
    slots = (*claim.slots, *added)
    outcomes = (*claim.outcomes, *(SlotOutcome.ASKED,) * len(added))
    changed = claim._replace(location=event.location, slots=slots, outcomes=outcomes)
    if event.contact_in_partner_domain is not None:
        changed = changed._replace(reachable=not event.contact_in_partner_domain)
    withdrawn = [name for name in changed.names(SlotOutcome.WITHDRAWN) if name in wanted]
    again = changed.turned(withdrawn, SlotOutcome.ASKED, claim.state)
    gone = [name for name in claim.asked if name not in wanted]
    return again.turned(gone, SlotOutcome.WITHDRAWN, claim.state)


def _migrated(claim: Claim, _: Fact, event: CustomerMigrated) -> Claim:
    """The claim holds at the other tenant; no longer here where all users left (§14.9)."""
    own = [one for one in event.followed if one.claim == claim.claim]
    new = [one for one in own if one.to and claim.outcome(one.to) is None]
    settled = [one.to for one in own if one.to and one.slot in claim.consented]
    after = claim._replace(
        slots=(*claim.slots, *(Slot(slot=one.to or "", workload=one.workload) for one in new)),
        outcomes=(*claim.outcomes, *(SlotOutcome.HELD for _ in new)),
        consented=(*claim.consented, *settled),
    ).turned([one.to for one in own if one.to], SlotOutcome.HELD, claim.state)
    if event.users is not None:
        return after
    left = [one.slot for one in own]
    stays = set(claim.held) - set(left)
    tenant = claim.tenant if stays else event.to
    return after._replace(tenant=tenant).turned(left, SlotOutcome.MOVED, claim.state)


def _subscription_ended(
    claim: Claim, _: Fact, event: SubscriptionEnded | SubscriptionMoved
) -> Claim:
    over = set(claim.held).intersection(event.slots)
    return claim.turned(over, SlotOutcome.ENDED, ClaimState.ENDED) if over else claim


def _disputed(claim: Claim, _: Fact, event: ClaimDisputed) -> Claim:
    reopened = claim._replace(state=ClaimState.DISPUTE).turned(
        claim.lost, SlotOutcome.ASKED, ClaimState.DISPUTE
    )
    proof = claim.proof.and_also(event.proof) if event.proof else claim.proof
    return reopened._replace(
        disputes=claim.disputes + 1, dispute_until_us=0, proof=proof, lapsed=False
    )


def _confirmed(claim: Claim, fact: Fact, _: ConsentConfirmed) -> Claim:
    awaiting = claim.names(SlotOutcome.AWAITING_CONSENT)
    return claim.turned(
        awaiting,
        SlotOutcome.HELD,
        claim.state,
        consent=Consent.CONFIRMED,
        consented_us=fact.recorded_at_us,
    )


def _passed(claim: Claim, _: Fact, event: ConsentPassed) -> Claim:
    return claim._replace(consent=Consent.PASSED, consented_us=_us(event.due))


def _declined(claim: Claim, _: Fact, event: ConsentDeclined) -> Claim:
    if event.claim != claim.claim:
        regained = tuple(back.slot for back in event.restored if back.claim == claim.claim)
        return claim.turned(regained, SlotOutcome.HELD, ClaimState.APPROVED)
    left = claim.turned(
        event.slots,
        SlotOutcome.DECLINED,
        _final_unless(event.dispute_until),
        dispute_until_us=_us(event.dispute_until),
    )
    if left.unsettled and claim.consent in (Consent.WINDOW, Consent.NEEDED, Consent.STANDING):
        return left  # the customer named some slots; its consent to the others goes on
    # What is still held was consented to before the consent that was refused now. A yes to the
    # whole claim is taken back: whoever is approved again needs another.
    return left._replace(consent=Consent.PASSED if left.held else Consent.NONE)


def _bounced(claim: Claim, _: Fact, __: NoticeBounced) -> Claim:
    silent = claim.consent in (Consent.WINDOW, Consent.STANDING)
    return claim._replace(reachable=False, consent=Consent.NEEDED if silent else claim.consent)


def _arbitrated(claim: Claim, fact: Fact, event: ArbitrationDecided) -> Claim:
    wins = event.outcome == "challenger_wins"
    until_us = _us(event.dispute_until)
    if event.challenger.claim != claim.claim:
        if not wins:
            return claim
        ended = set(claim.held).intersection((*event.slots, *(event.vacated or ())))
        return claim.turned(
            ended, SlotOutcome.REPLACED, ClaimState.REPLACED, dispute_until_us=until_us
        )
    if not wins:
        end = _final_unless(event.dispute_until)
        return claim.turned(event.slots, SlotOutcome.REJECTED, end, dispute_until_us=until_us)
    begun = _consent_begun(claim, fact, event)
    return claim.turned(event.slots, SlotOutcome.HELD, ClaimState.APPROVED, **begun)


_FOLDS: dict[type[Event], Callable[[Claim, Fact, Any], Claim]] = {
    ClaimReviewStarted: _review_started,
    ClaimActionRequested: _action_requested,
    ClaimResubmitted: _resubmitted,
    ClaimProofAdded: _proof_added,
    ClaimAmended: _amended,
    SubscriptionEnded: _subscription_ended,
    SubscriptionMoved: _subscription_ended,
    ClaimApproved: _approved,
    ClaimRejected: _rejected,
    ClaimLapsed: _lapsed,
    ClaimDisassociated: _disassociated,
    ClaimDisputed: _disputed,
    ConsentConfirmed: _confirmed,
    ConsentPassed: _passed,
    ConsentDeclined: _declined,
    NoticeBounced: _bounced,
    CustomerMigrated: _migrated,
    ArbitrationAnswered: _answered_challenge,
    ArbitrationDecided: _arbitrated,
}


def _apply(claim: Claim | None, fact: Fact) -> Claim | None:
    event = fact.event
    if isinstance(event, ClaimSubmitted):
        return _submitted(fact, event)
    if isinstance(event, ClaimImported):
        return _imported(fact, event)
    assert claim is not None, "a claim begins with its submission"
    after = _FOLDS[type(event)](claim, fact, event)
    # The folds of every claim's way set it themselves: each new tuple of these costs.
    if after.position == fact.position:
        return after
    return after._replace(position=fact.position)


CLAIM: Model[Claim | None] = Model(
    name="claim",
    tag="claim",
    types=(ClaimSubmitted, ClaimImported, *_FOLDS),
    start=None,
    apply=_apply,
)
"""The claim, or None while nobody submitted it; key: the claim id."""
