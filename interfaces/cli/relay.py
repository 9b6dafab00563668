"""Commands around the public topic of events: hand accepted events on, and read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.settings import Settings, with_settings

HealthOption = Annotated[
    Path | None,
    typer.Option(
        "--health", metavar="FILE", help="Write the last sign of life here.", show_default=False
    ),
]
OnceOption = Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")]


@with_settings
def relay(settings: Settings, *, once: OnceOption = False, health: HealthOption = None) -> None:
    """Hand accepted events on to the topic PREFIX.events, until stopped; any number may run."""
    from interfaces.serving import run_relay

    run_relay(settings.folder, once=once, health=health)


@with_settings
def subscribe(
    settings: Settings,
    *,
    after: Annotated[
        int, typer.Option(min=0, metavar="POSITION", help="Only events beyond this position.")
    ] = 0,
    commit: Annotated[
        str,
        typer.Option(metavar="HASH", help="The commit that came with that position; else exit 4."),
    ] = "",
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only of this type or family. Repeatable."),
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Only events of this customer.")] = None,
    partner: Annotated[
        str | None, typer.Option(help="Only events of this partner location.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only of this kind of association, such as DPOR.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many events.")] = None,
    once: OnceOption = False,
) -> None:
    """Follow a ledger's accepted events as JSON lines, from its folder or from PREFIX.events."""
    from itertools import islice

    from consumers.subscriber import subscribe as subscribed

    where = settings.log or settings.named
    found = subscribed(
        where,
        after=after,
        commit=commit,
        types=type_ or (),
        tenant=tenant,
        partner=partner,
        kind=kind,
        until=lambda: once,
    )
    for received in islice(found, limit):
        line = {"position": received.position, "commit": received.commit, "type": received.type}
        settings.output.object({**line, "data": received.plain()})
