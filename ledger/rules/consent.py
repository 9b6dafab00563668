"""The customer's consent: how it is reached, while it can be refused, what a no undoes (§4.3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from ledger.decision import Facts
from ledger.decision_models.calendar import deadline
from ledger.decision_models.claim import Claim, Consent, SlotOutcome
from ledger.rules.policy import ClaimState, Policy
from ledger.rules.standing import claim_now, deleted_us, slot_now
from schemas.consent import Restored
from schemas.time import FOREVER_US, from_us
from schemas.values import ConsentMode


class Terms(NamedTuple):
    """How the consent to an approval is reached."""

    mode: ConsentMode
    closes: datetime | None
    silence_confirms: bool


def terms(facts: Facts, policy: Policy, claim: Claim, now_us: int) -> Terms:
    """The terms of an approval decided now.

    Silence confirms only where the notice can have reached the customer (DESIGN §6).
    """
    mode, window = policy.consent.mode, policy.consent.window
    silence = mode is not ConsentMode.EXPLICIT and claim.reachable
    if window is None:
        return Terms(mode, None, silence)
    start_us = now_us if policy.consent.starts == "approval" else claim.submitted_us
    closes = deadline(facts, policy, start_us, window)
    if claim.in_window:
        # One window at a time: slots approved while it is open share its later end.
        closes = max(closes, from_us(claim.consent_closes_us))
    return Terms(mode, closes, silence)


def awaits_yes(mode: ConsentMode, claim: Claim) -> bool | None:
    """Whether an approval now holds only from the customer's yes on; None where none is asked.

    A yes is said to the whole claim, and a no to any part of it takes it back: whoever approves
    the claim again needs another (DESIGN §6).
    """
    return claim.consent is not Consent.CONFIRMED if mode is ConsentMode.EXPLICIT else None


def yes_since_us(mode: ConsentMode, claim: Claim) -> int:
    """From when on a claim may hold for its customer: under explicit consent from the yes on."""
    asked = mode is ConsentMode.EXPLICIT and claim.consent is Consent.CONFIRMED
    return claim.consented_us if asked else 0


def settled(claim: Claim, now_us: int) -> bool:
    """Whether the customer said yes or the window closed in silence, recorded or not."""
    closed = claim.consent is Consent.WINDOW and claim.consent_closes_us <= now_us
    return closed or claim.consent in (Consent.CONFIRMED, Consent.PASSED)


def no_undoes(claim: Claim, judged_us: int) -> bool:
    """Whether a no at that instant ends a holding as of its beginning, not from then on."""
    if not deniable(claim):
        return False
    if claim.consent is Consent.NEEDED:
        return claim.consent_mode is not ConsentMode.DECLINE_ANY_TIME
    silent = claim.consent in (Consent.WINDOW, Consent.PASSED)
    return silent and judged_us < claim.consent_closes_us


def deniable(claim: Claim) -> tuple[str, ...]:
    """The slots that a no inside the present consent undoes: those lost to a rival, too."""
    replaced = claim.names(SlotOutcome.REPLACED)
    return (*claim.unsettled, *(slot for slot in replaced if slot not in claim.consented))


def window_beside(claim: Claim, lost: Collection[str]) -> datetime | None:
    """When the window closes for the slots that the claim keeps when it loses some.

    None where no silence is awaited for them.
    """
    keeps = set(claim.in_window).difference(lost)
    return from_us(claim.consent_closes_us) if keeps else None


def restored(facts: Facts, claim: Claim, slots: tuple[str, ...]) -> tuple[Restored, ...]:
    """Who holds the slots again when the claim never did: those it replaced, if still entitled."""
    found = []
    for slot in slots:
        before = slot_now(facts, slot).replaced_by(claim.claim)
        again = claim_now(facts, before) if before else None
        if again and deleted_us(facts, again) == FOREVER_US and _entitled(again, slot):
            # Its window, if that was still open, never stopped: a close missed meanwhile is due.
            waits = again.consent is Consent.WINDOW
            closes = from_us(again.consent_closes_us) if waits else None
            found.append(Restored(slot=slot, claim=before, consent_closes=closes))
    return tuple(found)


def _entitled(claim: Claim, slot: str) -> bool:
    outcome = claim.outcome(slot)
    disputes = outcome is SlotOutcome.ASKED and claim.state is ClaimState.DISPUTE
    return outcome is SlotOutcome.REPLACED or disputes
