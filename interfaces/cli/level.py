"""The points that growth earns under a programme, with every input that decided."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import KnownOption, Settings, with_settings
from interfaces.moments import month as month_of

if TYPE_CHECKING:
    from projections.programmes.score import ClassScore, MetricScore, Score, TypePoints


_FIELD = {"location": "partner", "organisation": "organisation"}


@with_settings
def level(
    settings: Settings,
    partner: Annotated[
        str, typer.Argument(help="A partner organisation, or one location.", show_default=False)
    ],
    *,
    programme: Annotated[
        str, typer.Option(help="The programme's id, such as modern_work_2023.", show_default=False)
    ],
    month: Annotated[
        str, typer.Option(metavar="MONTH", help="The last month counted.", show_default=False)
    ],
    known: KnownOption = None,
) -> None:
    """Show the points a partner earned under a programme."""
    from projections.programmes.score import score

    until = month_of(month, "--month")
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        rules, adopted = workspace.programme(programme, position)
        holder = workspace.holder(partner)
        settings.gate.require("growth", {_FIELD[holder.scope]: partner}, f"partner {partner!r}")
        answer = score(workspace.analytics, rules, holder, until, position)
    about = {
        "partner": partner,
        "scope": holder.scope,
        "programme": answer.programme,
        "adopted_at": adopted,
        "month": str(until),
        "known_position": answer.position,
    }
    if settings.as_json:
        settings.output.object({**about, **_whole(answer)})
    else:
        _show(settings, about, answer)


def _show(settings: Settings, about: dict[str, Any], answer: Score) -> None:
    output = settings.output
    output.text(f"{answer.title} ({answer.source})")
    adopted = about["adopted_at"]
    rules = f"adopted at position {adopted}" if adopted else "as shipped, never adopted here"
    output.text(
        f"{about['scope']} {about['partner']}, up to {about['month']}, as known at position"
        f" {answer.position}; rules {rules}."
    )
    for one in answer.classes:
        output.text()
        best = " (counts)" if one is answer.better and one.points else ""
        output.text(f"{one.title}: {_number(one.points)} points{best}; {_qualified(one.qualified)}")
        columns = ("metric", "type", "grown", "threshold", "points", "of", "across_gap", "status")
        output.rows(columns, [row for it in one.metrics for row in _lines(it)], empty="No metric.")
    for tenant in _tenants(answer):
        output.text(f"  {tenant['tenant']} counts as {tenant['class']} by {tenant['workload']}")


def _lines(metric: MetricScore) -> list[dict[str, Any]]:
    """The lines of one metric: one a type, the best one marked; or why there is none."""
    whole = {"metric": metric.metric, "of": metric.max_points, "status": metric.status}
    if not metric.types:
        return [whole]
    return [
        {
            **whole,
            **_type(one),
            "status": "best" if one.points and one.type == metric.best_type else "",
        }
        for one in metric.types
    ]


def _type(one: TypePoints) -> dict[str, Any]:
    return {
        "type": one.type,
        "grown": _number(one.figure.amount),
        "across_gap": _number(one.figure.across_gap) if one.figure.across_gap else None,
        "threshold": one.threshold,
        "points": _number(one.points),
    }


def _whole(answer: Score) -> dict[str, Any]:
    return {
        "title": answer.title,
        "source": answer.source,
        "points": _number(answer.better.points),
        "class": answer.better.tenant_class,
        "qualified": answer.qualified,
        "classes": [_class(one) for one in answer.classes],
        "tenants": _tenants(answer),
    }


def _class(one: ClassScore) -> dict[str, Any]:
    return {
        "class": one.tenant_class,
        "points": _number(one.points),
        "most_points": _number(one.most_points),
        "qualified": one.qualified,
        "metrics": [
            {
                "metric": it.metric,
                "points": None if it.points is None else _number(it.points),
                "max_points": it.max_points,
                "status": it.status,
                "best_type": it.best_type,
                "rule": it.rule,
                "source": it.source,
                "types": [_type(each) for each in it.types],
            }
            for it in one.metrics
        ],
    }


def _tenants(answer: Score) -> list[dict[str, Any]]:
    if answer.measured is None:
        return []
    return [
        {"tenant": one.tenant, "class": one.tenant_class, "workload": one.workload}
        for one in answer.measured.tenants
    ]


def _qualified(told: bool | None) -> str:
    return {True: "qualified", False: "not qualified", None: "not decided, figures missing"}[told]


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
