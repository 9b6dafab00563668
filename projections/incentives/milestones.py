"""Milestones of active use: one payment each, for what came after the claim (domain.md §8.4).

A milestone is a share of active users in paid seats. Those that stood at the claim do not pay, and
one that was paid is never paid again on that tenant and workload, whoever claims it next.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ledger.rules.incentive_programmes.programme import NOT_PUBLISHED, Bucket, Milestones, Minimum
from projections.incentives.marks import Level
from projections.incentives.months import of_us
from projections.incentives.reasons import Reason

HUNDRED = Decimal(100)

Stated = Mapping[str, Mapping[date, Level]]
"""Levels by metric and month."""


class Snapshot(NamedTuple):
    """How much was used when a claim was submitted: of the month told last before it.

    Where nothing was told before, the month of the submission itself [P]; None where neither is.
    """

    month: date
    seats: Decimal
    active: Decimal

    @property
    def share(self) -> Decimal:
        """Active users in a hundred seats; 0 without seats."""
        return share(self.active, self.seats)


def share(active: Decimal, seats: Decimal) -> Decimal:
    """Active users in a hundred paid seats; 0 where there are no seats.

    >>> share(Decimal(10), Decimal(40))
    Decimal('25')
    """
    return active * HUNDRED / seats if seats > 0 else Decimal(0)


def snapshot(stated: Stated, rule: Milestones, submitted_us: int) -> Snapshot | None:
    """What stood at a claim's submission (domain.md §11.1, 6)."""
    seats, active = stated.get(rule.seats, {}), stated.get(rule.active, {})
    told = seats.keys() & active.keys()
    of = of_us(submitted_us)
    month = max((each for each in told if each < of), default=of if of in told else None)
    return None if month is None else Snapshot(month, seats[month].value, active[month].value)


def bucket_of(rule: Milestones, seats: Decimal) -> Bucket | None:
    """The size that a number of seats is in; None where none fits or none is published."""
    told = () if rule.bucket == NOT_PUBLISHED else rule.bucket
    return next((one for one in told if one.holds(seats)), None)


class Reached(NamedTuple):
    """What a month brings a claim: milestones (from 1, with their share), or why none."""

    bucket: str | None
    milestones: tuple[tuple[int, int], ...]
    reasons: tuple[Reason, ...]


def month_of(
    stated: Mapping[str, Level],
    at_claim: Snapshot | None,
    rule: Milestones,
    minimum: Minimum | None,
    paid: frozenset[int],
) -> Reached:
    """The milestones that a claim reaches in a month, less those that are ``paid`` already.

    ``stated`` are the levels of the month by metric.
    """
    missing = tuple(
        Reason("NOREPORT", metric) for metric in (rule.seats, rule.active) if metric not in stated
    )
    if missing:
        return Reached(None, (), missing)
    if rule.bucket == NOT_PUBLISHED:
        return Reached(None, (), (*_too_few(stated, minimum), Reason("NOTPUBLISHED", "buckets")))
    if at_claim is None:
        return Reached(None, (), (Reason("NOSHARE"),))
    bucket = bucket_of(rule, at_claim.seats)
    if bucket is None:
        return Reached(None, (), (Reason("NOBUCKET", f"{at_claim.seats} seats at the claim"),))
    reasons = (*_too_few(stated, minimum), *_share_reasons(at_claim, rule, bucket))
    if bucket.milestones == NOT_PUBLISHED:
        unknown = Reason("NOTPUBLISHED", f"milestones of {bucket.id}")
        return Reached(bucket.id, (), (*reasons, unknown))
    now = share(stated[rule.active].value, stated[rule.seats].value)
    found = tuple(
        (number, percent)
        for number, percent in enumerate(bucket.milestones, 1)
        if at_claim.share < percent <= now and number not in paid
    )
    if not found:
        said = f"{now:.1f} % of {_next(bucket.milestones, at_claim.share, paid)}"
        reasons = (*reasons, Reason("NOMILESTONE", said))
    return Reached(bucket.id, () if reasons else found, reasons)


def _next(milestones: tuple[int, ...], at_claim: Decimal, paid: frozenset[int]) -> str:
    left = [
        percent
        for number, percent in enumerate(milestones, 1)
        if percent > at_claim and number not in paid
    ]
    return f"{left[0]} %" if left else "none left"


def _too_few(stated: Mapping[str, Level], minimum: Minimum | None) -> tuple[Reason, ...]:
    level = None if minimum is None else stated.get(minimum.metric)
    if minimum is None or (level is not None and level.value >= minimum.units):
        return ()
    found = "none stated" if level is None else f"{level.value}"
    return (Reason(minimum.reason, f"{found} of at least {minimum.units}"),)


def _share_reasons(at_claim: Snapshot, rule: Milestones, bucket: Bucket) -> tuple[Reason, ...]:
    """Why the share at the claim stands in the way."""
    if rule.ignore_share_below is not None and at_claim.seats < rule.ignore_share_below:
        return ()
    if bucket.share_at_claim_below == NOT_PUBLISHED:
        return (Reason("NOTPUBLISHED", f"share at the claim, {bucket.id}"),)
    if at_claim.share < bucket.share_at_claim_below:
        return ()
    limit = bucket.share_at_claim_below
    return (Reason("SHAREHIGH", f"{at_claim.share:.1f} %, allowed below {limit} %"),)
