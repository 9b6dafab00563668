"""Every association of every kind with its interval, as known at any time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from interfaces.cli.filters import kind_of, workload_of
from interfaces.cli.holders import readable
from interfaces.cli.settings import (
    CsvOption,
    EffectiveOption,
    KnownOption,
    Settings,
    with_settings,
)
from interfaces.moments import moment_us, start_us
from ledger.errors import BadInputError
from schemas.time import iso

_COLUMNS = ("label", "slot", "partner", "role", "claim", "since", "until", "earns", "because")


@with_settings
def associations(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="At this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="Of this partner location.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Of this organisation.")] = None,
    kind: Annotated[str | None, typer.Option(help="Of this kind, such as CPOR.")] = None,
    slot: Annotated[str | None, typer.Option(help="Of this slot.")] = None,
    subscription: Annotated[str | None, typer.Option(help="On this subscription.")] = None,
    workload: Annotated[str | None, typer.Option(help="Of this workload.")] = None,
    claim: Annotated[str | None, typer.Option(help="By this claim.")] = None,
    effective: EffectiveOption = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE|INSTANT",
            help="Those that stood at some time from then on; with --until, between the two.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|INSTANT",
            help="Those that began by the end of that date, or by that instant.",
            show_default=False,
        ),
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """List associations of every kind with their intervals, ended ones included.

    With --effective only those that stood then, with --from and --until those of a period; without,
    all there ever were, as known at a time.
    """
    from projections.earning import with_earning
    from projections.holder_queries import associations as asked_for
    from projections.holder_queries import pages

    if effective is not None and (from_ is not None or until is not None):
        raise BadInputError(
            "--effective names one instant, --from and --until a period.",
            hint="Give one or the other.",
            code="wrong_use",
        )
    filters: dict[str, Any] = {
        "customer": tenant and tenant.lower(),
        "partner": partner,
        "organisation": organisation,
        "kind": kind and kind_of(kind),
        "slot": slot,
        "subscription": subscription,
        "workload": workload and workload_of(workload),
        "claim": claim,
    }
    at_us = None if effective is None else moment_us(effective, "--effective")
    if at_us is not None:
        filters |= {"from_us": at_us, "until_us": at_us + 1}
    else:
        filters["from_us"] = None if from_ is None else start_us(from_, "--from")
        filters["until_us"] = None if until is None else moment_us(until, "--until") + 1
    output = settings.listing(as_csv=csv)
    with settings.workspace() as workspace:
        asked = workspace.known(known)
        filters["known"] = asked.position
        on_us = asked.us if at_us is None else at_us
        listed = list(pages(workspace.views, asked_for, filters))
        found = [readable(row) for row in with_earning(workspace.views, listed, on_us)]
    output.heading(f"As known at position {asked.position} (recorded {iso(asked.recorded_at_us)}).")
    told = {"known_position": asked.position}
    rows = [{**row, **told} for row in found]
    output.rows(_COLUMNS, rows, empty="There is no such association.")
