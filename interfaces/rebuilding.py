"""Each part of a ledger that follows from its logs, made again from position 1."""

from __future__ import annotations

from collections.abc import Callable
from shutil import rmtree

from interfaces.workspace import Workspace

Reach = Callable[[int], None]
"""Told the position reached."""


def index(workspace: Workspace, reach: Reach) -> int:
    """Make the index again, in one transaction; the position it stands at."""
    from ledger.log.writer import rebuild_index

    writer = workspace.ledger.writer
    head = rebuild_index(
        writer.database, writer.journal, writer.index, lambda head: reach(head.position)
    )
    return head.position


def views(workspace: Workspace, reach: Reach) -> int:
    """Make the views again beside the old ones and put them in place whole."""
    from projections.runner import rebuild_file

    path = workspace.ledger.folder.views
    return rebuild_file(
        workspace.source, path, progress=lambda position, _: reach(position)
    ).position


def analytics(workspace: Workspace, reach: Reach) -> int:
    """Make the growth tables again; a ClickHouse folder that can't be opened is thrown away."""
    from projections.growth import store
    from projections.growth.engine import AnalyticsError

    try:
        engine = workspace.open_analytics()
    except AnalyticsError:
        rmtree(workspace.ledger.folder.analytics / "chdb")
        engine = workspace.open_analytics()
    store.drop_tables(engine)
    position = workspace.feed(engine)
    reach(position)
    return position
