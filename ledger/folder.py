"""The folder of an embedded ledger: what lies in it, and the small file that says what it is."""

from __future__ import annotations

import os
import tomllib
from json import dumps
from pathlib import Path
from typing import Literal, NamedTuple

from ledger.errors import BadInputError, DamagedError

FORMAT = 2
"""The newest layout of a folder: 1 holds its own log, 2 is a node of a log on Kafka."""

_NAME = "ledger.toml"


class Folder(NamedTuple):
    """Where each part of a ledger lies. ``path`` is the folder itself.

    ``log`` is the address of the log that this folder is a node of; empty where the log is its own.
    ``keys_file`` names the keys that nodes share; empty where they lie in the folder.
    """

    path: Path
    ledger: str
    clock: Literal["real", "told"]
    log: str = ""
    keys_file: str = ""

    @property
    def chain(self) -> Path:
        """Commits and their index."""
        return self.path / "chain.db"

    @property
    def usage(self) -> Path:
        """The usage log."""
        return self.path / "usage.db"

    @property
    def keys(self) -> Path:
        """Keys per person; the only file that must be kept secret."""
        return Path(self.keys_file) if self.keys_file else self.path / "keys.db"

    @property
    def format(self) -> int:
        """The version of the layout: an older program must not take a node for a ledger."""
        return 2 if self.log else 1

    @property
    def views(self) -> Path:
        """Current-state views; can be made again."""
        return self.path / "views.db"

    @property
    def quarantine(self) -> Path:
        """Records of Kafka that could not be read; made when the first one comes."""
        return self.path / "quarantine.db"

    @property
    def analytics(self) -> Path:
        """The embedded ClickHouse; can be made again."""
        return self.path / "analytics"


def require_files(*files: Path) -> None:
    """Raise ``DamagedError`` for a file of a ledger that is gone; none is ever begun anew."""
    for file in files:
        if not file.is_file():
            raise DamagedError(
                f"{file} is missing.",
                hint="Restore it from a copy of this ledger; nothing was made in its place.",
                code="file_missing",
            )


def write_folder(folder: Folder) -> None:
    """Write what the folder is, whole or not at all: a folder without it is no ledger yet."""
    told = {"ledger": folder.ledger, "clock": folder.clock}
    told |= {"log": folder.log} if folder.log else {}
    told |= {"keys": folder.keys_file} if folder.keys_file else {}
    lines = [f"format = {folder.format}", *(f"{name} = {dumps(told[name])}" for name in told)]
    text = "".join(f"{line}\n" for line in lines)
    unfinished = folder.path / f".{_NAME}.unfinished"
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder.path / _NAME)
    directory = os.open(folder.path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_folder(path: Path) -> Folder:
    """What the folder at ``path`` is.

    Raises ``BadInputError`` (``no_ledger``) where there is none, ``DamagedError`` where it can't be
    read or is from a newer version.
    """
    file = path / _NAME
    if not file.is_file():
        raise BadInputError(
            f"There is no ledger in {path}.",
            hint=f"Make one with `attribution init {path}`, or name another with --ledger.",
            code="no_ledger",
        )
    try:
        found = tomllib.loads(file.read_text("utf-8"))
        layout = int(found["format"])
        folder = Folder(
            path,
            str(found["ledger"]),
            found["clock"],
            str(found.get("log", "")),
            str(found.get("keys", "")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError(
            f"{file} can't be read: {error}.", hint="Restore it from a copy; nothing was mended."
        ) from error
    if layout > FORMAT:
        raise DamagedError(
            f"{path} was made by a newer version: its format is {layout}, ours {FORMAT}.",
            hint="Upgrade, then repeat.",
            code="newer_version",
        )
    if folder.clock not in ("real", "told"):
        raise DamagedError(
            f"{file} names the clock {folder.clock!r}; it is real or told.",
            hint="Restore the file from a copy.",
        )
    return folder
