"""What the ledger knows of customer usage attribution beside its facts (domain.md §6.4)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from schemas.time import to_us


class Rules(NamedTuple):
    """``cua.toml``."""

    automatic_from: date
    back_filled_from: date
    automatic_kinds: frozenset[str]
    guid_kinds: frozenset[str]
    under_reported: tuple[str, ...]
    association: Mapping[str, str]

    @property
    def automatic_from_us(self) -> int:
        """Since when the marketplace adds tracking ids by itself, in microseconds UTC."""
        return _midnight_us(self.automatic_from)

    @property
    def back_filled_from_us(self) -> int:
        """The earliest deployment that was back-filled then, in microseconds UTC."""
        return _midnight_us(self.back_filled_from)

    def is_under_reported(self, scope: str) -> bool:
        """Whether Azure is known to report less usage of this resource than there is."""
        return any(part.lower() in scope.lower() for part in self.under_reported)


@cache
def rules() -> Rules:
    """The rules as the source states them."""
    found = tomllib.loads(files("ledger.rules").joinpath("cua.toml").read_text("utf-8"))
    return Rules(
        found["automatic_from"],
        found["back_filled_from"],
        frozenset(found["automatic_kinds"]),
        frozenset(found["guid_kinds"]),
        tuple(found["under_reported"]),
        found["association"],
    )


def _midnight_us(day: date) -> int:
    return to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
