"""Levels as they are told: rows for people, one object for programs, the same facts in both."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from projections.programmes.holder import Figure, Missing
from projections.programmes.level import PartnerLevel, Ranked
from projections.programmes.points import MetricScore, PartPoints
from projections.programmes.score import ClassScore, Score

Row = dict[str, Any]


def number(value: Decimal | None) -> str | None:
    """A number without needless zeros; None stays None.

    >>> number(Decimal("12.50")), number(Decimal(100)), number(Decimal("3.333333333333333"))
    ('12.5', '100', '3.333333')
    """
    if value is None:
        return None
    text = f"{round(value, 6):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def level_lines(found: PartnerLevel) -> Iterator[str]:
    """What comes of it all, in sentences."""
    score = found.score
    yield f"Level: {told_level(score)}."
    attained = found.attained_in
    if len(found.window) > 1:
        when = f"{attained.month:%Y-%m}" if attained else ""
        window = f"{found.window[0].month:%Y-%m} to {found.window[-1].month:%Y-%m}"
        yield f"In {window}: {'reached in ' + when if attained else 'not reached for certain'}."
    standing = found.standing
    if standing is not None:
        until = f", until {standing.anniversary}" if standing.anniversary else ""
        yield f"Enrolment {standing.competency}: {standing.state.replace('_', ' ')}{until}."
        if standing.renewal_from and standing.state in ("active", "at_risk"):
            yield f"It can be renewed by a month from {standing.renewal_from:%Y-%m} on."
    elif found.programme.competency:
        yield f"Enrolment {found.programme.competency}: none."
    if isinstance(score.assigned, Missing):
        yield f"Which class is assigned can't be told: {score.assigned.why}."
    for metric in score.better.metrics:
        if metric.metric.scope:
            yield f"Note on {metric.metric.id}: {metric.metric.scope}."


def told_level(score: Score) -> str:
    """The level that is reached, or what can be said of it."""
    best = score.better
    if best.level is not None and best.possible is not None and best.possible.id != best.level.id:
        return f"{best.level.title}, {best.possible.title} not decided: figures missing"
    if best.level is not None:
        return best.level.title
    if score.qualified is None:
        return "not decided, figures missing"
    return "none"


def class_rows(one: ClassScore) -> list[Row]:
    """A row for each part of each metric; the best type is marked."""
    return [row for metric in one.metrics for row in _metric_rows(metric)]


def _metric_rows(metric: MetricScore) -> Iterator[Row]:
    most = number(metric.max_points)
    for part in metric.parts:
        best = metric.best_type is not None and part.part == metric.best_type
        yield {
            "metric": metric.metric.id,
            "of": most,
            **_part(part),
            "status": "best" if best and metric.points else metric.status,
            "why": metric.why,
        }
    if len(metric.parts) > 1 or metric.metric.formula in ("percent_growth", "bands"):
        yield {
            "metric": metric.metric.id,
            "part": "together",
            "points": number(metric.points),
            "of": most,
            "status": metric.status,
        }


def _part(part: PartPoints) -> Row:
    told: Row = {"part": part.part, "threshold": _threshold(part), "points": number(part.points)}
    if isinstance(part.figure, Missing):
        return told
    gap = part.figure.across_gap
    return {
        **told,
        "amount": number(part.figure.amount),
        "before": number(part.figure.before),
        "across_gap": number(gap) if gap else None,
    }


def _threshold(part: PartPoints) -> str | None:
    line = part.line
    if line is None:
        return None
    if line.points_each is not None:
        per = f" per {number(line.per)}" if line.per != 1 else " each"
        return f"{number(line.points_each)}{per}"
    if isinstance(line.value, Decimal):
        base = line.baseline
        return (
            number(line.value)
            if not isinstance(base, Decimal)
            else (f"{number(line.value)} % from {number(base)}")
        )
    if line.bands:
        return ", ".join(
            f"{number(one.at_least)}+: "
            + (f"{number(one.percent)} %" if one.percent else f"{one.full_months} months")
            for one in line.bands
        )
    return "not published"


def next_lines(found: PartnerLevel) -> Iterator[str]:
    """What is needed for the next level, in sentences."""
    wanted = found.next
    if wanted is None:
        return
    lacking = number(wanted.points)
    points = f"{lacking} points more" if lacking is not None and wanted.points else ""
    below = f"more of {', '.join(wanted.below)}" if wanted.below else ""
    unknown = f"figures for {', '.join(wanted.unknown)}" if wanted.unknown else ""
    told = ", ".join(one for one in (points, below, unknown) if one)
    yield ""
    yield f"For {wanted.level.title}: {told or 'see below'}."
    for step in wanted.steps:
        by = f" by {step.part}" if step.part else ""
        brings = f" brings {number(step.points)} points" if step.points else " is lacking"
        yield f"  {number(step.more)} more of {step.metric}{by}{brings}"


def window_rows(found: PartnerLevel) -> list[Row]:
    """A row for each month of the window."""
    return [
        {
            "month": f"{one.month:%Y-%m}",
            "class": one.better.tenant_class.id,
            "points": number(one.better.points),
            "level": one.better.level.id if one.better.level else None,
            "missing": ", ".join(one.better.missing),
        }
        for one in found.window
    ]


def ranked_row(rank: int, one: Ranked, name: str | None) -> Row:
    """A partner's place in the ranking."""
    best = one.score.better
    return {
        "rank": rank,
        "partner": one.organisation,
        "name": name,
        "level": best.level.id if best.level else None,
        "points": number(best.points),
        "of": number(best.most_points),
        "class": best.tenant_class.id,
        "missing": ", ".join(best.missing),
    }


