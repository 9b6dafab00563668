"""How active usage and consumption grew, and to whom it is credited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.amounts import units
from interfaces.cli.filters import kind_of, usage_workload_of
from interfaces.cli.settings import (
    AnalyticsOption,
    CsvOption,
    KnownOption,
    Settings,
    with_settings,
)
from interfaces.moments import month
from ledger.errors import BadInputError
from schemas.time import iso

if TYPE_CHECKING:
    from interfaces.workspace import Workspace
    from projections.growth.growth import Wanted
    from projections.growth.report import Report
    from projections.visibility import Sight

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
            help="month, quarter, year or fiscal_year; metric, workload, kind, partner,"
            " organisation, tenant, attribution, subscription, resource; country, public_sector,"
            " segment, product; association (held, before, never): one or more, with commas.",
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
    rule: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="Credit by slot_holder, shared, present_owner, rbac_mci or rbac_enterprise.",
        ),
    ] = "slot_holder",
    year_on_year: Annotated[
        bool, typer.Option("--year-on-year", help="With the same month of the year before.")
    ] = False,
    trailing: Annotated[
        bool, typer.Option("--trailing", help="Each month with the eleven before it.")
    ] = False,
    share: Annotated[
        bool, typer.Option("--share", help="Active users in a hundred paid units, by month.")
    ] = False,
    fiscal_year_starts: Annotated[
        int,
        typer.Option(min=1, max=12, metavar="MONTH", help="7 (July), or 10 for some programmes."),
    ] = 7,
    chart: Annotated[bool, typer.Option("--chart", help="Draw the growth of each row.")] = False,
    csv: CsvOption = False,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows as Parquet.")
    ] = None,
    arrow: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows as an Arrow file.")
    ] = None,
    known: KnownOption = None,
    analytics: AnalyticsOption = None,
) -> None:
    """Show how usage grew, and to whom the growth is credited."""
    from ledger.usage.metrics import metric as row_of
    from projections.growth.growth import Wanted
    from projections.growth.report import Asked, report

    wanted = Wanted(
        metrics=tuple(row_of(name).id for name in metric or ()),
        workloads=tuple(usage_workload_of(name, metric or ()) for name in workload or ()),
        tenants=tuple(name.lower() for name in tenant or ()),
        kinds=tuple(map(kind_of, kind or ())),
        partners=tuple(partner or ()),
        organisations=tuple(organisation or ()),
        **_months(from_, to),
    )
    settings.listing(as_csv=csv)  # refuses --json beside --csv before anything is opened
    sight = settings.gate.narrowed()
    with settings.workspace(analytics) as workspace:
        if sight is not None:
            from interfaces.visible_growth import narrowed

            wanted = narrowed(sight, wanted)
        position = None if known is None else workspace.known(known).position
        columns = tuple(name.strip() for name in by.split(",") if name.strip())
        asked = Asked(columns, wanted, rule, fiscal_year_starts, trailing, year_on_year, share)
        answer = report(workspace.analytics, asked, position)
        moved = _moved(workspace, wanted, answer.position) if _sees_all(sight, wanted) else []
    for path, form in ((parquet, "parquet"), (arrow, "arrow")):
        if path is not None:
            _write(answer, path, form)
    _tell(settings, answer, as_csv=csv, chart=chart, rule=rule)
    if answer.rows.height and not kind and "kind" not in answer.by and not share:
        settings.output.note(
            "Each kind of association is credited on its own for the same growth;"
            " --by kind or --kind tells them apart."
        )
    for text in (*_unreported(answer), *moved):
        settings.output.note(text)


def _sees_all(sight: Sight | None, wanted: Wanted) -> bool:
    """Whether who asks may know of every user that went over to the customers asked for."""
    if sight is None or sight.whole():
        return True
    return bool(wanted.tenants) and sight.scopes("growth").tenants.issuperset(wanted.tenants)


def _moved(workspace: Workspace, wanted: Wanted, position: int) -> list[str]:
    """Where users came from another tenant: their rise there is in the figures (§14.9)."""
    from projections.party_queries import migrations

    found = migrations(workspace.views, to=wanted.tenants, known=position)
    return [
        f"{'All' if row['users'] is None else format(row['users'], ',')} users of {row['tenant']}"
        f" went over to {row['to_tenant']} on {iso(row['effective_us'])[:10]}: as far as users were"
        " reported there before, their arrival stands in the figures, and is no growth."
        for row in found[:_MOST_NAMED]
    ]


def _months(from_: str | None, to: str | None) -> dict[str, Any]:
    given = {"from_month": (from_, "--from"), "to_month": (to, "--to")}
    return {name: month(text, option) for name, (text, option) in given.items() if text}


def _write(answer: Report, path: Path, form: str) -> None:
    try:
        if form == "parquet":
            answer.rows.write_parquet(path)
        else:
            answer.rows.write_ipc(path)
    except OSError as error:
        raise BadInputError(
            f"{path} can't be written: {error.strerror or error}.",
            hint="Name a file in a folder that exists.",
            code="cant_write",
        ) from error


_MOST_NAMED = 6


def _unreported(answer: Report) -> list[str]:
    """What no report is about: a month that was not loaded is not a month without growth."""
    by_metric: dict[str, list[str]] = {}
    for metric, at in answer.unreported:
        by_metric.setdefault(metric, []).append(f"{at:%Y-%m}")
    return [
        f"No report of {metric} for {', '.join(months[:_MOST_NAMED])}"
        + (f" and {len(months) - _MOST_NAMED} more months." if len(months) > _MOST_NAMED else ".")
        for metric, months in by_metric.items()
    ]


def _tell(settings: Settings, answer: Report, *, as_csv: bool, chart: bool, rule: str) -> None:
    from projections.growth.periods import bars

    output = settings.listing(as_csv=as_csv)
    told = answer.rows.to_dicts()
    rows = [_readable(row, answer.position) for row in told]
    plain = not settings.as_json and not as_csv
    if plain:
        said = _CREDIT if rule == "slot_holder" else f"Credited by the rule {rule}."
        output.text(f"As known at position {answer.position}. {said}")
        rows = [{**row, "across_gap": _unless_zero(row.get("across_gap"))} for row in rows]
    shown = [
        *answer.by, "credited", "year_before", "change", "uncredited", "opening", "level", "active",
        "paid", "share_percent", "months", "across_gap", "gap_from",
    ]  # fmt: skip
    # A measure nobody has in this answer would only be an empty column.
    columns = [
        name
        for name in shown
        if name in answer.by or any(_unless_zero(row.get(name)) for row in rows)
    ]
    if chart and plain:
        amounts = [row.get("credited_micro") or row.get("active_micro") or 0 for row in told]
        rows = [{**row, "chart": bar} for row, bar in zip(rows, bars(amounts), strict=True)]
        columns.append("chart")
    output.rows(columns, rows, empty="No usage is counted there.")


def _unless_zero(amount: Any) -> Any:
    return None if amount == "0" else amount


def _readable(row: dict[str, Any], position: int) -> dict[str, Any]:
    """A row with amounts in units beside their exact millionths, and its position."""
    amounts = dict(row)
    if "credited_across_gap_micro" in row:
        across = row["credited_across_gap_micro"] + row["uncredited_across_gap_micro"]
        amounts["across_gap_micro"] = across
    told = {
        name.removesuffix("_micro"): units(value)
        for name, value in amounts.items()
        if name.endswith("_micro")
    }
    return {**row, **told, "known_position": position}
