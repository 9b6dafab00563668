"""Checking that a ledger is whole, from its own bytes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli import faults
from interfaces.cli.output import ProgressBar, progress
from interfaces.cli.settings import Settings, with_settings

if TYPE_CHECKING:
    from interfaces.verifying import Checked


@with_settings
def verify(
    settings: Settings,
    archive: Annotated[
        Path | None,
        typer.Argument(metavar="ARCHIVE", help="Check an archive of a log, from itself alone."),
    ] = None,
) -> None:
    """Check chain, index, usage log and views; mend nothing."""
    from interfaces import verifying

    whole = True
    parts = (
        verifying.verify(settings.folder, _bar)
        if archive is None
        else verifying.verify_archive(archive, _bar)
    )
    for found in parts:
        whole = whole and found.error is None
        if settings.as_json:
            settings.output.object(_row(found))
        else:
            settings.output.text(_line(_row(found)))
    if not settings.as_json:
        settings.output.text("verify: ok" if whole else "verify: damaged")
    if not whole:
        raise typer.Exit(faults.DAMAGED)


def _bar(part: str) -> AbstractContextManager[ProgressBar]:
    return progress(f"verifying {part}", None)


def _row(found: Checked) -> dict[str, Any]:
    if found.error is None:
        return {"part": found.part, "result": "ok", **found.told}
    error = found.error
    wrong = {"error": error.code, "message": error.message, "hint": error.hint}
    return {"part": found.part, "result": "damaged", **wrong}


def _line(row: dict[str, Any]) -> str:
    if row["result"] == "damaged":
        return f"{row['part']}: damaged, {row['error']}: {row['message']} {row['hint']}"
    counts = [f"{value:,} {name}" for name, value in row.items() if isinstance(value, int)]
    told = [row["note"]] if "note" in row else []
    return f"{row['part']}: ok, {', '.join([*told, *counts])}".replace("_", " ")
