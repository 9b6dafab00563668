"""An incentive programme as a dated data file: what it counts, by which formula, its limits.

The file is checked as a whole where it enters; no number of it is repeated in code. Where the
sources publish no number it says ``not_published``, and what rests on it is told to be incomplete.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ledger.rules import kinds
from ledger.rules.workloads import table as workloads
from ledger.usage.metrics import METRICS
from schemas.values import Country, Id, Text

NOT_PUBLISHED: Literal["not_published"] = "not_published"

NotPublished = Literal["not_published"]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Source = Annotated[str, Field(min_length=1, max_length=400)]
Activity = Literal["usage", "pre_sales", "revenue"]
ReasonCode = Annotated[str, Field(pattern=r"^[A-Z]{3,16}$")]


def exact(value: Any) -> Any:
    """A number as it is written, so that 1.1 stays 1.1."""
    return Decimal(str(value)) if isinstance(value, float) else value


Number = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, le=1_000_000_000)]


def _metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"is none of {', '.join(METRICS)}")
    return name


def _kind(name: str) -> str:
    if name not in kinds.table():
        raise ValueError(f"is none of {', '.join(kinds.table())}")
    return name


def _workload(name: str) -> str:
    if name not in workloads():
        raise ValueError(f"is none of {', '.join(workloads())}")
    return name


MetricName = Annotated[str, AfterValidator(_metric)]
Kind = Annotated[str, AfterValidator(_kind)]
Workload = Annotated[str, AfterValidator(_workload)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Associations(_Table):
    """Whose usage is asked about: kinds of association, of claims their activities.

    ``per`` is what is counted: a tenant's workload, or a subscription. A claim is judged on the
    first of the month, so that nothing from before its approval counts [P].
    """

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    activities: tuple[Activity, ...] = ()
    per: Literal["workload", "subscription"]
    source: Source


class RecognitionOnly(_Table):
    """Workloads that pay nothing, inside dates where they are given."""

    workloads: Annotated[tuple[Workload, ...], Field(min_length=1)]
    first: date | None = None
    until: date | None = None
    source: Source

    def holds(self, workload: str, month: date) -> bool:
        """Whether a workload is only recognised in a month."""
        begun = self.first is None or self.first <= month
        return workload in self.workloads and begun and (self.until is None or month < self.until)


class Minimum(_Table):
    """What a customer must have on the workload at least, for its month to count."""

    metric: MetricName
    units: Count
    reason: ReasonCode
    source: Source


class PublicSector(_Table):
    """Countries whose public sector needs a disclosure in the proof."""

    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    source: Source


class Attach(_Table):
    """For how many months from the month of its attachment a claim may earn at most."""

    most_months: Count | NotPublished
    reason: ReasonCode
    source: Source


class Cap(_Table):
    """At most so much, for each of the things named, of a partner organisation in a period.

    ``unit`` is what is limited: compensable units, or the amount of money. Periods: ``claim`` runs
    from a claim's attachment on, ``programme`` for ever.
    """

    id: Id
    per: tuple[Literal["customer", "workload", "claim"], ...] = ()
    period: Literal["month", "half_year", "fiscal_year", "claim", "programme"]
    unit: Literal["units", "amount"]
    most: Number | NotPublished
    source: Source

    @model_validator(mode="after")
    def _a_claim_has_its_own_time(self) -> Self:
        if self.period == "claim" and "claim" not in self.per:
            raise ValueError("per must name claim where the period is one of a claim")
        return self


class Accelerator(_Table):
    """A multiplier of amounts in a region between dates; the highest that fits is applied [P]."""

    id: Id
    region: Literal["customer", "partner"] = "customer"
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    workloads: tuple[Workload, ...] = ()
    first: date
    until: date
    multiplier: Number
    source: Source

    def fits(self, workload: str, country: str, month: date) -> bool:
        """Whether it applies to a workload in a country and month."""
        return (
            country in self.countries
            and (not self.workloads or workload in self.workloads)
            and self.first <= month < self.until
        )

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.until <= self.first:
            raise ValueError(f"until {self.until} does not lie after first {self.first}")
        return self


class HighWaterMark(_Table):
    """Units above the highest level before: ``pays`` minus the mark at the month's start.

    Nothing while a metric of ``above_mark`` is at or below the mark; ``beside`` is told with a mark
    of its own. ``mark_moves``: with every level that is stated, or with what was earned alone.
    """

    name: Literal["high_water_mark"]
    pays: MetricName
    beside: MetricName
    above_mark: Annotated[tuple[MetricName, ...], Field(min_length=1)]
    mark_moves: Literal["every_level", "earned"]
    source: Source

    @model_validator(mode="after")
    def _pays_is_compared(self) -> Self:
        strange = set(self.above_mark) - {self.pays, self.beside}
        if strange:
            raise ValueError(f"above_mark: {min(strange)} is neither pays nor beside")
        return self


class Bucket(_Table):
    """Customers of a size, and the shares of active use at which a milestone is reached."""

    id: Id
    seats_from: Annotated[int, Field(ge=0)]
    seats_to: Count | None = None
    share_at_claim_below: Percent | NotPublished
    milestones: Annotated[tuple[Percent, ...], Field(min_length=1)] | NotPublished
    source: Source

    @model_validator(mode="after")
    def _milestones_rise(self) -> Self:
        if self.seats_to is not None and self.seats_to < self.seats_from:
            raise ValueError(f"seats_to {self.seats_to} lies below seats_from {self.seats_from}")
        told = () if self.milestones == NOT_PUBLISHED else self.milestones
        if list(told) != sorted(set(told)):
            raise ValueError("milestones must rise")
        return self

    def holds(self, seats: Decimal) -> bool:
        """Whether a number of seats is in the bucket."""
        return self.seats_from <= seats and (self.seats_to is None or seats <= self.seats_to)


class Milestones(_Table):
    """One payment for each milestone of active share that a workload reaches after the claim.

    ``ignore_share_below`` lets a customer's share at the claim be ignored under so many seats.
    """

    name: Literal["milestones"]
    active: MetricName
    seats: MetricName
    ignore_share_below: Count | None = None
    bucket: tuple[Bucket, ...] | NotPublished
    source: Source

    @model_validator(mode="after")
    def _buckets_do_not_meet(self) -> Self:
        told = () if self.bucket == NOT_PUBLISHED else self.bucket
        ordered = sorted(told, key=lambda one: one.seats_from)
        for below, above in pairwise(ordered):
            if below.seats_to is None or below.seats_to >= above.seats_from:
                raise ValueError(f"buckets {below.id} and {above.id} overlap")
        return self


class ActiveUsers(_Table):
    """A fee on active users: a part (``lever_percent``) of a rate for each of them."""

    name: Literal["active_users"]
    pays: MetricName
    lever_percent: Percent
    products: Annotated[tuple[str, ...], Field(min_length=1)]
    source: Source


class SellAttach(_Table):
    """What a sold subscription bills, once the claim came in time before the month's cut-off.

    The cut-off is the ``weekday`` (0 is Monday) that is ``nth`` in the month.
    """

    name: Literal["sell_attach"]
    pays: MetricName
    days_before_cut_off: Annotated[int, Field(ge=0, le=31)]
    weekday: Annotated[int, Field(ge=0, le=6)]
    nth: Annotated[int, Field(ge=1, le=4)]
    attach_within_days: Count | NotPublished
    channels: Annotated[tuple[Id, ...], Field(min_length=1)]
    source: Source


class DailyRole(_Table):
    """Whole days with an eligible role on what a subscription consumes."""

    name: Literal["daily_role"]
    pays: MetricName
    source: Source


Formula = Annotated[
    HighWaterMark | Milestones | ActiveUsers | SellAttach | DailyRole, Field(discriminator="name")
]


class IncentiveProgramme(_Table):
    """A programme, whole and consistent. ``incentive`` names whose prerequisites it asks for."""

    id: Id
    sort: Literal["incentive"]
    title: Text
    era: Text
    lever: Text
    valid_from: date
    valid_until: date | None = None
    incentive: Id | None = None
    source: Source
    associations: Associations
    formula: Formula
    recognition_only: tuple[RecognitionOnly, ...] = ()
    minimum: Minimum | None = None
    public_sector: PublicSector | None = None
    attach: Attach | None = None
    cap: tuple[Cap, ...] = ()
    accelerator: tuple[Accelerator, ...] | NotPublished = NOT_PUBLISHED

    def valid(self, month: date) -> bool:
        """Whether the programme pays for a month."""
        return self.valid_from <= month and (self.valid_until is None or month < self.valid_until)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that the programme reads, each once."""
        formula = self.formula
        names = ("pays", "beside", "active", "seats")
        found = [getattr(formula, name) for name in names if hasattr(formula, name)]
        return tuple(dict.fromkeys([*found, *([self.minimum.metric] if self.minimum else [])]))

    @property
    def accelerators(self) -> tuple[Accelerator, ...]:
        """The multipliers that are told."""
        return () if self.accelerator == NOT_PUBLISHED else self.accelerator

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        months = [("valid_from", self.valid_from), ("valid_until", self.valid_until)]
        for name, day in months:
            if day is not None and day.day != 1:
                raise ValueError(f"{name} must be the first of a month, not {day}")
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError(f"valid_until {self.valid_until} does not lie after valid_from")
        for name, found in (("cap", self.cap), ("accelerator", self.accelerators)):
            ids = [one.id for one in found]
            if len(set(ids)) < len(ids):
                raise ValueError(f"{name}: every id once, but they are {', '.join(ids)}")
        return self
