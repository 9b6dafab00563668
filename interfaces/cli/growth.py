"""How active usage and consumption grew, and to whom it is credited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.amounts import units
from interfaces.cli.filters import kind_of, usage_workload_of
from interfaces.cli.settings import KnownOption, Settings, with_settings
from interfaces.moments import month

if TYPE_CHECKING:
    from projections.growth.growth import Growth

_CREDIT = (
    "Credited is who held the slot on the first of the month, after the association began;"
    " consumption that a report attributes itself, as it says."
)

Filter = list[str] | None


@with_settings
def growth(
    settings: Settings,
    *,
    by: Annotated[
        str,
        typer.Option(
            metavar="LIST",
            help="month, metric, workload, kind, partner, organisation, tenant, attribution,"
            " subscription, resource: one or more, with commas.",
        ),
    ] = "month",
    metric: Annotated[Filter, typer.Option(help="Only this metric, such as m365.mau.")] = None,
    workload: Annotated[Filter, typer.Option(help="Only this workload.")] = None,
    tenant: Annotated[Filter, typer.Option(help="Only at this customer.")] = None,
    kind: Annotated[Filter, typer.Option(help="Only this kind of association earns.")] = None,
    partner: Annotated[Filter, typer.Option(help="Only of this partner location.")] = None,
    organisation: Annotated[Filter, typer.Option(help="Only of this organisation.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="MONTH", help="From this month on.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="MONTH", help="Up to this month.")] = None,
    known: KnownOption = None,
) -> None:
    """Show how usage grew, and to whom the growth is credited."""
    from ledger.usage.metrics import metric as row_of
    from projections.growth.growth import Wanted
    from projections.growth.growth import growth as grown

    wanted = Wanted(
        metrics=tuple(row_of(name).id for name in metric or ()),
        workloads=tuple(usage_workload_of(name, metric or ()) for name in workload or ()),
        tenants=tuple(name.lower() for name in tenant or ()),
        kinds=tuple(map(kind_of, kind or ())),
        partners=tuple(partner or ()),
        organisations=tuple(organisation or ()),
        **_months(from_, to),
    )
    sight = settings.gate.narrowed()
    with settings.workspace() as workspace:
        if sight is not None:
            from interfaces.visible_growth import narrowed

            wanted = narrowed(sight, wanted)
        position = None if known is None else workspace.known(known).position
        columns = [name.strip() for name in by.split(",") if name.strip()]
        answer = grown(workspace.analytics, by=columns, wanted=wanted, position=position)
    _tell(settings, answer)
    if answer.table.num_rows and not kind and "kind" not in answer.by:
        settings.output.note(
            "Each kind of association is credited on its own for the same growth;"
            " --by kind or --kind tells them apart."
        )


def _months(from_: str | None, to: str | None) -> dict[str, Any]:
    given = {"from_month": (from_, "--from"), "to_month": (to, "--to")}
    return {name: month(text, option) for name, (text, option) in given.items() if text}


def _tell(settings: Settings, answer: Growth) -> None:
    rows = [_readable(row, answer.position) for row in answer.rows()]
    if not settings.as_json:
        settings.output.text(f"As known at position {answer.position}. {_CREDIT}")
        rows = [{**row, "across_gap": _unless_zero(row["across_gap"])} for row in rows]
    shown = [*answer.by, "credited", "uncredited", "opening", "level", "across_gap", "gap_from"]
    # A measure nobody has in this answer would only be an empty column.
    columns = [
        name
        for name in shown
        if name in answer.by or any(map(_unless_zero, (row[name] for row in rows)))
    ]
    settings.output.rows(columns, rows, empty="No usage is counted there.")


def _unless_zero(amount: str | None) -> str | None:
    return None if amount == "0" else amount


def _readable(row: dict[str, Any], position: int) -> dict[str, Any]:
    """A row with amounts in units beside their exact millionths, and its position."""
    across = row["credited_across_gap_micro"] + row["uncredited_across_gap_micro"]
    amounts = {**row, "across_gap_micro": across}
    told = {
        name.removesuffix("_micro"): units(value)
        for name, value in amounts.items()
        if name.endswith("_micro")
    }
    return {**row, **told, "known_position": position}
