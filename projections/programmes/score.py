"""A score: the points a partner's figures earn under a programme, with every input that decided.

What is not measured is said to be missing; it is never counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ledger.errors import BadInputError
from ledger.rules.programmes.programme import Level, Metric, Programme, TenantClass
from ledger.rules.programmes.values import known
from projections.programmes.formulas import ZERO
from projections.programmes.holder import Figure, Missing
from projections.programmes.measures import Measured
from projections.programmes.points import MetricScore, compared, metric_score

Given = Mapping[tuple[str, str], Mapping[str, Figure]]
"""Figures by (tenant class, metric), each by part (``""`` for a metric without parts)."""


@dataclass(frozen=True)
class ClassScore:
    """One class: its metrics, the points known, and the levels that are and can be reached.

    ``level`` is the highest that is reached whatever is missing; ``possible`` the highest that
    could be. ``most_points`` is None where it is not published how many a missing metric gives.
    """

    tenant_class: TenantClass
    metrics: tuple[MetricScore, ...]
    points: Decimal
    most_points: Decimal | None
    level: Level | None
    possible: Level | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The metrics without points, in the programme's order."""
        return tuple(one.metric.id for one in self.metrics if one.status == "incomplete")

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    @property
    def qualified(self) -> bool | None:
        """Whether any level is reached; None while something missing could still decide it."""
        if self.level is not None:
            return True
        return None if self.possible is not None else False


@dataclass(frozen=True)
class Score:
    """Every class scored, and the one that counts."""

    programme: Programme
    classes: tuple[ClassScore, ...]
    assigned: str | Missing | None = None

    @property
    def better(self) -> ClassScore:
        """The assigned class, or else that with the most points known; the first of equals."""
        if isinstance(self.assigned, str):
            return self[self.assigned]
        rank = [one.id for one in self.programme.qualify.levels]
        return max(self.classes, key=lambda one: (_rank(rank, one.level), one.points))

    @property
    def qualified(self) -> bool | None:
        """Whether a class that counts qualifies; None while that is not decided."""
        if isinstance(self.assigned, str):
            return self.better.qualified
        told = [one.qualified for one in self.classes]
        if isinstance(self.assigned, Missing):
            return told[0] if len(set(told)) == 1 else None
        if True in told:
            return True
        return None if None in told else False

    def __getitem__(self, tenant_class: str) -> ClassScore:
        """The score of one class by its id."""
        return next(one for one in self.classes if one.tenant_class.id == tenant_class)


Memo = dict[tuple[object, ...], MetricScore]
"""Metrics scored before, by what decides them: partners often have the same figures."""


def score_measured(
    programme: Programme, measured: Measured, holder: str, memo: Memo | None = None
) -> Score:
    """What a holder's figures earn; with a ``memo``, what earned the same is told once."""
    figures = {
        key: {part: column.of(holder) for part, column in parts.items()}
        for key, parts in measured.columns.items()
    }
    classes = _classes(programme, figures, memo)
    return Score(programme, classes, _assigned(measured, holder))


def score_given(programme: Programme, given: Given) -> Score:
    """What these figures earn: for figures from elsewhere.

    A figure that is not given is missing. Raises ``BadInputError`` for one the programme does not
    ask for.
    """
    asked = {
        (one.id, metric.id): {line.part for line in metric.lines(one.id)} or {""}
        for one in programme.tenant_class
        for metric in programme.metric
        if metric.in_class(one.id)
    }
    unknown = sorted(
        " ".join((*key, part)).strip()
        for key, parts in given.items()
        for part in parts
        if part not in asked.get(key, ())
    )
    if unknown:
        known_ = sorted(" ".join((*key, part)).strip() for key, ps in asked.items() for part in ps)
        raise BadInputError(
            f"{programme.id} asks for no figure {unknown[0]!r}.",
            hint=f"It asks for {', '.join(known_)}.",
        )
    absent = Missing("it is not given")
    figures = {
        key: {part: given.get(key, {}).get(part, absent) for part in sorted(parts)}
        for key, parts in asked.items()
    }
    return Score(programme, _classes(programme, figures, None))


def _assigned(measured: Measured, holder: str) -> str | Missing | None:
    if measured.assigned is None or isinstance(measured.assigned, Missing):
        return measured.assigned
    return measured.assigned.get(holder, measured.default_class)


def _classes(
    programme: Programme,
    figures: Mapping[tuple[str, str], Mapping[str, Figure | Missing]],
    memo: Memo | None,
) -> tuple[ClassScore, ...]:
    return tuple(
        _class(
            programme,
            one,
            tuple(
                _scored(metric, one.id, figures[one.id, metric.id], memo)
                for metric in programme.metric
                if metric.in_class(one.id)
            ),
        )
        for one in programme.tenant_class
    )


def _scored(
    metric: Metric, tenant_class: str, figures: Mapping[str, Figure | Missing], memo: Memo | None
) -> MetricScore:
    if memo is None:
        return metric_score(metric, tenant_class, figures)
    told = ((part, *one.decides) for part, one in figures.items())
    key = (metric.id, tenant_class, *told)
    found = memo.get(key)
    if found is None:
        found = memo[key] = metric_score(metric, tenant_class, figures)
    return found


def _class(
    programme: Programme, tenant_class: TenantClass, metrics: tuple[MetricScore, ...]
) -> ClassScore:
    points = sum((one.points for one in metrics if one.points is not None), ZERO)
    most = _most(programme, metrics, points)
    reached, possible = None, None
    for level in programme.qualify.levels:
        sure, could = _reaches(programme, level, metrics, points, most)
        reached = level if sure else reached
        possible = level if could else possible
    return ClassScore(tenant_class, metrics, points, most, reached, possible)


def _most(
    programme: Programme, metrics: tuple[MetricScore, ...], points: Decimal
) -> Decimal | None:
    """The most that the points can come to; by what is known of the whole where parts are open."""
    missing = [one.max_points for one in metrics if one.counts and one.points is None]
    told = [one for one in missing if one is not None]
    if len(told) == len(missing):
        return points + sum(told, ZERO)
    if programme.qualify.out_of is None:
        return None
    scored = sum((one.max_points or ZERO for one in metrics if one.points is not None), ZERO)
    return points + programme.qualify.out_of - scored


def _reaches(
    programme: Programme,
    level: Level,
    metrics: tuple[MetricScore, ...],
    points: Decimal,
    most: Decimal | None,
) -> tuple[bool, bool]:
    """Whether a level is reached whatever is missing, and whether it still could be."""
    if level.needs:
        told = [_need(metrics, name, need) for name, need in level.needs.items()]
        return all(one is True for one in told), False not in told
    needed = known(level.points) if level.points is not None else None
    if needed is None:
        return False, True
    least = programme.qualify.least_points_each
    scored = [one.points for one in metrics if one.counts and one.points is not None]
    missing = any(one.counts and one.points is None for one in metrics)
    if least and any(one < least for one in scored):
        return False, False
    could = most is None or most >= needed
    return points >= needed and not (missing and least), could


def _need(metrics: tuple[MetricScore, ...], name: str, need: Decimal | str) -> bool | None:
    """Whether a metric's figure comes to what a level needs; None where either is not known."""
    metric = next((one for one in metrics if one.metric.id == name), None)
    least = need if isinstance(need, Decimal) else None
    if metric is None or least is None:
        return None
    amounts = [compared(p.figure) for p in metric.parts if isinstance(p.figure, Figure)]
    return sum(amounts, ZERO) >= least if len(amounts) == len(metric.parts) else None


def _rank(levels: list[str], level: Level | None) -> int:
    return -1 if level is None else levels.index(level.id)
