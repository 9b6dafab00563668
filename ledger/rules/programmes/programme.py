"""The format of a programme that scores partners: classes, types, markets, metrics and levels.

A file is checked as a whole where it enters; nothing in the code repeats a number of it. What a
file leaves out has the meaning it had before there was a key for it, so that an adopted content
says the same for ever.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ledger.rules.competencies import table as competencies
from ledger.rules.programmes.fitting import fault
from ledger.rules.programmes.measuring import CreditedGrowth, Way
from ledger.rules.programmes.values import (
    NOT_PUBLISHED,
    Months,
    Name,
    NotPublished,
    Number,
    ProgrammeId,
    Published,
    Source,
    Table,
    Title,
    known,
)
from schemas.values import Country

Formula = Literal[
    "linear", "best_of_types", "sum_of_types", "percent_growth", "bands", "none", "not_published"
]
"""How a figure becomes points: ``projections.programmes.formulas``; ``none`` gives no points."""


class Credit(Table):
    """Who is credited, and whether a key's first level counts."""

    rule: Literal["slot_holder_on_date"]
    openings: Literal[False]
    source: Source


class Level(Table):
    """A level that can be reached: by points, or by what metrics have to come to."""

    id: Name
    title: Title
    points: Published | None = None
    needs: dict[str, Published] = Field(default_factory=dict)
    source: Source

    @model_validator(mode="after")
    def _reached_somehow(self) -> Self:
        if (self.points is None) == (not self.needs):
            raise ValueError("a level has either points or needs")
        return self


class Qualify(Table):
    """What a score is out of, when it earns which level, and in which months that counts."""

    points: Published | None = None
    out_of: Annotated[int, Field(strict=True, gt=0, le=1_000_000_000)] | None = None
    least_points_each: Annotated[int, Field(strict=True, ge=0)] = 0
    window_months: Annotated[int, Field(strict=True, ge=1, le=60)] = 1
    keep: Literal["better_class", "assigned_class"] = "better_class"
    level: tuple[Level, ...] = ()
    source: Source

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels from the lowest; one named ``qualified`` where only points are said."""
        if self.level:
            return self.level
        told = {"id": "qualified", "title": "Qualified", "source": self.source}
        return (Level.model_validate({**told, "points": self.points or NOT_PUBLISHED}),)


class Workloads(Table):
    """The workloads whose usage counts."""

    eligible: Annotated[tuple[Name, ...], Field(min_length=1)]
    source: Source


class Assigned(Table):
    """A class that is assigned by how many workloads are large in both months (§13.9)."""

    metric: Name
    above: Number
    count: Annotated[int, Field(strict=True, ge=1, le=1000)]
    months_apart: Months
    source: Source


class TenantClass(Table):
    """A class a score is computed in: tenants of a size, a path of workloads, or all.

    With ``metric`` it holds tenants with a workload whose level lies in the range, both ends
    included. ``workloads`` are those of the path, ``types`` the types accepted in it.
    """

    id: Name
    title: Title
    metric: Name | None = None
    at_least: Annotated[int, Field(strict=True, gt=0)] | None = None
    at_most: Annotated[int, Field(strict=True, gt=0)] | None = None
    workloads: tuple[Name, ...] = ()
    types: tuple[Name, ...] = ()
    assigned: Assigned | None = None
    source: Source

    @model_validator(mode="after")
    def _whole_range(self) -> Self:
        if (self.metric is None) != (self.at_least is None):
            raise ValueError("metric and at_least belong together")
        return self

    def holds(self, level_micro: int) -> bool:
        """Whether a level, in millionths, is in the range."""
        below = self.at_most is None or level_micro <= self.at_most * 1_000_000
        return below and (self.at_least is None or level_micro >= self.at_least * 1_000_000)


class AssociationType(Table):
    """Kinds of association that are scored together as one type.

    ``activities`` limits claims of a kind; ``beaten`` names the kind that goes before another on
    the same subscription; ``present_owner`` the kinds whose holder takes the whole history (§6.3).
    ``shared``: who is on any paid subscription of a customer is credited with all of it (§7.2).
    """

    id: Name
    kinds: Annotated[tuple[Name, ...], Field(min_length=1)]
    activities: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    beaten: dict[str, str] = Field(default_factory=dict)
    present_owner: tuple[Name, ...] = ()
    shared: Annotated[bool, Field(strict=True)] = False
    source: Source


class Market(Table):
    """Countries with thresholds of their own."""

    id: Name
    title: Title
    countries: tuple[Country, ...] | NotPublished | Literal["all_others"]
    source: Source


class Band(Table):
    """From which earlier count on a growth of so many per cent earns all points.

    With ``full_months`` it earns them without growth, that long after the count was reached.
    """

    at_least: Number
    percent: Number | None = None
    full_months: Months | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.percent is None) == (self.full_months is None):
            raise ValueError("a band says either percent or full_months")
        return self


class Threshold(Table):
    """What earns the points of a metric in one class: by one type, or in one market.

    Either ``value`` earns all points, or ``points_each`` is earned ``per`` so many. ``size`` is
    how large what is counted has to be, ``baseline`` what there must have been to grow from.
    """

    tenant_class: Name = Field(alias="class")
    type: Name | None = None
    market: Name | None = None
    value: Published | None = None
    points_each: Number | None = None
    per: Number = Decimal(1)
    size: Published | None = None
    baseline: Published | None = None
    bands: tuple[Band, ...] = ()
    max_points: Published | None = None
    source: Source

    @model_validator(mode="after")
    def _earns_somehow(self) -> Self:
        ways = (self.value is not None, self.points_each is not None, bool(self.bands))
        if sum(ways) != 1:
            raise ValueError("a threshold says one of value, points_each, bands")
        return self

    @property
    def part(self) -> str:
        """What the figure that is compared with it is called: its type, its market or ``""``."""
        return self.type or self.market or ""


class Usage(Table):
    """Short for ``by`` with ``credited_growth``."""

    metric: Name
    months: Months


class Metric(Table):
    """One line of a programme's table."""

    id: Name
    title: Title
    max_points: Published | None = None
    formula: Formula
    measure: Title
    usage: Usage | None = None
    by: tuple[Way, ...] = ()
    types: tuple[Name, ...] = ()
    market_of: Literal["customer", "partner"] = "customer"
    baseline_of: Literal["before", "now"] = "before"
    classes: tuple[Name, ...] = ()
    scope: Title | None = None
    threshold: tuple[Threshold, ...] = ()
    source: Source

    @model_validator(mode="after")
    def _measured_one_way(self) -> Self:
        if self.usage and self.by:
            raise ValueError("usage: by says how it is measured already")
        if self.usage:
            CreditedGrowth(function="credited_growth", **self.usage.model_dump())
        return self

    def ways(self, part: str = "") -> Way | None:
        """How the figure of a type is measured; None for one that people record."""
        if self.usage:
            return CreditedGrowth(
                function="credited_growth", metric=self.usage.metric, months=self.usage.months
            )
        return next((way for way in self.by if way.type in (None, part)), None)

    def lines(self, tenant_class: str) -> tuple[Threshold, ...]:
        """The thresholds of a class."""
        return tuple(line for line in self.threshold if line.tenant_class == tenant_class)

    def most(self, tenant_class: str) -> Decimal | None:
        """The most points in a class; None where that is not published, or there are none."""
        own = [line.max_points for line in self.lines(tenant_class) if line.max_points is not None]
        found = own[0] if own else self.max_points
        return None if found is None else known(found)

    def in_class(self, tenant_class: str) -> bool:
        """Whether a class has this metric."""
        return not self.classes or tenant_class in self.classes

    def thresholds(self, tenant_class: str) -> dict[str, Decimal]:
        """What earns all points, by part of the figure, where that is published."""
        return {
            line.part: line.value
            for line in self.lines(tenant_class)
            if isinstance(line.value, Decimal)
        }


