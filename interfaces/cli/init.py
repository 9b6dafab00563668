"""Making a new ledger."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.settings import Settings, with_settings
from interfaces.moments import instant_us


class ClockKind(StrEnum):
    """Where the instants of a ledger come from, for its whole life."""

    REAL = "real"
    TOLD = "told"


@with_settings
def init(
    settings: Settings,
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="PATH", help="A new or empty folder, or kafka://... (else as --ledger says)."
        ),
    ] = None,
    clock: Annotated[
        ClockKind, typer.Option(help="real: this machine's; told: every command says when.")
    ] = ClockKind.REAL,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="The birth of a ledger whose clock is told.", show_default=False
        ),
    ] = None,
    operator: Annotated[
        str, typer.Option(help="The first actor, who grants the first roles.")
    ] = "operator",
) -> None:
    """Make a ledger in a new or empty folder, or on the topics of a Kafka cluster."""
    from ledger.app import Ledger

    at_us = None if at is None else instant_us(at, "--at")
    meant = settings._replace(named=path) if path else settings
    with Ledger.create(
        meant.folder, clock_kind=clock.value, operator=operator, at_us=at_us, log=meant.log
    ) as ledger:
        made = {
            "ledger": ledger.folder.ledger,
            "folder": str(meant.folder),
            **({"log": meant.log} if meant.log else {}),
            "clock": clock.value,
            "operator": operator,
            "position": ledger.head.position,
        }
    settings.output.record(made)
    settings.output.note(f"Next: attribution submit FILE --ledger {meant.log or meant.named}")
