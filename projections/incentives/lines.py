"""A line of earnings: a unit of a programme and month, credited or refused, and what decided it.

What a statement lists and Partner Center's earnings file shows (partner_center_files.md §3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from projections.incentives.reasons import Reason

ZERO = Decimal(0)


class Place(NamedTuple):
    """What usage is counted of: a tenant's workload, or a subscription."""

    tenant: str
    workload: str
    subscription: str


class Tenure(NamedTuple):
    """An association with a place: whose, since when and until when, by which event.

    ``approved`` is false for what was only asked for: a claim that still waits. Instants in
    microseconds UTC.
    """

    kind: str
    partner: str
    organisation: str
    claim: str | None
    from_us: int
    until_us: int
    submitted_us: int
    because: int
    role: str | None = None
    approved: bool = True

    @property
    def association(self) -> str:
        """As Partner Center names it: ``CPOR``, ``PAL.Owner``."""
        return f"{self.kind}.{self.role}" if self.kind == "PAL" and self.role else self.kind


class CapUse(NamedTuple):
    """A cap that a line was measured by, and what is left of it afterwards.

    ``left`` is None where the cap's size is not published, or its amounts have no rate.
    """

    cap: str
    left: Decimal | None
    cut: Decimal


Status = Literal["credited", "refused", "incomplete"]


@dataclass(frozen=True)
class Line:
    """One line. ``units`` are compensable, after caps; ``mark_*`` and ``baseline`` the mark.

    ``incomplete``: a number that decides is not published, so nothing is said about payment.
    """

    programme: str
    lever: str
    month: date
    place: Place
    tenure: Tenure
    units: Decimal = ZERO
    units_beside: Decimal = ZERO
    uncapped: Decimal = ZERO
    quantity: Decimal | None = None
    quantity_type: str = ""
    beside: Decimal | None = None
    beside_type: str = ""
    mark: Decimal | None = None
    mark_after: Decimal | None = None
    mark_beside: Decimal | None = None
    milestone: int | None = None
    milestone_share: int | None = None
    bucket: str | None = None
    reasons: tuple[Reason, ...] = ()
    caps: tuple[CapUse, ...] = ()
    amount: Decimal | None = None
    uncapped_amount: Decimal | None = None
    currency: str | None = None
    rate: str | None = None
    accelerator: str | None = None
    reports: tuple[str, ...] = ()
    rule: str = ""
    source: str = field(default="", repr=False)

    @property
    def status(self) -> Status:
        """Whether it is credited, refused, or can't be told."""
        codes = {reason.code for reason in self.reasons}
        if not codes:
            return "credited"
        return "incomplete" if codes == {"NOTPUBLISHED"} else "refused"

    @property
    def reason(self) -> Reason | None:
        """The first reason; None where it is credited."""
        return self.reasons[0] if self.reasons else None

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two lines of two states of knowledge the same line."""
        return (
            self.programme,
            str(self.month),
            *self.place,
            self.tenure.partner,
            self.tenure.claim or "",
            self.tenure.association,
            str(self.milestone or ""),
        )
