"""Customer usage attribution: what was deployed with which tracking id, and whose it is."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.cli.settings import CsvOption, EffectiveOption, Settings, with_settings
from interfaces.moments import moment_us
from interfaces.times import spelled

app = typer.Typer(rich_markup_mode=None)

_LISTED = ("partner", "tracking_id", "kind", "deployment", "tenant", "scope", "deployed", "ended")
_IDS = ("partner", "tracking_id", "kind", "description", "standing", "deployments", "removed")

PartnerOption = Annotated[str | None, typer.Option(help="Of this partner location.")]
TrackingOption = Annotated[
    str | None, typer.Option(help="With this tracking id, with or without pid-.")
]


@app.command("list")
@with_settings
def list_(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="At this customer.")] = None,
    partner: PartnerOption = None,
    tracking_id: TrackingOption = None,
    subscription: Annotated[str | None, typer.Option(help="In this subscription.")] = None,
    effective: EffectiveOption = None,
    csv: CsvOption = False,
) -> None:
    """List deployments by partner and tracking id; with --effective those that stood then."""
    from projections.tracking_queries import deployments

    at_us = None if effective is None else moment_us(effective, "--effective")
    with settings.workspace() as workspace:
        found = deployments(
            workspace.views,
            tenant=tenant and tenant.lower(),
            partner=partner,
            tracking_id=_bare(tracking_id),
            subscription=subscription,
            at_us=at_us,
        )
    rows = [spelled(row) for row in found]
    output = settings.listing(as_csv=csv)
    output.rows(_LISTED, rows, empty="There is no such deployment.")
    if any(row["under_reported"] for row in rows):
        output.note("Azure under-reports the usage of AKS and of VM scale sets (domain.md 6.4).")


@app.command("ids")
@with_settings
def ids(
    settings: Settings,
    *,
    partner: PartnerOption = None,
    tracking_id: TrackingOption = None,
    csv: CsvOption = False,
) -> None:
    """List tracking ids by partner, with how many deployments carry each."""
    from projections.tracking_queries import tracking_ids

    with settings.workspace() as workspace:
        found = tracking_ids(workspace.views, partner=partner, tracking_id=_bare(tracking_id))
    rows = [spelled(row) for row in found]
    settings.listing(as_csv=csv).rows(_IDS, rows, empty="There is no such tracking id.")


def _bare(tracking_id: str | None) -> str | None:
    return tracking_id and tracking_id.lower().removeprefix("pid-")
