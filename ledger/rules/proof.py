"""When a proof of execution is complete and fresh enough to be accepted (domain.md §3.4)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from ledger.decision import Context, Facts
from ledger.decision_models.claim import Claim
from ledger.decision_models.customer import CUSTOMER
from ledger.refusal import Refused
from ledger.rules.policy import Policy
from schemas.time import from_us
from schemas.values import Activity, Proof, ProofElement


def not_dated_ahead(context: Context, proof: Proof) -> None:
    """Refuse, as ``proof_dated_ahead``, an acknowledgement of a day that has begun nowhere yet."""
    if proof.acknowledged_on is None:
        return
    # The zones furthest east are up to 14 hours ahead of UTC.
    latest = (from_us(context.now_us) + timedelta(hours=14)).date()
    if proof.acknowledged_on > latest:
        raise Refused("proof_dated_ahead", day=proof.acknowledged_on, today=latest)


def complete(facts: Facts, policy: Policy, claim: Claim) -> None:
    """Return only if the delivered proof has every element and a fresh acknowledgement.

    Refused as ``proof_incomplete`` (names what is missing) or ``proof_too_old``.
    """
    missing = needed_elements(facts, policy, claim) - claim.proof.elements
    acknowledged_on = claim.proof.acknowledged_on
    if acknowledged_on is None or missing:
        names = sorted(missing) + (["acknowledgement date"] if acknowledged_on is None else [])
        raise Refused("proof_incomplete", claim=claim.claim, missing=", ".join(names))
    months = policy.proof.acknowledged_within_months
    oldest = months_before(from_us(claim.submitted_us).date(), months)
    if acknowledged_on < oldest:
        raise Refused("proof_too_old", claim=claim.claim, day=acknowledged_on, oldest=oldest)


def needed_elements(facts: Facts, policy: Policy, claim: Claim) -> frozenset[ProofElement]:
    """What the policy asks of a proof for this claim's activity and customer."""
    needed = set(policy.proof.elements)
    if claim.activity is Activity.USAGE:
        needed.update(policy.proof.usage_elements)
    customer = facts(CUSTOMER, claim.tenant)
    if (
        customer
        and customer.public_sector
        and customer.country in policy.proof.disclosure_countries
    ):
        needed.add(ProofElement.PUBLIC_SECTOR_DISCLOSURE)
    return frozenset(needed)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day.

    >>> months_before(date(2024, 2, 29), 12)
    datetime.date(2023, 2, 28)
    """
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
