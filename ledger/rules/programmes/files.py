"""Programme files: read, checked, and those that ship."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from ledger.errors import BadInputError
from ledger.rules import data_file
from ledger.rules.programmes.programme import Programme, parsed

_HINT = (
    "`attribution programme show modern_work_2023 --toml` writes a programme that is right;"
    " nothing of the file is used until it is mended."
)


class ProgrammeError(BadInputError):
    """A content that does not say a programme; nothing of it is used."""

    code = "bad_programme"


def read(path: Path) -> dict[str, Any]:
    """The content of a programme file that is right.

    Raises ``ProgrammeError`` with line, key, value and what is allowed, for all that is wrong.
    """
    return data_file.read(path, parsed, wrong=ProgrammeError, hint=_HINT)


def programme(text: str, file_name: str) -> Programme:
    """The programme a TOML text says; raises ``ProgrammeError`` as ``read`` does."""
    return parsed(data_file.checked(text, file_name, parsed, wrong=ProgrammeError, hint=_HINT))


def parse(content: dict[str, Any]) -> Programme:
    """The programme that a content says; raises ``ProgrammeError``, which names key and value."""
    try:
        return parsed(content)
    except ValidationError as error:
        first = data_file.wrong_value(error.errors(include_url=False)[0])
        more = error.error_count() - 1
        told = f" {more} more like it." if more else ""
        raise ProgrammeError(f"In the programme, {first}{told}", hint=_HINT) from error


@cache
def names() -> tuple[str, ...]:
    """The ids of the programmes that ship."""
    there = files("ledger.rules.programmes").iterdir()
    return tuple(sorted(one.name[:-5] for one in there if one.name.endswith(".toml")))


def builtin_text(name: str) -> str:
    """The file of a programme that ships; ``BadInputError`` ``unknown_builtin`` for another."""
    if name not in names():
        raise BadInputError(
            f"No programme {name!r} ships.",
            hint=f"Shipped are {', '.join(names())}; or give your own as content.",
            code="unknown_builtin",
        )
    return files("ledger.rules.programmes").joinpath(f"{name}.toml").read_text("utf-8")


def builtin(name: str) -> dict[str, Any]:
    """The content of a programme that ships, as plain JSON."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(tomllib.loads(builtin_text(name))))
    return found


@cache
def shipped(name: str) -> Programme:
    """A programme that ships."""
    return parsed(builtin(name))
