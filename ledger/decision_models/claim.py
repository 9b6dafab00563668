"""A claim as its events leave it: state, what became of each slot, deadlines, proof and consent.

States are those of domain.md §4.1. A claim whose slots fare differently is pending as long as one
is asked for, and approved as long as one is held.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ledger.decision import Fact, Model
from ledger.rules.policy import ClaimState
from schemas.claims import (
    ClaimActionRequested,
    ClaimApproved,
    ClaimDisassociated,
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
from schemas.time import to_us
from schemas.values import Activity, ConsentMode, Proof, ProofElement, Slot, SolutionArea


class SlotOutcome(StrEnum):
    """What became of a slot that a claim asked for."""

    ASKED = "asked"
    AWAITING_CONSENT = "awaiting_consent"
    HELD = "held"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    DECLINED = "declined"
    GIVEN_BACK = "given_back"
    REPLACED = "replaced"


LOST = frozenset(
    {SlotOutcome.REJECTED, SlotOutcome.LAPSED, SlotOutcome.DECLINED, SlotOutcome.REPLACED}
)
"""The outcomes that may be disputed."""


class Consent(StrEnum):
    """How far the customer's consent has come.

    ``window``: silence will confirm when it closes. ``standing``: given by silence, may be taken
    back at any time. ``needed``: only the customer's own yes will do.
    """

    NONE = "none"
    WINDOW = "window"
    STANDING = "standing"
    NEEDED = "needed"
    PASSED = "passed"
    CONFIRMED = "confirmed"


class Delivered(NamedTuple):
    """The proof so far: elements of all its parts, the newest acknowledgement, its documents."""

    elements: frozenset[ProofElement]
    acknowledged_on: date | None
    documents: int

    @classmethod
    def of(cls, proof: Proof) -> Delivered:
        """A proof that stands alone."""
        return cls(frozenset(proof.elements), proof.acknowledged_on, len(proof.documents))

    def and_also(self, proof: Proof) -> Delivered:
        """This proof with a later one beside it."""
        dates = [day for day in (self.acknowledged_on, proof.acknowledged_on) if day]
        elements = self.elements.union(proof.elements)
        return Delivered(elements, max(dates, default=None), self.documents + len(proof.documents))


class Claim(NamedTuple):
    """A claim at the head of the log; instants in microseconds UTC, 0 where there is none."""

    claim: str
    tenant: str
    location: str
    organisation: str
    policy: str
    solution_area: SolutionArea
    activity: Activity
    slots: tuple[Slot, ...]
    outcomes: tuple[SlotOutcome, ...]
    state: ClaimState
    position: int
    submitted_us: int
    proof: Delivered
    reachable: bool
    answer_due_us: int = 0
    lapsed: bool = False
    dispute_until_us: int = 0
    disputes: int = 0
    consent: Consent = Consent.NONE
    consent_mode: ConsentMode | None = None
    consent_closes_us: int = 0
    consented_us: int = 0

    def names(self, *outcomes: SlotOutcome) -> tuple[str, ...]:
        """The slots with one of these outcomes, in the claim's order."""
        return tuple(
            slot.slot
            for slot, outcome in zip(self.slots, self.outcomes, strict=True)
            if outcome in outcomes
        )

    @property
    def asked(self) -> tuple[str, ...]:
        """The slots that still wait for a decision."""
        return self.names(SlotOutcome.ASKED)

    @property
    def held(self) -> tuple[str, ...]:
        """The slots that were approved and not lost since, consented or not."""
        return self.names(SlotOutcome.HELD, SlotOutcome.AWAITING_CONSENT)

    @property
    def in_window(self) -> tuple[str, ...]:
        """The slots that silence confirms when the consent window closes."""
        return self.held if self.consent is Consent.WINDOW else ()

    @property
    def lost(self) -> tuple[str, ...]:
        """The slots that a dispute would ask for again."""
        return self.names(*LOST)

    def outcome(self, slot: str) -> SlotOutcome | None:
        """What became of a slot; None where the claim never asked for it."""
        for asked, outcome in zip(self.slots, self.outcomes, strict=True):
            if asked.slot == slot:
                return outcome
        return None

    def turned(
        self, slots: Collection[str], outcome: SlotOutcome, end: ClaimState, **changes: Any
    ) -> Claim:
        """This claim after some slots had an outcome; ``end`` is its state if that was the last."""
        outcomes = tuple(
            outcome if slot.slot in slots else old
            for slot, old in zip(self.slots, self.outcomes, strict=True)
        )
        if SlotOutcome.ASKED in outcomes:
            state = self.state
        elif SlotOutcome.HELD in outcomes or SlotOutcome.AWAITING_CONSENT in outcomes:
            state = ClaimState.APPROVED
        else:
            state = end
        return self._replace(outcomes=outcomes, state=state, **changes)


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
        proof=Delivered.of(event.proof),
        reachable=not event.contact_in_partner_domain,
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
        dispute_until_us=0,
    )


