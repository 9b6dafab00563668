"""Long-running commands of a node, and reading what they hand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings

if TYPE_CHECKING:
    from consumers.subscriber import Received
    from interfaces.serving import Options

OnceOption = Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")]
HealthOption = Annotated[
    Path | None,
    typer.Option(
        "--health", metavar="FILE", help="Write the last sign of life here.", show_default=False
    ),
]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        min=0,
        max=65535,
        metavar="PORT",
        envvar="ATTRIBUTION_METRICS_PORT",
        help="Answer /healthz, /readyz, /metrics and /position here (0: any free port).",
        show_default=False,
    ),
]
HostOption = Annotated[
    str,
    typer.Option(
        "--metrics-host",
        metavar="ADDRESS",
        envvar="ATTRIBUTION_METRICS_HOST",
        help="The address to answer on.",
    ),
]


@with_settings
def keeper(
    settings: Settings,
    *,
    lapses_every: Annotated[
        float | None,
        typer.Option(
            min=1,
            metavar="SECONDS",
            envvar="ATTRIBUTION_LAPSES_EVERY",
            help="So often record lapses that are due, too, as `attribution clock` does.",
            show_default=False,
        ),
    ] = None,
    once: OnceOption = False,
    health: HealthOption = None,
    metrics_port: PortOption = None,
    metrics_host: HostOption = "127.0.0.1",
) -> None:
    """Keep a node's index and views caught up with the log, until stopped."""
    from interfaces.serving import run_keeper

    run_keeper(settings.folder, _options(once, health, metrics_host, metrics_port), lapses_every)


@with_settings
def relay(
    settings: Settings,
    *,
    once: OnceOption = False,
    health: HealthOption = None,
    metrics_port: PortOption = None,
    metrics_host: HostOption = "127.0.0.1",
) -> None:
    """Hand accepted events on to the topic PREFIX.events, until stopped; any number may run."""
    from interfaces.serving import run_relay

    run_relay(settings.folder, _options(once, health, metrics_host, metrics_port))


@with_settings
def publisher(
    settings: Settings,
    *,
    once: OnceOption = False,
    health: HealthOption = None,
    metrics_port: PortOption = None,
    metrics_host: HostOption = "127.0.0.1",
) -> None:
    """Publish who holds what to the topic PREFIX.holders, until stopped; any number may run."""
    from interfaces.serving import run_publisher

    run_publisher(settings.folder, _options(once, health, metrics_host, metrics_port))


def _options(once: bool, health: Path | None, host: str, port: int | None) -> Options:
    from interfaces.serving import Options

    return Options(once, health, host, port)


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
    quarantine: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep here what can't be read, and go on (else exit 4)."),
    ] = None,
    check_chain: Annotated[
        bool, typer.Option("--check-chain", help="Compare each event with the chain's own topic.")
    ] = False,
    once: OnceOption = False,
) -> None:
    """Follow a ledger's accepted events as JSON lines, from its folder or from PREFIX.events."""
    from itertools import islice

    from consumers.subscriber import Trust
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
        trust=Trust(quarantine, check_chain),
        until=lambda: once,
    )
    for received in islice(found, limit):
        settings.output.object(told(received))


def told(received: Received) -> dict[str, Any]:
    """An event as `subscribe` tells it."""
    line = {"position": received.position, "commit": received.commit, "type": received.type}
    return {**line, "data": received.plain()}
