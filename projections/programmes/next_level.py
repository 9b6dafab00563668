"""What a partner lacks for the next level: points, metrics below the least, and ways to them."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from ledger.rules.programmes.programme import Level, Programme
from ledger.rules.programmes.values import known
from projections.programmes.formulas import ZERO
from projections.programmes.points import MetricScore, PartPoints
from projections.programmes.score import ClassScore

_CENT = Decimal("0.01")


class Step(NamedTuple):
    """So much ``more`` of a metric, by one part, brings so many points, as all else stands."""

    metric: str
    part: str
    more: Decimal
    points: Decimal


class NextLevel(NamedTuple):
    """The next level and what is needed for it.

    ``points`` is None where the level's own number is not published. ``below`` are the metrics
    that have too few points by themselves, ``unknown`` those that can't be told, ``steps`` how
    each metric alone could bring the points, or as many of them as it can.
    """

    level: Level
    points: Decimal | None
    below: tuple[str, ...]
    unknown: tuple[str, ...]
    steps: tuple[Step, ...]


def next_level(programme: Programme, score: ClassScore) -> NextLevel | None:
    """What is lacking for the level after the one reached; None at the highest."""
    levels = programme.qualify.levels
    at = levels.index(score.level) + 1 if score.level is not None else 0
    if at == len(levels):
        return None
    level = levels[at]
    if level.needs:
        return NextLevel(level, None, (), score.missing, tuple(_needs(score, level)))
    needed = known(level.points) if level.points is not None else None
    lacking = None if needed is None else max(ZERO, needed - score.points)
    least = programme.qualify.least_points_each
    scored = [one for one in score.metrics if one.counts and one.points is not None]
    below = tuple(one.metric.id for one in scored if one.points is not None and one.points < least)
    steps = tuple(
        step for one in scored if (step := _step(one, _wanted(one, lacking, least))) is not None
    )
    return NextLevel(level, lacking, below, score.missing, steps)


def _wanted(metric: MetricScore, lacking: Decimal | None, least: int) -> Decimal:
    assert metric.points is not None, "only what is scored"
    return max(lacking or ZERO, least - metric.points, ZERO)


def _needs(score: ClassScore, level: Level) -> list[Step]:
    steps = []
    for name, need in level.needs.items():
        metric = next(one for one in score.metrics if one.metric.id == name)
        amounts = [part.amount for part in metric.parts if part.amount is not None]
        if isinstance(need, Decimal) and len(amounts) == len(metric.parts):
            lacking = need - sum(amounts, ZERO)
            steps += [Step(name, "", lacking, ZERO)] if lacking > 0 else []
    return steps


def _step(metric: MetricScore, wanted: Decimal) -> Step | None:
    """How much more of the figure brings the points wanted, or the most the metric has."""
    assert metric.points is not None
    assert metric.max_points is not None
    points = min(wanted, metric.max_points - metric.points)
    if points <= 0:
        return None
    ways = [
        (more, part.part)
        for part in metric.parts
        if (more := _more(metric, part, metric.points + points)) is not None
    ]
    if not ways:
        return None
    more, part = min(ways)
    return Step(metric.metric.id, part, more.quantize(_CENT, ROUND_CEILING).normalize() + 0, points)


def _more(metric: MetricScore, part: PartPoints, points: Decimal) -> Decimal | None:
    """How much more of one part would bring the metric to ``points``."""
    line, figure = part.line, part.figure
    if line is None or part.points is None or metric.max_points is None or part.amount is None:
        return None
    assert not hasattr(figure, "why"), "what has points has a figure"
    alone = points
    if metric.metric.formula != "best_of_types":
        others = sum((p.points or ZERO for p in metric.parts if p is not part), ZERO)
        alone = points - others
    if line.points_each is not None:
        needed = alone / line.points_each * line.per
    elif isinstance(line.value, Decimal):
        needed = alone / metric.max_points * line.value
    else:
        return None
    return max(ZERO, needed - part.amount)