def _proof_added(claim: Claim, _: Fact, event: ClaimProofAdded) -> Claim:
    return claim._replace(proof=claim.proof.and_also(event.proof))


def _answered_challenge(claim: Claim, _: Fact, event: ArbitrationAnswered) -> Claim:
    if event.claim != claim.claim or event.proof is None:
        return claim
    return claim._replace(proof=claim.proof.and_also(event.proof))


def _approved(claim: Claim, fact: Fact, event: ClaimApproved) -> Claim:
    said_yes = claim.consent is Consent.CONFIRMED
    waits = event.consent_mode is ConsentMode.EXPLICIT and not said_yes
    outcome = SlotOutcome.AWAITING_CONSENT if waits else SlotOutcome.HELD
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


def _rejected(claim: Claim, _: Fact, event: ClaimRejected) -> Claim:
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
    return claim.turned(
        event.slots,
        SlotOutcome.DECLINED,
        _final_unless(event.dispute_until),
        dispute_until_us=_us(event.dispute_until),
        consent=Consent.NONE,
    )


def _bounced(claim: Claim, _: Fact, __: NoticeBounced) -> Claim:
    silent = claim.consent in (Consent.WINDOW, Consent.STANDING)
    return claim._replace(reachable=False, consent=Consent.NEEDED if silent else claim.consent)


def _arbitrated(claim: Claim, fact: Fact, event: ArbitrationDecided) -> Claim:
    wins = event.outcome == "challenger_wins"
    until_us = _us(event.dispute_until)
    if event.challenger.claim != claim.claim:
        if not wins:
            return claim
        ended = set(claim.held).intersection(event.slots)
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
    ClaimApproved: _approved,
    ClaimRejected: _rejected,
    ClaimLapsed: _lapsed,
    ClaimDisassociated: _disassociated,
    ClaimDisputed: _disputed,
    ConsentConfirmed: _confirmed,
    ConsentPassed: _passed,
    ConsentDeclined: _declined,
    NoticeBounced: _bounced,
    ArbitrationAnswered: _answered_challenge,
    ArbitrationDecided: _arbitrated,
}


def _apply(claim: Claim | None, fact: Fact) -> Claim | None:
    event = fact.event
    if isinstance(event, ClaimSubmitted):
        return _submitted(fact, event)
    assert claim is not None, "a claim begins with its submission"
    after = _FOLDS[type(event)](claim, fact, event)
    # The folds of every claim's way set it themselves: each new tuple of these costs.
    if after.position == fact.position:
        return after
    return after._replace(position=fact.position)


CLAIM: Model[Claim | None] = Model(
    name="claim", tag="claim", types=(ClaimSubmitted, *_FOLDS), start=None, apply=_apply
)
"""The claim, or None while nobody submitted it; key: the claim id."""
