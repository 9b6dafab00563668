"""Until when a loss may be disputed, and how often (domain.md §4.2, rows 9-10)."""

from __future__ import annotations

from datetime import datetime

from ledger.decision import Facts
from ledger.decision_models.calendar import deadline, silent_deadline
from ledger.decision_models.claim import Claim
from ledger.rules.policy import Policy


def dispute_until(facts: Facts, policy: Policy, claim: Claim, lost_us: int) -> datetime | None:
    """The end of the time to dispute a loss decided at an instant; None when the loss is final."""
    if claim.disputes >= policy.dispute.most:
        return None
    return deadline(facts, policy, lost_us, policy.dispute.within)


def silent_dispute_until(
    facts: Facts, policy: Policy, claim: Claim, lost_us: int
) -> datetime | None:
    """As ``dispute_until``, for a loss that the clock records."""
    if claim.disputes >= policy.dispute.most:
        return None
    return silent_deadline(facts, policy, lost_us, policy.dispute.within)
