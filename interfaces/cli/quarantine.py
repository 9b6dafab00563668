"""Records of Kafka that could not be read: listed, shown, and tried again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings
from schemas.time import iso

if TYPE_CHECKING:
    from ledger.cluster.quarantine import Kept, Quarantine

app = typer.Typer(rich_markup_mode=None)

FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="The quarantine of a subscriber (else that of the node).",
        show_default=False,
    ),
]
NumberArgument = Annotated[int, typer.Argument(min=1, metavar="ID", help="As the list says.")]
_COLUMNS = ("id", "kept_at", "reader", "topic", "offset", "reason", "bytes")


@app.command("list")
@with_settings
def list_(settings: Settings, *, file: FileOption = None) -> None:
    """List what could not be read: where it lay and why, never what it holds."""
    quarantine = _quarantine(settings, file)
    rows, after = [], 0
    while page := quarantine.records(after):
        rows += [_row(kept) for kept in page]
        after = page[-1].id
    room = quarantine.room()
    settings.output.rows(_COLUMNS, rows, empty="Nothing is in quarantine.")
    if room.left_out:
        settings.output.note(f"{room.left_out} more found no room and were counted only.")


@app.command("show")
@with_settings
def show(settings: Settings, number: NumberArgument, *, file: FileOption = None) -> None:
    """Show one record with its headers and bytes, which may hold anything."""
    kept = _quarantine(settings, file).record(number)
    record = kept.record
    settings.output.record(
        {
            **_row(kept),
            "partition": record.partition,
            "detail": record.detail,
            "key": _readable(record.key),
            "headers": [f"{name}: {_readable(text)}" for name, text in record.headers],
            "value": _readable(record.value),
        }
    )


@app.command("redrive")
@with_settings
def redrive(
    settings: Settings,
    number: Annotated[
        int | None,
        typer.Argument(min=1, metavar="ID", help="One record (else all).", show_default=False),
    ] = None,
    *,
    drop: Annotated[
        bool, typer.Option("--drop", help="Let the record go, read or not.", show_default=False)
    ] = False,
    file: FileOption = None,
) -> None:
    """Read again what could not be read: events that now can be are told as `subscribe` tells them.

    What was read leaves the quarantine; the rest stays.
    """
    from consumers.redriving import redriven
    from interfaces.cli.relay import told
    from ledger.errors import BadInputError

    quarantine = _quarantine(settings, file)
    if drop and number is None:
        raise BadInputError(
            "--drop lets one record go, and none was named.",
            hint="Name it by its ID.",
            code="wrong_use",
        )
    kept = [quarantine.record(number)] if number else _all(quarantine)
    left = 0
    for one in kept:
        received = redriven(one.record)
        if received is not None:
            settings.output.object(told(received))
        if received is not None or drop:
            quarantine.release(one.id)
        else:
            left += 1
    settings.output.note(f"{len(kept) - left} left the quarantine, {left} stay.")


def _quarantine(settings: Settings, file: Path | None) -> Quarantine:
    from ledger.clock import SystemClock
    from ledger.cluster.quarantine import Quarantine
    from ledger.folder import read_folder

    at = file or read_folder(settings.folder).quarantine
    return Quarantine(at, SystemClock().now_us)


def _all(quarantine: Quarantine) -> list[Kept]:
    found: list[Kept] = []
    while page := quarantine.records(found[-1].id if found else 0):
        found += page
    return found


def _row(kept: Kept) -> dict[str, Any]:
    record = kept.record
    return {
        "id": kept.id,
        "kept_at": iso(kept.kept_us),
        "reader": record.reader,
        "topic": record.topic,
        "offset": record.offset,
        "reason": record.reason,
        "bytes": len(record.value or b""),
    }


def _readable(data: bytes | None) -> str | None:
    """Bytes as text where they are text, else as hexadecimal digits."""
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"0x{data.hex()}"
