"""The workloads that a claim can name, and what a name meant on a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings

if TYPE_CHECKING:
    from datetime import date

    from ledger.rules.workloads import Workload

_COLUMNS = ("workload", "name", "names", "split_from", "source")


@with_settings
def workloads(
    settings: Settings,
    name: Annotated[
        str | None,
        typer.Argument(help="A name in any spelling, such as 'Viva Engage'.", show_default=False),
    ] = None,
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="What it meant on that date (else ever).")
    ] = None,
) -> None:
    """Show the workloads that claims can name, or which one a name meant on a date."""
    from interfaces.cli.filters import workload_of
    from ledger.rules.workloads import meant, rows

    day = _day(on)
    if name is None:
        found = [_row(row) for row in rows().values()]
        settings.output.rows(_COLUMNS, found, empty="There are none.")
        return
    row = meant(rows(), name, day)
    if row is None:
        ever = rows()[workload_of(name)]  # names near ones when there never was such a name
        found = [_row(ever)] if day is None else []
        settings.output.rows(_COLUMNS, found, empty=f"{name} was no name of a workload on {day}.")
        return
    settings.output.rows(_COLUMNS, [_row(row)], empty="")


def _row(row: Workload) -> dict[str, Any]:
    names = [f"{one.text}{_when(one.since, one.until)}" for one in row.names[1:]]
    return {
        "workload": row.workload,
        "name": row.name,
        "names": ", ".join(dict.fromkeys(names)),
        "split_from": row.split_from,
        "carries_over": row.carries_over,
        "source": row.source,
    }


def _when(since: date | None, until: date | None) -> str:
    bounds = [f"from {since}" if since else "", f"before {until}" if until else ""]
    told = " ".join(bound for bound in bounds if bound)
    return f" ({told})" if told else ""


def _day(text: str | None) -> date | None:
    from interfaces.moments import moment_us
    from schemas.time import from_us

    return None if text is None else from_us(moment_us(text, "--on")).date()
