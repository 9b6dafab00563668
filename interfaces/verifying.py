"""The whole check of a ledger folder, part by part; nothing is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from interfaces.workspace import Workspace
from ledger.errors import DamagedError
from ledger.folder import read_folder

if TYPE_CHECKING:
    from ledger.log.verify import ChainReport

Reach = Callable[[int], None]
"""Told how far a part is."""


class Watched(Protocol):
    """Who watches a part being checked."""

    def reach(self, done: int) -> None:
        """The check is so far."""


Watch = Callable[[str], AbstractContextManager[Watched]]
"""Opens the eyes of who watches a part."""


class Checked(NamedTuple):
    """One part: what was counted in it, or what is wrong with it."""

    part: str
    told: dict[str, Any]
    error: DamagedError | None = None


def verify(path: Path, watch: Watch) -> Iterator[Checked]:
    """Check chain, usage log and views of the ledger at ``path``; one answer a part.

    The other parts rest on the chain: they are checked only when that is whole.
    """
    with Workspace(path) as workspace:
        place, _ = workspace.place
        chain = _checked("chain", watch, lambda reach: _chain(place, reach))
        yield chain
        if chain.error is not None:
            return
        yield _checked("usage", watch, lambda reach: _usage(workspace, reach))
        yield _checked("views", watch, lambda reach: _views(workspace, reach))


def verify_archive(file: Path, watch: Watch) -> Iterator[Checked]:
    """Check an archive of a log, from its own bytes."""
    from ledger.moving.archive import verify_archive as checked

    def check(reach: Reach) -> dict[str, Any]:
        found = checked(file, lambda head: reach(head.position))
        usage = {"usage_decisions": found.usage_decisions, "usage_rows": found.usage_rows}
        return _told(found.chain) | (usage if found.usage_decisions else {})

    yield _checked("archive", watch, check)


def _checked(part: str, watch: Watch, check: Callable[[Reach], dict[str, Any]]) -> Checked:
    try:
        with watch(part) as watched:
            return Checked(part, check(watched.reach))
    except DamagedError as error:
        return Checked(part, {}, error)


def _chain(path: Path, reach: Reach) -> dict[str, Any]:
    from ledger.log.verify import verify_chain

    return _told(verify_chain(read_folder(path.resolve()), lambda head: reach(head.position)))


def _told(found: ChainReport) -> dict[str, Any]:
    told: dict[str, Any] = {"commits": found.commits, "events": found.events}
    if found.unknown_types:
        told["unknown_types"] = list(found.unknown_types)
    return {**told, "head_hash": found.head.hash.hex()}


def _usage(workspace: Workspace, reach: Reach) -> dict[str, Any]:
    from ledger.usage.verify import verify_usage

    picture = workspace.usage_reports.picture()
    found = verify_usage(workspace.usage_log, picture, reach)
    uncounted = "uncounted_records" if workspace.usage_log.shared else "uncounted_rows"
    return {"decisions": found.decisions, "rows": found.rows, uncounted: found.uncounted}


def _views(workspace: Workspace, reach: Reach) -> dict[str, Any]:
    from projections.verify import verify_views

    path = workspace.ledger.folder.views
    if not path.exists():
        return {"rows": 0, "note": "not made yet"}
    rows, position = verify_views(workspace.source, path, reach)
    return {"rows": rows, "position": position}
