"""Which claims end when the subscription that they hold is over (domain.md §4.2 row 14, §4.4)."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.decision import Facts
from ledger.decision_models.claim import CLAIM
from ledger.rules.consent import window_beside
from ledger.rules.references import known
from ledger.rules.standing import slot_now
from schemas.subscriptions import EndedClaim


def ended_claims(facts: Facts, slots: Sequence[str]) -> tuple[EndedClaim, ...] | None:
    """The claims that hold one of the slots, or wait for the customer's yes to hold it."""
    holding = dict.fromkeys(claim for slot in slots for claim in slot_now(facts, slot).occupants())
    ended = tuple(
        EndedClaim(claim=claim, consent_closes=window_beside(known(facts, CLAIM, claim), slots))
        for claim in holding
    )
    return ended or None
