"""A metric's points from its figures: the formula it names, and everything that decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ledger.rules.programmes.programme import Metric, Threshold
from ledger.rules.programmes.values import known
from projections.programmes.formulas import (
    ZERO,
    Grown,
    Step,
    added,
    banded,
    best_of_types,
    each,
    percent_growth,
    share,
)
from projections.programmes.holder import Figure, Missing


@dataclass(frozen=True)
class PartPoints:
    """What one part brings: its figure against its threshold; ``points`` None where unknown.

    ``points`` are those of the part alone, before several are combined and capped.
    """

    part: str
    figure: Figure | Missing
    line: Threshold | None
    points: Decimal | None

    @property
    def amount(self) -> Decimal | None:
        """What is compared with the threshold."""
        return None if isinstance(self.figure, Missing) else compared(self.figure)


@dataclass(frozen=True)
class MetricScore:
    """A metric in one class; ``points`` is None and ``why`` says so where they can't be told.

    ``counts`` is false for a metric that gives no points.
    """

    metric: Metric
    max_points: Decimal | None
    points: Decimal | None
    best_type: str | None
    parts: tuple[PartPoints, ...]
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether it gives points at all."""
        return self.metric.formula != "none"

    @property
    def status(self) -> str:
        """``scored``, ``measured`` (no points are given for it) or ``incomplete``."""
        if not self.counts:
            return "incomplete" if self.why else "measured"
        return "incomplete" if self.points is None else "scored"


def compared(figure: Figure) -> Decimal:
    """A figure's amount; of one that grew from something, what it grew."""
    return figure.amount if figure.before is None else figure.amount - figure.before


def metric_score(
    metric: Metric, tenant_class: str, figures: Mapping[str, Figure | Missing]
) -> MetricScore:
    """The points of a metric in a class by the figures of its parts."""
    most = metric.most(tenant_class)
    lines = {line.part: line for line in metric.lines(tenant_class)}
    parts = tuple(
        PartPoints(part, figure, lines.get(part), _alone(metric, lines.get(part), figure, most))
        for part, figure in figures.items()
    )
    if metric.formula == "none":
        lacking = [p.figure.why for p in parts if isinstance(p.figure, Missing)]
        return MetricScore(metric, None, None, None, parts, "; ".join(lacking))
    why = _unknown(metric, most, parts)
    found, best = _combined(metric, most, parts)
    if found is None or (why and found != most):
        return MetricScore(metric, most, None, None, parts, why or _open_bands(metric))
    return MetricScore(metric, most, found, best, parts)


def _unknown(metric: Metric, most: Decimal | None, parts: tuple[PartPoints, ...]) -> str:
    """Why points can't be told; empty where they can."""
    if metric.formula == "not_published":
        return "no rule is published; a programme file of your own can say it"
    lacking = dict.fromkeys(p.figure.why for p in parts if isinstance(p.figure, Missing))
    if any(p.line and p.line.value is not None and known(p.line.value) is None for p in parts):
        lacking["its threshold is not published"] = None
    if most is None:
        lacking["the most points of it are not published"] = None
    return "; ".join(lacking)


def _open_bands(metric: Metric) -> str:
    assert metric.formula == "bands", "only bands leave open what comes after them"
    return "what counts after the months without growth is not published"


def _alone(
    metric: Metric, line: Threshold | None, figure: Figure | Missing, most: Decimal | None
) -> Decimal | None:
    """The points of one part by itself, capped; None where that says nothing."""
    if line is None or isinstance(figure, Missing) or metric.formula in ("percent_growth", "bands"):
        return None
    amount = compared(figure)
    if line.points_each is not None:
        points = each(amount, line.points_each, line.per)
        return points if most is None else min(most, points)
    value = known(line.value) if line.value is not None else None
    if value is None or most is None:
        return None
    return min(most, share(amount, value, most))


def _combined(
    metric: Metric, most: Decimal | None, parts: tuple[PartPoints, ...]
) -> tuple[Decimal | None, str | None]:
    """The points of all parts together, as far as they are known, and the type that wins."""
    there = [part for part in parts if not isinstance(part.figure, Missing) and part.line]
    if most is None or not there:
        return None, None
    if metric.formula == "percent_growth":
        return _percent(metric, most, there), None
    if metric.formula == "bands":
        return _bands(most, there), None
    points = {part.part: part.points for part in there if part.points is not None}
    if not points:
        return None, None
    if metric.formula == "best_of_types":
        best = best_of_types(points)
        return best.points, best.type
    return added(points.values(), most), None


def _percent(metric: Metric, most: Decimal, parts: list[PartPoints]) -> Decimal | None:
    grown, percents = [], set()
    for part in parts:
        assert part.line is not None
        assert isinstance(part.figure, Figure)
        percent, baseline = part.line.value, part.line.baseline
        if not isinstance(percent, Decimal) or not isinstance(baseline, Decimal):
            return None
        percents.add(percent)
        grown.append(Grown(part.figure.before or ZERO, part.figure.amount, baseline))
    return percent_growth(grown, max(percents), most, baseline_of=metric.baseline_of)


def _bands(most: Decimal, parts: list[PartPoints]) -> Decimal | None:
    """All points where one market's band is reached, else none; None where it is open."""
    found = []
    for part in parts:
        assert part.line is not None
        assert isinstance(part.figure, Figure)
        steps = [Step(one.at_least, one.percent, one.full_months) for one in part.line.bands]
        before = part.figure.before or ZERO
        found.append(banded(before, part.figure.amount, steps, most, part.figure.reached_months))
    if most in found:
        return most
    return None if None in found else ZERO
