"""What a ledger is and how far it has come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from interfaces.cli.settings import Settings, with_settings
from schemas.time import iso

if TYPE_CHECKING:
    from interfaces.workspace import Workspace


@with_settings
def info(settings: Settings) -> None:
    """Show a ledger's id, clock, position, policy, counts and files."""
    with settings.workspace() as workspace:
        told = _told(workspace)
        counts, files = workspace.type_counts(), _files(workspace.ledger.folder.path)
    if settings.as_json:
        settings.output.object({**told, "events": counts, "files": files})
        return
    output = settings.output
    output.record(told)
    output.text()
    events = [{"event": name, "count": count} for name, count in counts.items()]
    output.rows(("event", "count"), events, empty="No events.")
    output.text()
    listed = [{"file": name, "bytes": size} for name, size in files.items()]
    output.rows(("file", "bytes"), listed, empty="No files.")


def _told(workspace: Workspace) -> dict[str, Any]:
    ledger = workspace.ledger
    head = ledger.head
    name = workspace.policy_in_force(head.recorded_at_us)
    policy = workspace.policy(name) if name else None
    return {
        "ledger": ledger.folder.ledger,
        "folder": str(ledger.folder.path),
        "format": ledger.folder.format,
        "clock": ledger.folder.clock,
        "operator": workspace.operator,
        "position": head.position,
        "recorded_at": iso(head.recorded_at_us),
        "head_hash": head.hash.hex(),
        "policy_in_force": name,
        "policy_note": policy.gap_note(head.recorded_at_us) if policy else None,
    }


def _files(folder: Path) -> dict[str, int]:
    """The files of a ledger with their sizes in bytes; a folder is the sum of what lies in it."""
    return {
        path.name: _size(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")
    }


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
