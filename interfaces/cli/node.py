"""Nodes of a ledger on Kafka: folders that follow its log and append to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.settings import Settings, with_settings
from interfaces.cli.topics import PlaceArgument, place_of

app = typer.Typer(rich_markup_mode=None)


@app.command("join")
@with_settings
def join(
    settings: Settings,
    where: PlaceArgument = None,
    *,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The keys.db that nodes of this machine share (else the keys' topic).",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="The node's new folder (else the usual one)."),
    ] = None,
) -> None:
    """Make this machine one more node of a ledger."""
    from interfaces.nodes import node_folder
    from ledger.app import Ledger

    place = place_of(settings, where)
    at = folder or node_folder(place.url)
    with Ledger.join(at, place.url, keys) as ledger:
        told = {
            "ledger": ledger.folder.ledger,
            "folder": str(at),
            "log": place.url,
            "clock": ledger.folder.clock,
            "position": ledger.head.position,
        }
    settings.output.record(told)


@app.command("share-keys")
@with_settings
def share_keys(settings: Settings) -> None:
    """Put the keys of persons, wrapped, into their topic: for nodes on other machines."""
    with settings.workspace() as workspace:
        count = workspace.ledger.share_keys()
    settings.output.record({"put": count})


@app.command("where")
@with_settings
def where_(settings: Settings, where: PlaceArgument = None) -> None:
    """Say which folder is this machine's node of a ledger."""
    from interfaces.nodes import node_folder

    place = place_of(settings, where)
    folder = node_folder(place.url)
    joined = (folder / "ledger.toml").is_file()
    settings.output.record({"log": place.url, "folder": str(folder), "joined": joined})
