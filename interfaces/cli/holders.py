"""Who holds what, on any date, as known at any time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from interfaces.cli.filters import kind_of, workload_of
from interfaces.cli.settings import CsvOption, EffectiveOption, KnownOption, Settings, with_settings
from interfaces.times import spelled
from schemas.time import iso

_COLUMNS = ("label", "slot", "partner", "role", "claim", "since", "until", "because")


@with_settings
def holders(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="At this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="By this partner location.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="By this kind of association, such as CPOR.")
    ] = None,
    slot: Annotated[
        str | None, typer.Option(help="Of this slot, such as dpor:SUBSCRIPTION.")
    ] = None,
    subscription: Annotated[str | None, typer.Option(help="Of this subscription.")] = None,
    workload: Annotated[str | None, typer.Option(help="Of this workload, such as teams.")] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show who holds what, on a date, as known at a time."""
    from projections.holder_queries import holders as held
    from projections.holder_queries import pages

    filters: dict[str, Any] = {
        "customer": tenant and tenant.lower(),
        "partner": partner,
        "kind": kind and kind_of(kind),
        "slot": slot,
        "subscription": subscription,
        "workload": workload and workload_of(workload),
    }
    with settings.workspace() as workspace:
        asked = workspace.known(known)
        effective_us = asked.effective_us(effective)
        filters |= {"effective_us": effective_us, "known": asked.position}
        found = [readable(row) for row in pages(workspace.views, held, filters)]
    output = settings.listing(as_csv=csv)
    about = f"Effective {iso(effective_us)}, as known at position {asked.position}"
    output.heading(f"{about} (recorded {iso(asked.recorded_at_us)}).")
    told = {"effective": iso(effective_us), "known_position": asked.position}
    rows = [{**row, **told} for row in found]
    output.rows(_COLUMNS, rows, empty="Nobody holds such a thing then.")


def readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the holdings view as people and programs read it."""
    told = spelled({name: value for name, value in row.items() if name != "row_id"})
    told |= {"since": told.pop("effective_from"), "until": told.pop("effective_to")}
    return told
