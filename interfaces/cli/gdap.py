"""Granular delegated administration: how each relationship stands and when it ends."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.cli.settings import CsvOption, EffectiveOption, KnownOption, Settings, with_settings
from interfaces.times import spelled

app = typer.Typer(rich_markup_mode=None)

_LISTED = ("relationship", "state", "partner", "tenant", "until", "auto_extend", "roles")


@app.command("list")
@with_settings
def list_(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="With this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="Of this partner location.")] = None,
    state: Annotated[
        str | None, typer.Option(help="requested, active, lapsed, expired or terminated.")
    ] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """List GDAP relationships and requests, the soonest to end first, as known at a time.

    With --effective or --known as each stood then, whether or not the clock had recorded its end.
    """
    from projections.gdap_queries import gdap_list

    with settings.workspace() as workspace:
        asked = workspace.known(known)
        found = gdap_list(
            workspace.views,
            tenant=tenant and tenant.lower(),
            partner=partner,
            state=state,
            known=asked.position,
            at_us=asked.effective_us(effective) if effective or known else None,
        )
    rows = [{**spelled(row), "roles": ", ".join(row["roles"])} for row in found]
    settings.listing(as_csv=csv).rows(_LISTED, rows, empty="There is no such relationship.")
