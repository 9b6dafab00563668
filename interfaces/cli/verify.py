"""Checking that a ledger is whole, from its own bytes."""

from __future__ import annotations

import typer

from interfaces.cli import faults
from interfaces.cli.output import progress
from interfaces.cli.settings import Settings, with_settings


@with_settings
def verify(settings: Settings) -> None:
    """Check chain, index, usage log and views; mend nothing."""
    from interfaces import verifying

    whole = True
    with progress("verifying", None) as bar:
        for part, told, error in verifying.verify(settings.folder, bar.reach):
            whole = whole and error is None
            wrong = (
                {"error": error.code, "message": error.message, "hint": error.hint} if error else {}
            )
            row = {"part": part, "result": "damaged" if error else "ok", **told, **wrong}
            if settings.as_json:
                settings.output.object(row)
            else:
                settings.output.text(_line(row))
    if not settings.as_json:
        settings.output.text("verify: ok" if whole else "verify: damaged")
    if not whole:
        raise typer.Exit(faults.DAMAGED)


def _line(row: dict[str, object]) -> str:
    if row["result"] == "damaged":
        return f"{row['part']}: damaged, {row['error']}: {row['message']} {row['hint']}"
    shown = [f"{value:,} {name}" for name, value in row.items() if isinstance(value, int)]
    note = f"{row['note']}, " if "note" in row else ""
    return f"{row['part']}: ok, {note}{', '.join(shown)}".replace("_", " ")
