"""Making again what follows from the logs: the index, the views, the analytics."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from interfaces.cli.output import progress
from interfaces.cli.settings import Settings, with_settings


class Part(StrEnum):
    """What can be made again."""

    INDEX = "index"
    USAGE = "usage"
    VIEWS = "views"
    ANALYTICS = "analytics"


@with_settings
def rebuild(
    settings: Settings,
    only: Annotated[
        list[Part] | None, typer.Option(help="Only this part. May be repeated.", show_default=False)
    ] = None,
) -> None:
    """Make index, views and analytics again from the logs; on a node its copy of usage, too."""
    from interfaces import rebuilding

    wanted = only or list(Part)
    with settings.workspace() as workspace:
        head = workspace.ledger.head.position
        for part in (part for part in Part if part in wanted):
            with progress(f"rebuilding {part}", head) as bar:
                position = getattr(rebuilding, part.value)(workspace, bar.reach)
            if position is not None:
                settings.output.record({"rebuilt": part.value, "position": position})
