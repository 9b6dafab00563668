"""Refusals: every reason the ledger can give, from one table, with what to do next."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ledger.errors import RefusedError


class Refused(RefusedError):  # noqa: N818  a refusal is an outcome, not a fault
    """A rule said no. ``code`` is a key of ``rules/refusals.toml``; ``values`` fill its sentence.

    ``fields`` are those of a command that it may be about, by the table.

    >>> str(Refused("unknown_reference", what="claim", value="C-9"))
    "There is no claim 'C-9' in this ledger. Check the id, or register it first."
    """

    def __init__(self, code: str, **values: Any) -> None:
        entry = table()[code]
        super().__init__(
            entry["says"].format(**values), hint=entry["next"].format(**values), code=code
        )
        self.values = values
        self.fields: tuple[str, ...] = tuple(entry.get("fields", ()))


@cache
def table() -> dict[str, dict[str, Any]]:
    """Every refusal code with its sentence (``says``), its advice (``next``) and its ``fields``."""
    return tomllib.loads(files("ledger.rules").joinpath("refusals.toml").read_text("utf-8"))
