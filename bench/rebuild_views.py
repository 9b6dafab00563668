"""Rebuilding all views from the log, beside the library's ``ProjectionRunner`` on a like view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import estate
from bench.blocks import Pace, Plan, alternate, pace
from bench.library_view import LibraryProjection
from bench.table import Row, at_least, compared
from interfaces.workspace import Workspace
from projections.runner import rebuild_file


def measure(plan: Plan) -> Iterator[Row]:
    """Every event of an estate: read, judged, folded, written, indexed, put in place."""
    rounds, decisions = plan.pick(1, 5), plan.pick(100, 100_000)
    folder = plan.new_folder("rebuild")
    estate.build(folder / "ledger", estate.Size(decisions))
    library = LibraryProjection(folder / "library", plan.pick(25, 2000))
    with Workspace(folder / "ledger") as workspace:
        found = alternate(rounds, lambda: _rebuild(workspace, folder), library.block)
    yield at_least(f"rebuild all views, {decisions:,} events", "events/s", found.ours, 100_000)
    yield compared("rebuild all views", "events/s", found, "ProjectionRunner, SQLite view", 30)


def _rebuild(workspace: Workspace, folder: Path) -> Pace:
    path, events = folder / "views.db", workspace.ledger.head.position
    path.unlink(missing_ok=True)
    return pace(events, lambda: rebuild_file(workspace.source, path))
