"""A score: the points a partner's figures earn under a programme, with every input that decided.

What is not measured yet is said to be missing; it is never counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.errors import BadInputError
from projections.growth.engine import AnalyticsEngine
from projections.programmes.formulas import ZERO, best_of_types, linear
from projections.programmes.measures import Figure, Holder, Measured, measure
from projections.programmes.programme import Metric, Programme, Qualify

Given = Mapping[tuple[str, str], Mapping[str, Figure]]
"""Figures by (tenant class, metric), each by type (``""`` for a metric without types)."""


@dataclass(frozen=True)
class TypePoints:
    """What one type earns in a metric: its figure against the threshold."""

    type: str
    figure: Figure
    threshold: int
    points: Decimal


@dataclass(frozen=True)
class MetricScore:
    """A metric in one class; ``points`` is None and ``status`` ``incomplete`` without figures."""

    metric: str
    title: str
    max_points: int
    points: Decimal | None
    best_type: str | None
    types: tuple[TypePoints, ...]
    rule: str
    source: str

    @property
    def status(self) -> str:
        """``scored``, or ``incomplete``: no data is recorded yet."""
        return "incomplete" if self.points is None else "scored"


@dataclass(frozen=True)
class ClassScore:
    """One tenant class: its metrics, the points known, and what that means for qualifying.

    ``qualified`` is None while a missing metric could still decide it.
    """

    tenant_class: str
    title: str
    metrics: tuple[MetricScore, ...]
    points: Decimal
    most_points: Decimal
    qualified: bool | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The metrics without data, in the programme's order."""
        return tuple(metric.metric for metric in self.metrics if metric.points is None)


@dataclass(frozen=True)
class Score:
    """Every class scored, and the better one kept; pinned to ``position`` when measured."""

    programme: str
    title: str
    source: str
    classes: tuple[ClassScore, ...]
    holder: Holder | None = None
    month: date | None = None
    position: int | None = None
    measured: Measured | None = field(default=None, repr=False)

    @property
    def better(self) -> ClassScore:
        """The class with the most points known; the first named of equals."""
        return max(self.classes, key=lambda one: one.points)

    @property
    def qualified(self) -> bool | None:
        """Whether any class qualifies; None while a missing metric could still decide it."""
        told = [one.qualified for one in self.classes]
        if True in told:
            return True
        return None if None in told else False

    def __getitem__(self, tenant_class: str) -> ClassScore:
        """The score of one class by its id."""
        return next(one for one in self.classes if one.tenant_class == tenant_class)


def score(
    engine: AnalyticsEngine,
    programme: Programme,
    holder: Holder,
    month: date,
    position: int | None = None,
    *,
    given: Given | None = None,
) -> Score:
    """What ``holder`` has earned by ``month`` (its first day), as known at ``position``.

    Usage is measured from the growth tables; figures the ledger does not keep yet may be ``given``.
    Raises ``BadInputError`` for a position that is not fed yet or a figure the programme lacks.
    """
    _check_given(programme, given or {})
    measured = measure(engine, programme, holder, month, position)
    figures = {**(given or {}), **measured.figures}
    return Score(
        **_head(programme),
        classes=class_scores(programme, figures),
        holder=holder,
        month=month,
        position=measured.position,
        measured=measured,
    )


def score_given(programme: Programme, given: Given) -> Score:
    """What these figures earn: for figures from elsewhere, and for what-if.

    Raises ``BadInputError`` for a figure the programme does not ask for.
    """
    _check_given(programme, given)
    return Score(**_head(programme), classes=class_scores(programme, given))


def class_scores(programme: Programme, given: Given) -> tuple[ClassScore, ...]:
    """Every class of the programme, scored by the figures given."""
    return tuple(
        _class_score(
            programme.qualify,
            one.id,
            one.title,
            tuple(
                _metric_score(metric, one.id, given.get((one.id, metric.id)))
                for metric in programme.metric
            ),
        )
        for one in programme.tenant_class
    )


def _check_given(programme: Programme, given: Given) -> None:
    asked = {
        (one.id, metric.id, name)
        for one in programme.tenant_class
        for metric in programme.metric
        for name in metric.thresholds(one.id)
    }
    unknown = {(*key, name) for key, figures in given.items() for name in figures} - asked
    if unknown:
        named = " ".join(min(unknown)).strip()
        raise BadInputError(
            f"{programme.id} asks for no figure {named!r}.",
            hint=f"It asks for {', '.join(sorted(' '.join(one).strip() for one in asked))}.",
        )


def _head(programme: Programme) -> dict[str, Any]:
    return {"programme": programme.id, "title": programme.title, "source": programme.source}


def _metric_score(
    metric: Metric, tenant_class: str, figures: Mapping[str, Figure] | None
) -> MetricScore:
    """A metric is scored when the figure of every type is there; one missing could be the best."""
    thresholds = metric.thresholds(tenant_class)
    complete = figures is not None and thresholds.keys() <= figures.keys()
    types = tuple(
        TypePoints(name, figures[name], threshold, _points(metric, figures[name], threshold))
        for name, threshold in thresholds.items()
        if figures is not None and complete
    )
    best = best_of_types({one.type: one.points for one in types}) if types else None
    return MetricScore(
        metric=metric.id,
        title=metric.title,
        max_points=metric.max_points,
        points=best and best.points,
        best_type=(best and best.type) or None,
        types=types,
        rule=metric.formula,
        source=metric.source,
    )


def _points(metric: Metric, figure: Figure, threshold: int) -> Decimal:
    return linear(figure.amount, threshold, metric.max_points)


def _class_score(
    rule: Qualify, tenant_class: str, title: str, metrics: tuple[MetricScore, ...]
) -> ClassScore:
    points = sum((one.points for one in metrics if one.points is not None), ZERO)
    missing = sum((one.max_points for one in metrics if one.points is None), 0)
    return ClassScore(
        tenant_class, title, metrics, points, points + missing, _qualified(rule, metrics, points)
    )


def _qualified(rule: Qualify, metrics: tuple[MetricScore, ...], points: Decimal) -> bool | None:
    """Decided when no figure still missing could change it; else None."""
    scored = [one.points for one in metrics if one.points is not None]
    missing = [one for one in metrics if one.points is None]
    if any(one == 0 or one < rule.least_points_each for one in scored):
        return False
    if points + sum(one.max_points for one in missing) < rule.points:
        return False
    return None if missing else True
