"""Moving a ledger from house to house: between a folder and Kafka, and through an archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli.output import progress
from interfaces.cli.settings import Settings, with_settings

if TYPE_CHECKING:
    from interfaces.moving import House
    from ledger.log.chain import Head
    from ledger.moving.copying import Origin

_HOUSE = "A folder, or kafka://HOST:PORT/PREFIX."


@with_settings
def copy(
    settings: Settings,
    src: Annotated[str, typer.Argument(metavar="SRC", help=_HOUSE)],
    dst: Annotated[str, typer.Argument(metavar="DST", help=f"{_HOUSE} New, or an earlier copy.")],
) -> None:
    """Copy a ledger into another house: same positions, same hashes; repeated, it goes on."""
    from interfaces.moving import house, origin

    with origin(src) as found:
        _copy(settings, house(dst), found, found.keys, found.usage)


@with_settings
def export_log(
    settings: Settings, file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]
) -> None:
    """Write the whole log to an archive that can be checked, and imported, anywhere; no keys."""
    from interfaces.moving import origin
    from ledger.moving.archive import write_archive

    with origin(settings.named) as found, progress("writing", found.head().position) as bar:
        made = write_archive(file, found, lambda head: bar.reach(head.position))
    told = {"file": str(file), "ledger": made.ledger, "position": made.position}
    settings.output.record({**told, "head_hash": made.head_hash, "bytes": file.stat().st_size})


@with_settings
def import_log(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive of a log.")],
    dst: Annotated[str, typer.Argument(metavar="DST", help=f"{_HOUSE} New, or begun before.")],
    *,
    keys: Annotated[
        Path, typer.Option(metavar="FILE", help="The ledger's keys.db, which no archive holds.")
    ],
) -> None:
    """Check an archive, then build the ledger again from it: same positions, same hashes."""
    from interfaces.moving import house
    from ledger.moving.archive import Archive, verify_archive

    archive = Archive(file)
    with progress("verifying", archive.head().position) as bar:
        verify_archive(file, lambda head: bar.reach(head.position))
    _copy(settings, house(dst), archive, keys)


def _copy(
    settings: Settings, to: House, origin: Origin, keys: Path, usage: Path | None = None
) -> None:
    from ledger.app import Ledger
    from ledger.moving.copying import copy_into

    with progress("copying", origin.head().position) as bar:

        def reached(head: Head) -> None:
            bar.reach(head.position)

        done = copy_into(to.folder, to.log, origin, keys, reached, usage=usage)
    with Ledger.open(to.folder) as ledger:  # it is whole, and its keys are its own
        told = {"ledger": ledger.folder.ledger, "folder": str(to.folder)}
    told |= {"log": to.log} if to.log else {}
    settings.output.record(
        {
            **told,
            "commits": done.commits,
            "position": done.head.position,
            "head_hash": done.head.hash.hex(),
        }
    )
