"""Each part of a ledger that follows from its logs, made again from position 1."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from interfaces.workspace import Workspace
from ledger.usage.opening import open_usage_log

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


def usage(workspace: Workspace, reach: Reach) -> int | None:
    """On a node, make its replica of the usage that counts again from the topic.

    None in a folder of its own, where usage.db is the log itself.
    """
    if not workspace.usage_log.shared:
        return None
    from ledger.usage.chain_decisions import decided
    from ledger.usage.replica import forget

    head = workspace.ledger.head.position
    forget(workspace.ledger.folder.usage)
    with closing(open_usage_log(workspace.ledger.folder)) as log:
        log.hold(decided(workspace.reader, upto=head))
    reach(head)
    return head


def views(workspace: Workspace, reach: Reach) -> int:
    """Make the views again beside the old ones and put them in place whole."""
    from projections.runner import rebuild_file

    path = workspace.ledger.folder.views
    return rebuild_file(
        workspace.source, path, progress=lambda position, _: reach(position)
    ).position


def analytics(workspace: Workspace, reach: Reach) -> int:
    """Make the growth tables again; a ClickHouse folder that can't be opened is thrown away."""
    position = workspace.feed(workspace.open_analytics(anew=True))
    reach(position)
    return position
