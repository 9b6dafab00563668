"""Files that a line names: always beside the file of commands, never outside its folder."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from ledger.errors import BadInputError

_LARGEST_CONTENT = 1 << 20
_PROGRAMMES = ("projections.programmes", "projections.incentives")


class BadReferenceError(BadInputError):
    """A file named in a line that is not there, not allowed, or can't be read."""

    code = "bad_reference"


def beside(folder: Path, name: str) -> Path:
    """The file ``name`` in or below ``folder``; raises ``BadReferenceError`` for others."""
    found = (folder / name).resolve()
    if Path(name).is_absolute() or not found.is_relative_to(folder.resolve()):
        raise BadReferenceError(
            f"The file {name!r} lies outside {folder}.",
            hint="Put it beside the file of commands and name it relative to that.",
        )
    if not found.is_file():
        raise BadReferenceError(f"There is no file {name!r} in {folder}.", hint="Check the name.")
    return found


def shipped(programme: str) -> dict[str, Any]:
    """The content of a programme file that ships; raises ``BadReferenceError`` when none does."""
    folders = (files(room).joinpath("data") for room in _PROGRAMMES)
    there = {
        each.name.removesuffix(".toml"): each for folder in folders for each in folder.iterdir()
    }
    if programme not in there:
        raise BadReferenceError(
            f"No programme {programme!r} ships.", hint=f"Choose from {', '.join(sorted(there))}."
        )
    return tomllib.loads(there[programme].read_text("utf-8"))


def content(path: Path) -> dict[str, Any]:
    """What a TOML or JSON file holds; raises ``BadReferenceError`` when it holds no table."""
    if path.stat().st_size > _LARGEST_CONTENT:
        raise BadReferenceError(f"{path} is larger than 1 MiB.", hint="Name the right file.")
    try:
        text = path.read_text("utf-8")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadReferenceError(
            f"{path} can't be read as {'JSON' if path.suffix == '.json' else 'TOML'}: {error}.",
            hint="Mend the file; one ending in .json is read as JSON, any other as TOML.",
        ) from error
    if not isinstance(found, dict):
        raise BadReferenceError(f"{path} holds no object.", hint="Begin the file with {.")
    return found