def whole(found: PartnerLevel) -> Row:
    """Everything as one object."""
    score, wanted = found.score, found.next
    best = score.better
    attained = found.attained_in
    return {
        "title": found.programme.title,
        "source": found.programme.source,
        "level": best.level.id if best.level else None,
        "possible_level": best.possible.id if best.possible else None,
        "qualified": score.qualified,
        "class": best.tenant_class.id,
        "class_by": found.programme.qualify.keep,
        "points": number(best.points),
        "most_points": number(best.most_points),
        "missing": list(best.missing),
        "classes": [_class(one) for one in score.classes],
        "tenants": [
            {"tenant": one.tenant, "class": one.tenant_class, "workload": one.workload}
            for one in found.measured.tenants
        ],
        "window": window_rows(found),
        "attained_in": f"{attained.month:%Y-%m}" if attained else None,
        "next": None
        if wanted is None
        else {
            "level": wanted.level.id,
            "points": number(wanted.points),
            "below": list(wanted.below),
            "unknown": list(wanted.unknown),
            "steps": [
                {
                    "metric": step.metric,
                    "part": step.part,
                    "more": number(step.more),
                    "points": number(step.points),
                }
                for step in wanted.steps
            ],
        },
        "enrolment": None
        if found.standing is None
        else {
            name: value if value is None or isinstance(value, str) else str(value)
            for name, value in found.standing._asdict().items()
        },
    }


def _class(one: ClassScore) -> Row:
    return {
        "class": one.tenant_class.id,
        "points": number(one.points),
        "most_points": number(one.most_points),
        "level": one.level.id if one.level else None,
        "qualified": one.qualified,
        "metrics": [_metric(metric) for metric in one.metrics],
    }


def _metric(metric: MetricScore) -> Row:
    return {
        "metric": metric.metric.id,
        "title": metric.metric.title,
        "points": number(metric.points),
        "max_points": number(metric.max_points),
        "status": metric.status,
        "why": metric.why or None,
        "best_type": metric.best_type,
        "rule": metric.metric.formula,
        "measure": metric.metric.measure,
        "scope": metric.metric.scope,
        "source": metric.metric.source,
        "parts": [_whole_part(part) for part in metric.parts],
    }


def _whole_part(part: PartPoints) -> Row:
    told: Row = {
        "part": part.part,
        "threshold": _threshold(part),
        "points": number(part.points),
        "source": part.line.source if part.line else None,
    }
    if isinstance(part.figure, Missing):
        return {**told, "amount": None, "why": part.figure.why}
    return {**told, **_figure(part.figure)}


def _figure(figure: Figure) -> Row:
    return {
        "amount": number(figure.amount),
        "before": number(figure.before),
        "across_gap": number(figure.across_gap),
        "origin": figure.origin,
        "tenants": {name: number(value) for name, value in figure.tenants.items()},
    }
