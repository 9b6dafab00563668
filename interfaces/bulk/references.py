"""Files that a line names: always beside the file of commands, never outside its folder."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from ledger.errors import BadInputError

_LARGEST_CONTENT = 1 << 20


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
