"""Programme files of both sorts: those that score partners, and those that say what is earned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger.errors import BadInputError
from ledger.rules import data_file
from ledger.rules.incentive_programmes import files as incentives
from ledger.rules.programmes import files as scores


def names() -> tuple[str, ...]:
    """The ids of every programme that ships."""
    return tuple(sorted((*scores.names(), *incentives.shipped())))


def builtin(name: str) -> dict[str, Any]:
    """The content of a programme that ships; ``BadInputError`` ``unknown_builtin`` for another."""
    _must_ship(name)
    return scores.builtin(name) if name in scores.names() else dict(incentives.shipped()[name])


def text_of(name: str) -> str:
    """The file of a programme that ships, to begin one's own from."""
    _must_ship(name)
    return scores.builtin_text(name) if name in scores.names() else incentives.text_of(name)


def read(path: Path) -> dict[str, Any]:
    """The content of a user's file that is right; what is wrong is named by its line."""
    return incentives.read(path) if says_incentive(path) else scores.read(path)


def says_incentive(path: Path) -> bool:
    """Which sort a file means to be; what can't be read is told by whoever reads it whole."""
    try:
        return incentives.is_one(_content(path))
    except BadInputError:
        return False


def _content(path: Path) -> Mapping[str, Any]:
    return data_file.read(path, lambda _: None, wrong=BadInputError, hint="")


def _must_ship(name: str) -> None:
    if name not in names():
        raise BadInputError(
            f"No programme {name!r} ships.",
            hint=f"Shipped are {', '.join(names())}; or give your own as content.",
            code="unknown_builtin",
        )