class Programme(Table):
    """A programme, whole and consistent: every class, type and threshold it names is there."""

    sort: Literal["score"] = "score"
    id: ProgrammeId
    title: Title
    era: Title
    valid_from: date
    valid_until: date | None = None
    competency: Name | None = None
    source: Source
    credit: Credit
    qualify: Qualify
    workloads: Workloads | None = None
    tenant_class: Annotated[tuple[TenantClass, ...], Field(min_length=1)]
    type: tuple[AssociationType, ...] = ()
    market: tuple[Market, ...] = ()
    metric: Annotated[tuple[Metric, ...], Field(min_length=1)]

    def kinds(self, type_id: str) -> tuple[str, ...]:
        """The association kinds scored as one type."""
        return next(line.kinds for line in self.type if line.id == type_id)

    def types_in(self, metric: Metric, tenant_class: TenantClass) -> tuple[AssociationType, ...]:
        """The types that count for a metric in a class."""
        named = [set(ids) for ids in (metric.types, tenant_class.types) if ids]
        if metric.formula in ("best_of_types", "sum_of_types"):
            named.append({line.type for line in metric.lines(tenant_class.id) if line.type})
        return tuple(one for one in self.type if all(one.id in ids for ids in named))

    def recorded(self) -> frozenset[str]:
        """The names of the figures that people may record for it."""
        named = {
            way.of for one in self.metric for way in one.by if way.function == "recorded_growth"
        }
        return frozenset(one.id for one in self.metric) | named

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for key in ("tenant_class", "type", "market", "metric"):
            twice = [one for one, n in Counter(x.id for x in getattr(self, key)).items() if n > 1]
            if twice:
                raise ValueError(f"{key}: every id once, but {twice[0]!r} stands twice")
        if self.competency and self.competency not in competencies():
            raise ValueError(
                f"competency: {self.competency!r} is none of {', '.join(competencies())}"
            )
        found = fault(self)
        if found:
            raise ValueError(found)
        return self


def parsed(content: dict[str, Any]) -> Programme:
    """The programme that a content says; raises pydantic's ``ValidationError``."""
    return Programme.model_validate(content)
